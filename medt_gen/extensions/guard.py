"""A plugin's functions, which may fail: then the message names the plugin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from medt_gen.algebra.terms import Shape, Term
from medt_gen.catalog.entries import (
    HeldTensor,
    LayerType,
    Part,
    PartCall,
    PluginOrigin,
)
from medt_gen.catalog.errors import ShapeError
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput
from medt_gen.messages.wording import shown


@dataclass(frozen=True)
class _Due:
    """What a function has to give: in words, and whether a result is that."""

    words: str
    holds: Callable[[Any], bool]


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_shape(value: Any) -> bool:
    if not isinstance(value, Shape) or not isinstance(value.size, tuple):
        return False
    terms = (value.channels, *value.size)
    return all(isinstance(term, Term) and _is_size(term.value) for term in terms)


def _is_held(value: Any) -> bool:
    return isinstance(value, tuple) and all(
        isinstance(item, HeldTensor)
        and isinstance(item.shape, tuple)
        and all(map(_is_size, item.shape))
        for item in value
    )


def _is_work(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _tuple_of(kind: type) -> _Due:
    def holds(value: Any) -> bool:
        return isinstance(value, tuple) and all(isinstance(x, kind) for x in value)

    return _Due(f"a tuple of {kind.__name__}", holds)


_SHAPE = _Due("a Shape of terms that are 1 or more", _is_shape)
_HOLDS = _Due("a tuple of HeldTensor, each axis 1 or more", _is_held)
_WORK = _Due("a count", _is_work)


def guarded(layer: LayerType, origin: PluginOrigin) -> LayerType:
    """The layer as one of the plugin, with a clear end for what fails in it.

    What raises anything but ShapeError, or gives something else than is due, is told as
    the plugin's mistake: InvalidInput.
    """

    def checked(name: str, due: _Due) -> Callable[..., Any]:
        return _checked(getattr(layer, name), layer.name, name, due, origin)

    return replace(
        layer,
        plugin=origin,
        shape=checked("shape", _SHAPE),
        holds=checked("holds", _HOLDS),
        parts=checked("parts", _tuple_of(Part)),
        part_calls=checked("part_calls", _tuple_of(PartCall)),
        work=checked("work", _WORK),
    )


def _checked(
    function: Callable[..., Any],
    layer: str,
    name: str,
    due: _Due,
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
        if not due.holds(result):
            reason = f"gave {result!r}, and should give {due.words}"
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
