"""A plugin's functions, which may fail: then the message names the plugin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from medt_gen.algebra.terms import Shape
from medt_gen.catalog.entries import LayerType, PluginOrigin
from medt_gen.catalog.errors import ShapeError
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput
from medt_gen.messages.wording import shown


def guarded(layer: LayerType, origin: PluginOrigin) -> LayerType:
    """The layer as one of the plugin, with a clear end for what fails in it.

    What raises anything but ShapeError, or gives something else than is due, is told as
    the plugin's mistake: InvalidInput.
    """

    def checked(name: str, kind: type) -> Callable[..., Any]:
        return _checked(getattr(layer, name), layer.name, name, kind, origin)

    return replace(
        layer,
        plugin=origin,
        shape=checked("shape", Shape),
        holds=checked("holds", tuple),
        parts=checked("parts", tuple),
        part_calls=checked("part_calls", tuple),
        work=checked("work", int),
    )


def _checked(
    function: Callable[..., Any],
    layer: str,
    name: str,
    kind: type,
    origin: PluginOrigin,
) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        try:
            result = function(*arguments)
        except (ShapeError, InvalidInput):
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise _failed(layer, name, f"failed: {reason}", origin) from error
        if not isinstance(result, kind):
            reason = f"gave {type(result).__name__}, and should give {kind.__name__}"
            raise _failed(layer, name, reason, origin)
        return result

    return call


def _failed(layer: str, name: str, reason: str, origin: PluginOrigin) -> InvalidInput:
    return InvalidInput(
        Diagnostic(
            "plugin",
            f"`{name}` of `{layer}`, of {origin.words}, {shown(reason, 300)}",
            help=f"tell those who make {origin.package}",
        )
    )
