"""Rows as torch printed them long ago -> as torch prints the same layers later on.

What such a row leaves out is assumed, and told. Nothing else is mended here: a row that
torch never prints stays as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from medt_gen.catalog import LAYERS
from medt_gen.catalog.foreign import FOREIGN
from medt_gen.messages.wording import counted
from medt_gen.printouts import Node
from medt_gen.printouts.tree import postorder


@dataclass(frozen=True)
class Modern:
    """A tree as torch prints it later, and what is assumed for that."""

    tree: Node
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _LeftOut:
    """Text that torch left out at the end, and since which version it is printed."""

    name: str
    text: str
    since: str


_LEFT_OUT = {
    **dict.fromkeys(("Linear", "Bilinear"), _LeftOut("bias", "bias=True", "0.4.1")),
    **dict.fromkeys(
        ("Dropout", "Dropout2d", "Dropout3d", "AlphaDropout"),
        _LeftOut("inplace", "inplace=False", "1.2"),
    ),
    **dict.fromkeys(
        ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d"),
        _LeftOut("track_running_stats", "track_running_stats=True", "0.4.0"),
    ),
}
_SIZE = re.compile(r"torch\.Size\(\[([\d, ]*)\]\)")
_LIST = re.compile(r"=\[([^\[\]()]*)\]")


def modern(root: Node) -> Modern:
    """The tree with the rows of old versions of torch as later ones print them."""
    counts: Counter[str] = Counter()
    done: dict[int, Node] = {}
    for node in postorder(root):
        children = tuple(done[id(child)] for child in node.children)
        lines = _modern_lines(node, counts)
        same = lines == node.attributes and children == node.children
        changed = replace(node, attributes=lines, children=children)
        done[id(node)] = node if same else changed
    notes = (
        f"assumed: {text} ({counted(count, 'row')})" for text, count in counts.items()
    )
    return Modern(done[id(root)], tuple(notes))


def _modern_lines(node: Node, counts: Counter[str]) -> tuple[str, ...]:
    layer = LAYERS.get(node.type) or FOREIGN.get(node.type)
    if layer is None or layer.keeps_text or len(node.attributes) != 1:
        return node.attributes
    (line,) = node.attributes
    line = _LIST.sub(lambda found: f"={_tuple(found)}", _SIZE.sub(_tuple, line))
    left_out = _LEFT_OUT.get(node.type)
    if left_out is not None and left_out.name not in line:
        line = f"{line}, {left_out.text}"
        counts[
            f"`{left_out.text}` of {node.type}, which torch before {left_out.since} "
            "does not print"
        ] += node.count
    return (line,)


def _tuple(found: re.Match[str]) -> str:
    """What stands between brackets as Python writes it as a tuple."""
    inner = found[1].strip().rstrip(",")
    return f"({inner},)" if inner and "," not in inner else f"({inner})"
