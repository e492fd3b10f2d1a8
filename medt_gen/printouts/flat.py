"""Read a printout whose line breaks and indentation are lost, by its parentheses.

Then `(fc): Linear(...)` inside a module may be a child or the module's own text; it is
read as a child. Wherever that reading does not fit together, the text is refused and
the ambiguity named: two children of one name, text after children, spacing that differs
from all other rows, brackets that don't pair, a quoted parenthesis without its partner.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from medt_gen.messages.codes import Code
from medt_gen.printouts.grammar import (
    COUNT,
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
from medt_gen.printouts.tree import Form, Node

_KEY = r"[^()]+"
_NESTED_KEY = r"[^()]*(?:\([^()]*\)[^()]*)+"
_PLAIN = r"[^()\[\]{}'\"]*(?:\([^()\[\]{}'\"]*\)[^()\[\]{}'\"]*)*"

HEADER = re.compile(rf"\(({_KEY})\)(?:: +|(?<=\d\)) - ){COUNT}({TYPE}) ?\(")
"""The beginning of a child's row."""

_LEAF = re.compile(rf"\s*\(({_KEY})\): +{COUNT}({TYPE}) ?\(({_PLAIN})\)")
_ROW = re.compile(rf"\s*\(({_KEY})\): +{COUNT}({TYPE}) ?\(")
_NUMBERED_LEAF = re.compile(
    rf"\s*\((\d+)\) - {COUNT}({TYPE}) ?\(({_PLAIN})\)(: [\w, ]*->[\w, ]*\w)"
    r"(?=\s*[()])"
)
_NESTED_ROW = re.compile(rf"\s*\(({_NESTED_KEY})\): +{COUNT}({TYPE}) ?\(")
_OTHER = re.compile(rf"\s*\(({_KEY})\): ")
_NONE = re.compile(rf"\s*\(({_KEY})\): None(?=\s*[()])")
_CLOSE = re.compile(r"\s*\)")
_ROOT = re.compile(rf"(?:\(({_KEY})\): +{COUNT})?({TYPE}) ?\(")
_BRACKET = re.compile(r"[()\[\]{}]")
_PARTNER = {")": "(", "]": "[", "}": "{"}
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_BREAK = re.compile(r"[ \t]*\n\s*")


@dataclass(slots=True)
class _Unclosed:
    """A module whose closing parenthesis has not come yet.

    `gap` is the white space between its own text and what follows.
    """

    opening: Opening
    attributes: tuple[str, ...] = ()
    gap: str = ""
    children: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _AfterText:
    """A first row that follows its module's own text; `glued` to it, or set apart."""

    position: int
    glued: bool
    module: Enclosing


