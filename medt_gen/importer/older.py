"""Rows as torch printed them long ago -> as torch prints the same layers later on.

What such a row leaves out is assumed, and told. Nothing else is mended here: a row that
torch never prints stays as it is.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from medt_gen.catalog import LAYERS
from medt_gen.catalog.foreign import FOREIGN
from medt_gen.messages.wording import counted
from medt_gen.printouts import Node
from medt_gen.printouts.tree import postorder
from medt_gen.printouts.versions import changes_of


@dataclass(frozen=True)
class Modern:
    """A tree as torch prints it later, and what is assumed for that."""

    tree: Node
    notes: tuple[str, ...]


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
    for change in changes_of(node.type):
        text = change.appended
        if text and text.partition("=")[0] not in line:
            line = f"{line}, {text}"
            left_out = f"`{text}` of {node.type}, which torch before {change.since}"
            counts[f"{left_out} does not print"] += node.count
    return (line,)
