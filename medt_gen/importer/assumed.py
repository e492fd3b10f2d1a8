"""What no printout shows of a layer, and is assumed where a spec is read back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from medt_gen.algebra.terms import Datum, as_data
from medt_gen.catalog import LAYERS
from medt_gen.importer.modules import PrintedModule, WrittenAs
from medt_gen.messages.wording import either

Given = Mapping[str, Datum]


def unprinted(module: PrintedModule) -> str | None:
    """What is assumed of a layer, in words; None where nothing matters.

    An argument that no printout shows has its default, and that is told where another
    value would compute something else.
    """
    layer = LAYERS.get(module.type)
    if layer is None or module.written_as is not WrittenAs.LEAF:
        return None
    if not layer.tells_own:
        return _HEADS
    if layer.whole is not None:
        # Its parts tell, or a comment of its own says so.
        return None
    printed = {field.argument for field in layer.prints}
    open_ones = [
        argument
        for argument in layer.arguments
        if argument.optional
        and argument.name not in printed
        and _MATTERS.get(argument.name, _always)(module.arguments)
    ]
    if not open_ones:
        return None
    texts = [
        f"`{item.name}: {_yaml(as_data(item.default_value))}`" for item in open_ones
    ]
    return f"assumed: {either(texts, 'and')}; no printout shows it"


_HEADS = (
    "assumed: heads of 64 features each where these divide, and else one; no printout "
    "shows heads, dropout or batch_first"
)


def _yaml(value: Datum) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _always(given: Given) -> bool:
    return True


def _never(given: Given) -> bool:
    return False


def _interpolates(given: Given) -> bool:
    return given.get("mode", "nearest") != "nearest"


def _leaves_rests(given: Given) -> bool:
    """Whether windows may leave something over at the end of an axis."""
    stride = given.get("stride", given.get("kernel_size", 1))
    steps = stride if isinstance(stride, list) else [stride]
    return any(step != 1 for step in steps)


def _pads(given: Given) -> bool:
    """Whether a window may reach over the edge."""
    padding = given.get("padding", 0)
    edges = padding if isinstance(padding, list) else [padding]
    return (
        any(edge != 0 for edge in edges) or given.get("ceil_mode", False) is not False
    )


_MATTERS: Mapping[str, Callable[[Given], bool]] = {
    "align_corners": _interpolates,
    "ceil_mode": _leaves_rests,
    "count_include_pad": _pads,
    # How it starts and how it learns, and not what it computes.
    "init": _never,
    "sparse": _never,
}
