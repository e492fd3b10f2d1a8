"""The rows of a printed tree, or of two as one. Nothing recurses: trees are deep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from medt_gen.drawing.marks import State
from medt_gen.explorer.records import TreeRow
from medt_gen.printouts.fingerprint import Fingerprints
from medt_gen.printouts.merged import is_changed, is_equal, merged, reported
from medt_gen.printouts.pairing import Aligned, Unit
from medt_gen.printouts.tree import Node, headline


def tree_rows(tree: Node) -> Iterator[TreeRow]:
    """The rows of one tree, in printed order."""
    return _whole(tree, 0, "")


def merged_rows(left: Node, right: Node, *, exact: bool = False) -> Iterator[TreeRow]:
    """The rows of two trees as one: what only one side has, and what differs, is told.

    Without `exact` what torch versions print differently is no difference.
    """
    prints = Fingerprints(exact=exact)
    prints.add(left)
    prints.add(right)
    stack = [iter([Aligned(Unit(left, -1), Unit(right, -1))])]
    while stack:
        item = next(stack[-1], None)
        if item is None:
            stack.pop()
            continue
        depth = len(stack) - 1
        one, other = reported(item.left, prints), reported(item.right, prints)
        if other is None:
            yield from _whole(one, depth, "removed") if one else ()
        elif one is None:
            yield from _whole(other, depth, "added")
        elif is_equal(item, prints):
            yield from _whole(other, depth, "")
        else:
            yield _pair(one, other, depth, prints)
            stack.append(iter(merged(one, other, prints)))


def _pair(left: Node, right: Node, depth: int, prints: Fingerprints) -> TreeRow:
    if not is_changed(left, right, prints):
        return _row(right, depth, "")
    change = ", ".join(_changes(left, right, prints))
    return replace(_row(right, depth, "changed", headline(left)), change=change)


def _changes(left: Node, right: Node, prints: Fingerprints) -> Iterator[str]:
    """What is new of a row that changed: its name, its class, and its values."""
    if left.name != right.name:
        yield f"{left.name} -> {right.name}"
    if prints.type(left) != prints.type(right):
        yield f"{left.type} -> {right.type}"
    before, after = dict(prints.values(left)), dict(prints.values(right))
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old != new:
            yield f"{name}: {_value(old)} -> {_value(new)}"


def _value(value: str | None) -> str:
    return "nothing" if value is None else value


def _whole(node: Node, depth: int, state: State) -> Iterator[TreeRow]:
    stack = [(node, depth)]
    while stack:
        at, level = stack.pop()
        yield _row(at, level, state)
        stack += [(child, level + 1) for child in reversed(at.children)]


def _row(node: Node, depth: int, state: State, before: str = "") -> TreeRow:
    lines = (line.strip() for line in node.attributes)
    text = ", ".join(line for line in lines if line) + node.behind.rstrip()
    return TreeRow(depth, node.name, node.type, text, node.count, state, before)


def row_paths(rows: tuple[TreeRow, ...]) -> list[str]:
    """The path of each row; of a run that of its first module, "" of the network."""
    paths: list[str] = []
    around: list[str] = []
    for row in rows:
        del around[row.depth :]
        name = row.name.partition("-")[0] if row.count > 1 else row.name
        around.append(name)
        paths.append(".".join(around[1:]))
    return paths
