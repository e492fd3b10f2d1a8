"""The spec behind a model that was built: its source is at hand, and says it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from medt_gen.catalog.layers import plugin_layers, plugin_names
from medt_gen.emitter.classes import PARAMETERS
from medt_gen.emitter.stamp import embedded_plugins, embedded_spec, is_ours
from medt_gen.loading.load import load
from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import Diagnostic, Source, UnreadableInput
from medt_gen.messages.wording import either, shown
from medt_gen.resolve.scope import Limits


def spec_in(
    source: Source, overrides: Sequence[str] = (), limits: Limits | None = None
) -> Spec:
    """The spec that an emitted file holds; raises UnreadableInput where there is none.

    `overrides` change it. Nothing in the file is run.
    """
    if not is_ours(source.text):
        raise _unreadable(source, "medt-gen did not write it, and runs no Python")
    try:
        document = embedded_spec(source.text)
    except ValueError as error:
        raise _unreadable(source, str(error)) from None
    _check_plugins(source)
    return load(text=json.dumps(document), overrides=overrides, limits=limits)


def _check_plugins(source: Source) -> None:
    """A file says with which plugins it was emitted; they are used when one asks."""
    used = plugin_names(plugin_layers())
    missing = [name for name in embedded_plugins(source.text) if name not in used]
    if missing:
        named = either([f"`{shown(name)}`" for name in missing], "and")
        options = " ".join(f"--plugin {shown(name)}" for name in missing)
        raise UnreadableInput(
            Diagnostic(
                "plugin",
                f"{shown(source.name)} was emitted with the plugin {named}",
                help=f"name it, as in `{options}`",
            )
        )


def _unreadable(source: Source, reason: str) -> UnreadableInput:
    return UnreadableInput(
        Diagnostic(
            "emitted-file",
            f"{shown(source.name)} tells no spec: {reason}",
            help="give the spec that it was emitted from, or a printout of its model",
        )
    )


def plugins_of(model: object) -> list[str]:
    """The plugins that the spec of a built model was loaded with."""
    module = sys.modules.get(type(model).__module__)
    return embedded_plugins(getattr(module, "__source__", ""))


def spec_document(model: object) -> dict[str, Any]:
    """The composed spec of a model, with the arguments that its class was called with.

    Raises ValueError for a model that medt-gen did not build.
    """
    module = sys.modules.get(type(model).__module__)
    source = getattr(module, "__source__", None)
    if source is None:
        raise ValueError(f"{type(model).__name__} was not built by medt-gen")
    document = embedded_spec(source)
    given = vars(model).get(PARAMETERS)
    if given:
        document["params"] = {**document["params"], **given}
    return document
