"""Read a printout whose line breaks and indentation are lost, by its parentheses.

Then `(fc): Linear(...)` inside a module may be a child or the module's own text; it is
read as a child. Wherever that reading does not fit together, the text is refused and
the ambiguity named: two children of one name, text after children, spacing that differs
from all other rows, brackets that don't pair, a quoted parenthesis without its partner.
"""

from __future__ import annotations

import re
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
from medt_gen.printouts.tree import Node

_KEY = r"[^()]+"
_NESTED_KEY = r"[^()]*(?:\([^()]*\)[^()]*)+"
_PLAIN = r"[^()\[\]{}'\"]*(?:\([^()\[\]{}'\"]*\)[^()\[\]{}'\"]*)*"

HEADER = re.compile(rf"\(({_KEY})\): {COUNT}({TYPE})\(")
"""The beginning of a child's row."""

_LEAF = re.compile(rf"\s*\(({_KEY})\): {COUNT}({TYPE})\(({_PLAIN})\)")
_ROW = re.compile(rf"\s*\(({_KEY})\): {COUNT}({TYPE})\(")
_NESTED_ROW = re.compile(rf"\s*\(({_NESTED_KEY})\): {COUNT}({TYPE})\(")
_OTHER = re.compile(rf"\s*\(({_KEY})\): ")
_NONE = re.compile(rf"\s*\(({_KEY})\): None(?=\s*[()])")
_CLOSE = re.compile(r"\s*\)")
_ROOT = re.compile(rf"({TYPE})\(")
_BRACKET = re.compile(r"[()\[\]{}]")
_PARTNER = {")": "(", "]": "[", "}": "{"}
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_BREAK = re.compile(r"[ \t]*\n\s*")


@dataclass(slots=True)
class _Open:
    name: str
    type: str
    count: int
    position: int
    attributes: tuple[str, ...] = ()
    gap: str = ""
    children: list[Node] = field(default_factory=list)


