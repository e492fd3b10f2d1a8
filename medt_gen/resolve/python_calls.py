"""A module that is written as a call in Python, as the spec would have it."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable
from typing import Any

from medt_gen.catalog import LAYERS
from medt_gen.catalog.entries import LayerType

# Longer ones are no slip, and deep ones take the parser long.
_LONGEST = 300


_EXAMPLE = "write `{type: Conv2d, out_channels: 16, kernel_size: 3}`"


def written_call(text: str) -> str:
    """Help: `Conv2d(3, 16, 3)` as the mapping that it stands for.

    What follows from the input is left out. Of what can't be read, an example.
    """
    call = _call(text)
    if call is None:
        return _EXAMPLE
    name = _name(call.func)
    layer = LAYERS.get(name)
    given = None if layer is None else _given(call, layer)
    if given is None:
        return (
            f"write `{{type: {name}, ...}}`, with arguments by name"
            if name
            else _EXAMPLE
        )
    if not given:
        return f"write `{name}`"
    pairs = [("type", name), *given]
    return "write `{" + ", ".join(f"{key}: {_yaml(x)}" for key, x in pairs) + "}`"


def _call(text: str) -> ast.Call | None:
    if len(text) > _LONGEST:
        return None
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree.body if isinstance(tree.body, ast.Call) else None


def _name(function: ast.expr) -> str:
    """The last part of `torch.nn.Conv2d`."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _given(call: ast.Call, layer: LayerType) -> list[tuple[str, Any]] | None:
    """The arguments by name, without those that are inferred."""
    keywords = [(item.arg or "", item.value) for item in call.keywords]
    named = [*zip(layer.names, call.args, strict=False), *keywords]
    if len(call.args) > len(layer.names) or not _all_known(named, layer):
        return None
    found = []
    for name, value in named:
        if layer.argument(name).inferred:
            continue
        try:
            found.append((name, ast.literal_eval(value)))
        except ValueError:
            return None
    return found


def _all_known(named: Iterable[tuple[str, ast.expr]], layer: LayerType) -> bool:
    return all(name in layer.names for name, _ in named)


def _yaml(value: Any) -> str:
    if isinstance(value, tuple):
        return _yaml(list(value))
    return value if isinstance(value, str) else json.dumps(value, default=str)
