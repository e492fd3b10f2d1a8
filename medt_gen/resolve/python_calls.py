"""A module that is written as a call in Python, as the spec would have it."""

from __future__ import annotations

import json

from medt_gen.catalog import LAYERS
from medt_gen.catalog.entries import LayerType
from medt_gen.spec.python_text import CallText, plain_data, read_code

_EXAMPLE = "write `{type: Conv2d, out_channels: 16, kernel_size: 3}`"


def written_call(text: str) -> str:
    """Help: `Conv2d(3, 16, 3)` as the mapping that it stands for.

    What follows from the input is left out. Of what can't be read, an example.
    """
    call = read_code(text)
    if not isinstance(call, CallText):
        return _EXAMPLE
    name = call.last_name
    layer = LAYERS.get(name)
    given = None if layer is None else _given(call, layer)
    if given is None:
        return f"write `{{type: {name}, ...}}`, with its arguments by name"
    if not given:
        return f"write `{name}`"
    pairs = {"type": name, **given}
    return (
        "write `{" + ", ".join(f"{key}: {_yaml(x)}" for key, x in pairs.items()) + "}`"
    )


def _given(call: CallText, layer: LayerType) -> dict[str, object] | None:
    """The arguments by name, without those that are inferred; None where one is not."""
    if len(call.arguments) > len(layer.names):
        return None
    named = [*zip(layer.names, call.arguments, strict=False), *call.keywords]
    found: dict[str, object] = {}
    for name, code in named:
        if name not in layer.names:
            return None
        if layer.argument(name).inferred:
            continue
        try:
            found[name] = plain_data(code)
        except ValueError:
            return None
    return found


def _yaml(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