def read_flat(text: str, start: int) -> Found:
    """Read one printout whose root's type begins at `start`.

    Raises:
        PrintoutError: the text there is no printout, or an ambiguous one.
    """
    return _Reader(text).read(start)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.stack: list[_Unclosed] = []
        self.tight = False
        self.spaced = False
        self.after_text: list[_AfterText] = []

    def read(self, start: int) -> Found:
        match = _ROOT.match(self.text, start)
        if match is None:
            raise self._error("printout-none", "no module starts here", start)
        name, count, kind = match.groups()
        self.stack.append(_Unclosed(Opening(name or "", kind, int(count or 1), start)))
        position = match.end()
        while True:
            position = self._rows(position)
            if closing := _CLOSE.match(self.text, position):
                position = closing.end()
                root = self._close()
                if root is not None:
                    self._check_spacing()
                    return Found(root, start, position, flattened=True)
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
            elif match := _NUMBERED_LEAF.match(text, position):
                self._note(match, match[2], match[1])
                children.append(_numbered_leaf(match))
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
        opening = Opening(name, kind, int(count or 1), match.start(1) - 1)
        self.stack.append(_Unclosed(opening))

    def _note(self, match: re.Match[str], count: str | None, name: str) -> None:
        """Check a run's count, and remember how rows are set apart in this text."""
        start = match.start(1) - 1
        if count and (fault := run_fault(name, count)):
            raise self._error("printout-run", fault, start)
        top = self.stack[-1]
        after_text = bool(top.attributes and not top.children)
        gap = top.gap if after_text else self.text[match.start() : start]
        if "\n" in gap:
            return
        if after_text:
            opening = top.opening
            module = Enclosing(opening.name, opening.type, opening.position)
            self.after_text.append(_AfterText(start, not gap, module))
        elif gap:
            self.spaced = True
        else:
            self.tight = True

    def _close(self) -> Node | None:
        """Close the innermost module; return the root when it is that."""
        self._check_names()
        top = self.stack.pop()
        opening, children = top.opening, tuple(top.children)
        node = Node(opening.name, opening.type, top.attributes, children, opening.count)
        if not self.stack:
            return node
        self.stack[-1].children.append(node)
        return None

    def _check_names(self) -> None:
        """Two rows of one name can't both be children."""
        top = self.stack[-1]
        twice = _repeated(child.name for child in top.children)
        if twice is None:
            return
        message = (
            f"two rows of {self._innermost()} are named `{twice}`: one of them is its "
            "own text, and which cannot be told"
        )
        raise self._ambiguous(message, top.opening.position)

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
                f"text after the children of {self._innermost()}: it may belong to the "
                "child before it"
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
                    f"{self._innermost()}, so its end cannot be told",
                    position,
                )
        raise self._cut_off()

    def _row_at(self, position: int) -> bool:
        if HEADER.match(self.text, position):
            return True
        if _NESTED_ROW.match(self.text, position):
            raise self._ambiguous(
                f"text in {self._innermost()} may be a row whose name has parentheses",
                position,
            )
        return False

    def _checked(self, start: int, end: int) -> int:
        """Refuse text whose brackets pair only by taking other modules' rows in."""
        for quoted in _QUOTED.finditer(self.text, start, end):
            if quoted[0].count("(") != quoted[0].count(")"):
                raise self._ambiguous(
                    f"the text {quoted[0]} in {self._innermost()} has a "
                    "parenthesis without its partner, so its end cannot be told",
                    quoted.start(),
                )
        if row := HEADER.search(self.text, start + 1, end):
            raise self._ambiguous(
                f"a row stands inside the brackets of the text of {self._innermost()}, "
                "so where that text ends cannot be told",
                row.start(),
            )
        return end

    def _check_spacing(self) -> None:
        """Own text must be set apart from the first row as the rows are."""
        for row in self.after_text:
            fits = self.tight or not self.spaced if row.glued else self.spaced
            if fits and not (self.tight and self.spaced and not row.glued):
                continue
            message = (
                f"this may be a child of {described([row.module])} or part of its own "
                "text: it is not set apart as other rows are"
            )
            raise PrintoutError(
                Fault("printout-ambiguous", message, row.position, (row.module,))
            )

    def _ambiguous(self, message: str, position: int) -> PrintoutError:
        return self._error("printout-ambiguous", message, position)

    def _cut_off(self) -> PrintoutError:
        message = f"the printout ends inside {self._innermost()}"
        return self._error("printout-cut-off", message, len(self.text.rstrip()))

    def _error(self, code: Code, message: str, position: int) -> PrintoutError:
        return PrintoutError(Fault(code, message, position, self._enclosing()))

    def _innermost(self) -> str:
        return described(self._enclosing())

    def _enclosing(self) -> tuple[Enclosing, ...]:
        return enclosing_modules([top.opening for top in self.stack])


def _numbered_leaf(match: re.Match[str]) -> Node:
    """`(0) - GCNConv(9, 64): x, edge_index -> x`, as a row of a graph's Sequential."""
    name, count, kind, own, behind = match.groups()
    form = Form(separator=" - ")
    attributes = _lines(own)
    return Node(name, kind, attributes, (), int(count or 1), behind=behind, form=form)


def _lines(own: str) -> tuple[str, ...]:
    own = own.strip()
    if "\n" not in own:
        return (own,) if own else ()
    return tuple(_BREAK.split(own))


def _repeated(names: Iterable[str]) -> str | None:
    """The first name that has come before."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
