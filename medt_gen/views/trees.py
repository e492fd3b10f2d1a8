"""Two trees side by side in colour, what is equal folded away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rich.table import Table
from rich.text import Text

from medt_gen.printouts.attributes import values
from medt_gen.printouts.fingerprint import Fingerprints
from medt_gen.printouts.merged import is_changed, is_equal, merged, reported
from medt_gen.printouts.pairing import Aligned
from medt_gen.printouts.tree import INDENT, Node, count_modules, headline, label

RowState = Literal["same", "equal", "changed", "missing", "added"]

DEEPEST_INDENT = 40

_STYLES: dict[RowState, str] = {
    "same": "",
    "equal": "dim",
    "changed": "yellow",
    "missing": "red",
    "added": "green",
}


@dataclass(frozen=True)
class Row:
    """One line of the view; a side without text has nothing there.

    `same` is a module in which something below differs; `equal` stands for rows that
    are equal on both sides.
    """

    state: RowState
    depth: int
    left: Node | str | None
    right: Node | str | None


def aligned(left: Node, right: Node, *, exact: bool = False) -> Iterator[Row]:
    """The rows of a side-by-side view, in printed order."""
    prints = Fingerprints(exact=exact)
    prints.add(left)
    prints.add(right)
    if prints.equal(left) == prints.equal(right):
        yield Row("equal", 0, headline(left), headline(right))
        return
    yield _pair_row(left, right, 0, prints)
    stack = [_rows_below(left, right, 1, prints)]
    while stack:
        row = next(stack[-1], None)
        if row is None:
            stack.pop()
            continue
        yield row
        if isinstance(row.left, Node) and isinstance(row.right, Node):
            stack.append(_rows_below(row.left, row.right, row.depth + 1, prints))


def _rows_below(
    left: Node, right: Node, depth: int, prints: Fingerprints
) -> Iterator[Row]:
    folded = 0
    for item in merged(left, right, prints):
        if is_equal(item, prints):
            folded += 1
            continue
        if folded:
            yield _fold(folded, depth)
            folded = 0
        yield _row(item, depth, prints)
    if folded:
        yield _fold(folded, depth)


def _fold(count: int, depth: int) -> Row:
    text = f"... {count} equal row{'s' if count > 1 else ''}"
    return Row("equal", depth, text, text)


def _row(item: Aligned, depth: int, prints: Fingerprints) -> Row:
    left, right = reported(item.left, prints), reported(item.right, prints)
    if left is None:
        return Row("added", depth, None, right)
    if right is None:
        return Row("missing", depth, left, None)
    return _pair_row(left, right, depth, prints)


def _pair_row(left: Node, right: Node, depth: int, prints: Fingerprints) -> Row:
    changed = is_changed(left, right, prints)
    return Row("changed" if changed else "same", depth, left, right)


def side_by_side(
    left: Node, right: Node, *, left_title: str, right_title: str, exact: bool = False
) -> Table:
    """A rich table: left and right, differing rows in colour."""
    table = Table(expand=True, show_lines=False, pad_edge=False)
    table.add_column(Text(left_title), ratio=1, overflow="fold")
    table.add_column(Text(right_title), ratio=1, overflow="fold")
    for row in aligned(left, right, exact=exact):
        table.add_row(_cell(row, row.left, row.right), _cell(row, row.right, row.left))
    return table


def _cell(row: Row, side: Node | str | None, other: Node | str | None) -> Text:
    style = _STYLES[row.state]
    text = Text(INDENT * min(row.depth, DEEPEST_INDENT), style=style)
    if isinstance(side, Node):
        against = other if isinstance(other, Node) else None
        text.append(_row_text(side, against, row.state))
    elif side is not None:
        text.append(side)
    return text


def _row_text(node: Node, other: Node | None, state: RowState) -> Text:
    """The row, what differs from the other side's row in bold; opaque text as it is."""
    if not node.type:
        return Text(headline(node))
    text = Text(label(node))
    changed = other is not None and state == "changed"
    differs = changed and other is not None and other.type != node.type
    text.append(node.type, style="bold" if differs else "")
    text.append("(")
    known = values(other.type, other.attributes) if other else ()
    for i, (key, value) in enumerate(values(node.type, node.attributes)):
        lead = "" if key.startswith("[") else f"{key}="
        bold = changed and (key, value) not in known
        text.append(", " if i else "")
        text.append(lead + value, style="bold reverse" if bold else "")
    text.append(")")
    if node.children and other is None:
        text.append(f" + {count_modules(node) - node.count} modules")
    return text
