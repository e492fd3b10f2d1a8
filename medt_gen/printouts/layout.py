"""Read a printout by its layout: one row a line, two columns a level.

The layout decides everything, so nothing is guessed: a row of a module at depth `d`
is indented by `2 d`, its closing parenthesis stands alone under its first character,
and every other line inside is the module's own text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from medt_gen.printouts.grammar import (
    COUNT,
    TYPE,
    Broken,
    Opened,
    describe,
    opened_path,
    run_fault,
)
from medt_gen.printouts.tree import INDENT, Node

_OPEN_ROW = re.compile(rf"\((.+)\): {COUNT}({TYPE})\(", re.DOTALL)
_WHOLE_ROW = re.compile(rf"\((.+?)\): {COUNT}({TYPE})\((.*)\)", re.DOTALL)
_OPEN_ROOT = re.compile(rf"({TYPE})\(")
_WHOLE_ROOT = re.compile(rf"({TYPE})\((.*)\)", re.DOTALL)
_OTHER_ROW = re.compile(r"\((.+?)\): (.*)", re.DOTALL)


@dataclass(slots=True)
class _Open:
    """A module whose closing parenthesis has not come yet.

    `items` holds its children and, as line numbers, its lines of text.
    """

    name: str
    type: str
    count: int
    line: int
    outer: str
    inner: str
    items: list[Node | int] = field(default_factory=list)


@dataclass(slots=True)
class _Text:
    """Lines of text among the children; the first may have a key of its own."""

    name: str
    number: int
    lines: list[str]


def read_layout(lines: Iterable[str]) -> tuple[Node, int, str]:
    """Read one printout from its first line on, its root at column 0.

    Returns:
        The tree, how many lines it took, and what followed the last parenthesis.

    Raises:
        Broken: with a line number and column.
    """
    return _Reader().read(iter(lines))


class _Reader:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.stack: list[_Open] = []

    def read(self, lines: Iterable[str]) -> tuple[Node, int, str]:
        for number, line in enumerate(lines):
            self.lines.append(line)
            if number == 0:
                leaf = self._root(line)
                if leaf is not None:
                    return leaf, 1, ""
                continue
            root = self._line(number, line)
            if root is not None:
                return root, number + 1, line[1:]
        raise self._cut_off()

    def _root(self, line: str) -> Node | None:
        """Open the root, or return it where one line is all of it."""
        if match := _OPEN_ROOT.fullmatch(line):
            self.stack.append(_Open("", match[1], 1, 0, "", INDENT))
            return None
        if match := _WHOLE_ROOT.fullmatch(line):
            return Node("", match[1], (match[2],) if match[2] else ())
        raise Broken("printout-none", "no module starts here", 0)

    def _line(self, number: int, line: str) -> Node | None:
        """Take one line; return the root when it closes it."""
        while True:
            top = self.stack[-1]
            if line.startswith(top.inner):
                self._row(number, line, top)
                return None
            if line == top.outer + ")" or (not top.outer and line[:1] == ")"):
                return self._close()
            if not line.strip():
                top.items.append(number)
                return None
            self._leave(number, line, top)

    def _row(self, number: int, line: str, top: _Open) -> None:
        inner = top.inner
        start = len(inner)
        if line.endswith(")") and (match := _WHOLE_ROW.fullmatch(line, start)):
            name, count, kind, text = match.groups()
            self._check_run(number, start, name, count)
            attributes = (text,) if text else ()
            top.items.append(Node(name, kind, attributes, (), int(count or 1)))
        elif line.endswith("(") and (match := _OPEN_ROW.fullmatch(line, start)):
            name, count, kind = match.groups()
            self._check_run(number, start, name, count)
            opened = _Open(name, kind, int(count or 1), number, inner, inner + INDENT)
            self.stack.append(opened)
        else:
            top.items.append(number)

    def _check_run(self, line: int, column: int, name: str, count: str | None) -> None:
        if fault := run_fault(name, count):
            raise Broken(
                "printout-run", fault, line, column=column, opened=self._opened()
            )

    def _close(self) -> Node | None:
        top = self.stack.pop()
        attributes, children = self._sorted(top)
        short = not children and len(attributes) < 2
        node = Node(top.name, top.type, attributes, children, top.count, short)
        if not self.stack:
            return node
        self.stack[-1].items.append(node)
        return None

    def _sorted(self, top: _Open) -> tuple[tuple[str, ...], tuple[Node, ...]]:
        """Own lines first, then children; text between children is opaque rows."""
        attributes: list[str] = []
        rows: list[Node | _Text] = []
        for item in top.items:
            if isinstance(item, Node):
                rows.append(item)
                continue
            text = self._text(item, top.inner)
            if keyed := _OTHER_ROW.fullmatch(text):
                rows.append(_Text(keyed[1], item, [keyed[2]]))
            elif not rows:
                attributes.append(text)
            else:
                _add_text(rows, item, text)
        return tuple(attributes), tuple(self._as_node(row, top) for row in rows)

    def _text(self, number: int, inner: str) -> str:
        line = self.lines[number]
        return line[len(inner) :] if line.strip() else line

    def _as_node(self, row: Node | _Text, top: _Open) -> Node:
        """A row that starts like a module and never ends was cut, not overridden."""
        if isinstance(row, Node):
            return row
        if row.name and _OPEN_ROOT.match(row.lines[0]) and not _closed(row.lines):
            raise Broken(
                "printout-cut-off",
                f"the row of `{row.name}` is cut off: a closing parenthesis is missing",
                row.number,
                column=len(self.lines[row.number]),
                opened=_opened([*self.stack, top]),
            )
        return Node(row.name, "", tuple(row.lines))

    def _leave(self, number: int, line: str, top: _Open) -> None:
        """A line that belongs further out came before the closing parenthesis.

        An overridden `__repr__` may end in its own way: it is kept as text where its
        parentheses are balanced. Everything else is a broken printout.
        """
        text = self.lines[top.line : number]
        if len(self.stack) > 1 and _balanced(text):
            self.stack.pop()
            self.stack[-1].items.extend(range(top.line, number))
            return
        opened = self._opened()
        raise Broken(
            "printout-broken",
            f"expected a row of {describe(opened)} or the `)` that closes it",
            number,
            column=len(line) - len(line.lstrip()),
            opened=opened,
        )

    def _opened(self) -> tuple[Opened, ...]:
        return _opened(self.stack)

    def _cut_off(self) -> Broken:
        opened = self._opened()
        last = max(i for i, line in enumerate(self.lines) if line.strip())
        return Broken(
            "printout-cut-off",
            f"the printout ends inside {describe(opened)}",
            last,
            column=len(self.lines[last]),
            opened=opened,
        )


def _opened(stack: list[_Open]) -> tuple[Opened, ...]:
    return opened_path([(top.name, top.type, top.line) for top in stack])


def _add_text(rows: list[Node | _Text], number: int, text: str) -> None:
    """Append a line of text to the opaque row before it, or start a new one."""
    last = rows[-1]
    if isinstance(last, _Text):
        last.lines.append(text)
    else:
        rows.append(_Text("", number, [text]))


def _balanced(lines: list[str]) -> bool:
    return _excess(lines) == 0


def _closed(lines: list[str]) -> bool:
    return _excess(lines) <= 0


def _excess(lines: list[str]) -> int:
    """How many more parentheses open than close."""
    return sum(line.count("(") - line.count(")") for line in lines)