def read_flat(text: str, start: int) -> tuple[Node, int]:
    """Read one printout whose root's type begins at `start`.

    Returns:
        The tree, and the offset behind its last parenthesis.

    Raises:
        Broken: with an offset into `text`.
    """
    return _Reader(text).read(start)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.stack: list[_Open] = []
        self.tight = False
        self.spaced = False
        self.after_text: list[tuple[int, bool, Opened]] = []

    def read(self, start: int) -> tuple[Node, int]:
        match = _ROOT.match(self.text, start)
        if match is None:
            raise Broken("printout-none", "no module starts here", start)
        self.stack.append(_Open("", match[1], 1, start))
        position = match.end()
        while True:
            position = self._rows(position)
            if closing := _CLOSE.match(self.text, position):
                position = closing.end()
                root = self._close(position)
                if root is not None:
                    self._check_spacing()
                    return root, position
            else:
                position = self._other_text(position)

    def _rows(self, position: int) -> int:
        """Take rows as long as they come: whole leaves, and openings of modules."""
        text = self.text
        while True:
            children = self.stack[-1].children
            if (match := _LEAF.match(text, position)) and "): " not in match[4]:
                name, count, kind, own = match.groups()
                self._note(match, count, name)
                lines = _lines(own)
                children.append(Node(name, kind, lines, (), int(count or 1)))
            elif match := _ROW.match(text, position):
                self._open(match)
            elif match := _NONE.match(text, position):
                children.append(Node(match[1], "", ("None",)))
            elif match := _NESTED_ROW.match(text, position):
                self._open(match)
            else:
                return position
            position = match.end()

    def _open(self, match: re.Match[str]) -> None:
        name, count, kind = match.groups()
        self._note(match, count, name)
        start = match.start(1) - 1
        self.stack.append(_Open(name, kind, int(count or 1), start))

    def _note(self, match: re.Match[str], count: str | None, name: str) -> None:
        """Check a run's count, and remember how rows are set apart in this text."""
        start = match.start(1) - 1
        if count and (fault := run_fault(name, count)):
            raise Broken("printout-run", fault, start, opened=self._opened())
        top = self.stack[-1]
        after_text = bool(top.attributes and not top.children)
        gap = top.gap if after_text else self.text[match.start() : start]
        if "\n" in gap:
            return
        if after_text:
            opened = Opened(top.name, top.type, top.position)
            self.after_text.append((start, not gap, opened))
        elif gap:
            self.spaced = True
        else:
            self.tight = True

    def _close(self, end: int) -> Node | None:
        top = self.stack.pop()
        names = {child.name for child in top.children}
        if len(names) < len(top.children):
            raise self._twice(top)
        children = tuple(top.children)
        node = Node(top.name, top.type, top.attributes, children, top.count)
        if not self.stack:
            return node
        self.stack[-1].children.append(node)
        return None

    def _other_text(self, position: int) -> int:
        """Take text that is neither a row nor the end: a module's own, or opaque."""
        top = self.stack[-1]
        if position >= len(self.text.rstrip()):
            raise self._cut_off()
        end = self._text_end(position)
        own = self.text[position:end]
        if not top.children:
            top.attributes = _lines(own)
            top.gap = own[len(own.rstrip()) :]
        elif keyed := _OTHER.match(own):
            rest = own[keyed.end() :]
            top.children.append(Node(keyed[1], "", _lines(rest)))
        else:
            message = (
                f"text after the children of {describe(self._opened())}: it may belong "
                "to the child before it"
            )
            raise self._ambiguous(message, position)
        return end

    def _text_end(self, start: int) -> int:
        """The offset of the next row or closing parenthesis outside of brackets."""
        pending: list[str] = []
        for match in _BRACKET.finditer(self.text, start):
            bracket, position = match[0], match.start()
            if not pending and position > start and self._row_at(position):
                return self._checked(start, position)
            if bracket in "([{":
                pending.append(bracket)
            elif not pending and bracket == ")":
                return self._checked(start, position)
            elif not pending or pending.pop() != _PARTNER[bracket]:
                raise self._ambiguous(
                    f"`{bracket}` closes nothing in the text of "
                    f"{describe(self._opened())}, so its end cannot be told",
                    position,
                )
        raise self._cut_off()

    def _row_at(self, position: int) -> bool:
        if HEADER.match(self.text, position):
            return True
        if _NESTED_ROW.match(self.text, position):
            raise self._ambiguous(
                f"text in {describe(self._opened())} may be a row whose name has "
                "parentheses",
                position,
            )
        return False

    def _checked(self, start: int, end: int) -> int:
        for quoted in _QUOTED.finditer(self.text, start, end):
            if quoted[0].count("(") != quoted[0].count(")"):
                raise self._ambiguous(
                    f"the text {quoted[0]} in {describe(self._opened())} has a "
                    "parenthesis without its partner, so its end cannot be told",
                    quoted.start(),
                )
        return end

    def _check_spacing(self) -> None:
        """Own text must be set apart from the first row as the rows are."""
        for position, glued, opened in self.after_text:
            fits = self.tight or not self.spaced if glued else self.spaced
            if fits and not (self.tight and self.spaced and not glued):
                continue
            message = (
                f"this may be a child of {describe([opened])} or part of its own text: "
                "it is not set apart as other rows are"
            )
            raise Broken("printout-ambiguous", message, position, opened=(opened,))

    def _twice(self, top: _Open) -> Broken:
        seen: set[str] = set()
        for child in top.children:
            if child.name in seen:
                break
            seen.add(child.name)
        self.stack.append(top)
        message = (
            f"two rows of {describe(self._opened())} are named `{child.name}`: one of "
            "them is its own text, and which cannot be told"
        )
        return self._ambiguous(message, top.position)

    def _ambiguous(self, message: str, position: int) -> Broken:
        return Broken("printout-ambiguous", message, position, opened=self._opened())

    def _cut_off(self) -> Broken:
        opened = self._opened()
        message = f"the printout ends inside {describe(opened)}"
        end = len(self.text.rstrip())
        return Broken("printout-cut-off", message, end, opened=opened)

    def _opened(self) -> tuple[Opened, ...]:
        return opened_path([(top.name, top.type, top.position) for top in self.stack])


def _lines(own: str) -> tuple[str, ...]:
    own = own.strip()
    if "\n" not in own:
        return (own,) if own else ()
    return tuple(_BREAK.split(own))
