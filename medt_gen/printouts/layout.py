"""Read a printout by its layout: one row a line, two columns a level.

The layout decides everything, so nothing is guessed: a row of a module at depth `d`
is indented by `2 d`, its closing parenthesis stands alone under its first character,
and every other line inside is the module's own text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from medt_gen.messages.codes import Code
from medt_gen.printouts.grammar import (
    TYPE,
    Enclosing,
    Fault,
    Found,
    Opening,
    PrintoutError,
    described,
    enclosing_modules,
    run_fault,
)
from medt_gen.printouts.rows import RowText, closing_rest, read_row
from medt_gen.printouts.shortened import ELLIPSIS, SHORTENED
from medt_gen.printouts.tree import INDENT, PLAIN, Form, Node

_OPENED = re.compile(rf"{TYPE}\(")
_OTHER_ROW = re.compile(r"\((.+?)\): (.*)", re.DOTALL)


@dataclass(slots=True)
class Line:
    """A line of a printout, without what stands before all of its lines.

    `start` is the offset of its first character in the whole text.
    """

    start: int
    text: str

    @property
    def end(self) -> int:
        """The offset behind its last character."""
        return self.start + len(self.text)


def lines_of(text: str) -> Iterator[Line]:
    """The lines of a text in which nothing stands before a printout."""
    start = 0
    for line in text.split("\n"):
        yield Line(start, line)
        start += len(line) + 1


@dataclass(slots=True)
class _Unclosed:
    """A module whose closing parenthesis has not come yet.

    `lines_before` is how many lines came before its first one; its rows are indented by
    `inner`, its parenthesis by `outer`; `items` are its children and lines of text.
    """

    opening: Opening
    lines_before: int
    outer: str
    inner: str
    form: Form = PLAIN
    items: list[Node | Line] = field(default_factory=list)


@dataclass(slots=True)
class _TextRow:
    """Lines of text among the children; the first may have a key of its own."""

    name: str
    first: Line
    lines: list[str]


def read_layout(lines: Iterable[Line]) -> Found:
    """Read one printout from its first line on, its root at column 0.

    Raises:
        PrintoutError: these lines are no printout, or no whole one.
    """
    return _Reader().read(lines)


class _Reader:
    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.stack: list[_Unclosed] = []

    def read(self, lines: Iterable[Line]) -> Found:
        for line in lines:
            self.lines.append(line)
            if len(self.lines) == 1:
                leaf = self._root(line)
                if leaf is not None:
                    return Found(leaf, line.start, line.end, flattened=False)
                continue
            root = self._line(line)
            if root is not None:
                start = self.lines[0].start
                return Found(root, start, line.start + 1, flattened=False)
        raise self._cut_off()

    def _root(self, line: Line) -> Node | None:
        """Open the root, or return it where one line is all of it.

        The root of a pasted part has a key: `(19): Layer(`.
        """
        row = read_row(line.text)
        if row is None or row.is_crowded:
            raise PrintoutError(
                Fault("printout-none", "no module starts here", line.start)
            )
        if row.own is None:
            opening = Opening(
                row.name, row.type, self._count(row, line.start), line.start
            )
            self.stack.append(_Unclosed(opening, 0, "", INDENT, row.form))
            return None
        return _leaf(row, self._count(row, line.start))

    def _line(self, line: Line) -> Node | None:
        """Take one line; return the root when it closes it."""
        text = line.text
        while True:
            top = self.stack[-1]
            if text.startswith(top.inner):
                self._row(line, top)
                return None
            if not top.outer and text[:1] == ")":
                return self._close(top)
            if (rest := closing_rest(text, top.outer)) is not None:
                return self._close(top, *rest)
            if not text.strip():
                top.items.append(line)
                return None
            self._leave(line, top)

    def _row(self, line: Line, top: _Unclosed) -> None:
        start = len(top.inner)
        row = read_row(line.text, start)
        if row is None or not row.name:
            top.items.append(line)
            return
        if row.is_crowded:
            message = f"another row stands behind `{row.name}` in its line"
            raise self._error("printout-broken", message, line.start + start)
        count = self._count(row, line.start + start)
        if row.own is not None:
            top.items.append(_leaf(row, count))
            return
        opening = Opening(row.name, row.type, count, line.start)
        before, inner = len(self.lines) - 1, top.inner
        self.stack.append(_Unclosed(opening, before, inner, inner + INDENT, row.form))

    def _count(self, row: RowText, position: int) -> int:
        if message := run_fault(row.name, row.count):
            raise self._error("printout-run", message, position)
        return int(row.count or 1)

    def _close(self, top: _Unclosed, behind: str = "", remark: str = "") -> Node | None:
        """Close the innermost module; return the root when it is that."""
        node = self._node(top)
        if behind or remark:
            form = replace(top.form, remark=remark) if remark else top.form
            node = replace(node, behind=behind, form=form)
        self.stack.pop()
        if not self.stack:
            return node
        self.stack[-1].items.append(node)
        return None

    def _node(self, top: _Unclosed) -> Node:
        """Own lines first, then children; text between children is opaque rows."""
        attributes: list[str] = []
        rows: list[Node | _TextRow] = []
        for item in top.items:
            if isinstance(item, Node):
                rows.append(item)
                continue
            text = _without_indent(item.text, top.inner)
            if keyed := _OTHER_ROW.fullmatch(text):
                rows.append(_TextRow(keyed[1], item, [keyed[2]]))
            elif not rows:
                attributes.append(text)
            elif isinstance(last := rows[-1], _TextRow):
                last.lines.append(text)
            else:
                rows.append(_TextRow("", item, [text]))
        return Node(
            top.opening.name,
            top.opening.type,
            tuple(attributes),
            tuple(self._row_node(row) for row in rows),
            top.opening.count,
            block=not rows and len(attributes) < 2,
            form=top.form,
        )

    def _row_node(self, row: Node | _TextRow) -> Node:
        """A row that starts like a module and never ends was cut, not overridden."""
        if isinstance(row, Node):
            return row
        if row.name and _OPENED.match(row.lines[0]) and _excess(row.lines) > 0:
            raise self._error(
                "printout-cut-off",
                f"the row of `{row.name}` is cut off: a closing parenthesis is missing",
                row.first.end,
            )
        return Node(row.name, "", tuple(row.lines))

    def _leave(self, line: Line, top: _Unclosed) -> None:
        """A line that belongs further out came before the closing parenthesis.

        An overridden `__repr__` may end in its own way: it is kept as text where its
        parentheses are balanced. Everything else is a broken printout.
        """
        own = self.lines[top.lines_before : -1]
        if len(self.stack) > 1 and _excess([item.text for item in own]) == 0:
            self.stack.pop()
            self.stack[-1].items.extend(own)
            return
        indent = len(line.text) - len(line.text.lstrip())
        if ELLIPSIS.match(line.text):
            raise self._error("printout-shortened", SHORTENED, line.start + indent)
        raise self._error(
            "printout-broken",
            f"expected a row of {self._innermost()} or the `)` that closes it",
            line.start + indent,
        )

    def _cut_off(self) -> PrintoutError:
        last = next(line for line in reversed(self.lines) if line.text.strip())
        message = f"the printout ends inside {self._innermost()}"
        return self._error("printout-cut-off", message, last.end)

    def _error(self, code: Code, message: str, position: int) -> PrintoutError:
        return PrintoutError(Fault(code, message, position, self._enclosing()))

    def _innermost(self) -> str:
        return described(self._enclosing())

    def _enclosing(self) -> tuple[Enclosing, ...]:
        return enclosing_modules([top.opening for top in self.stack])


def _leaf(row: RowText, count: int) -> Node:
    attributes = (row.own,) if row.own else ()
    return Node(
        row.name,
        row.type,
        attributes,
        (),
        count,
        behind=row.behind,
        form=row.form,
    )


def _without_indent(text: str, indent: str) -> str:
    # torch versions differ in whether an empty line is indented: such lines are whole
    return text[len(indent) :] if text.strip() else text


def _excess(lines: Iterable[str]) -> int:
    """How many more parentheses open than close."""
    return sum(line.count("(") - line.count(")") for line in lines)
