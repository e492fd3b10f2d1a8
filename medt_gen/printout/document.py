"""Find the printouts in a text: a log, an issue, a web page, or nothing else.

A printout is found by the first row `(name): Type(` in it; the class around that row is
its root. It is read by its layout where it has one, else by its parentheses.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from medt_gen.diagnostics import Diagnostic, InvalidInput, Note, Place, Source
from medt_gen.names import nearest
from medt_gen.printout.flat import HEADER, read_flat
from medt_gen.printout.grammar import TYPE, Broken, Opened
from medt_gen.printout.layout import read_layout
from medt_gen.printout.repair import COLOUR, original_column, repair
from medt_gen.printout.tree import INDENT, Node, postorder

_ROOT_BEFORE = re.compile(rf"(?<![\w.])({TYPE})\Z")
_CALL = re.compile(rf"[ \t]*({TYPE})\(")
_CLOSING = re.compile(r"\s*\)")
_BRACKET = re.compile(r"[()]")
_NOISE = re.compile(r"\s*(>>>.*|\.\.\. .*|```.*|~~~.*|In ?\[\d+\]:.*)?")
_ROW_START = re.compile(r"\s*\Z")
_SECTION = re.compile(r"\s*(#{1,6}\s+\S|\d+(\.\d+)+\.?\s+\S)")
_DIGITS = re.compile(r"\d+")
_LONG_TYPE = 256
_LONG_REST = 4096
_FENCES = "`~"


@dataclass(frozen=True)
class Printout:
    """One printout found in a text.

    Attributes:
        tree: the root of what was printed.
        heading: the section heading, or else the line of prose, before it; may be "".
        line: the line (from 1) on which it starts.
        flattened: line breaks and indentation were lost; read by parentheses.
    """

    tree: Node
    heading: str
    line: int
    flattened: bool


@dataclass(frozen=True)
class _Found:
    tree: Node
    start: int
    end: int
    flattened: bool


def parse(text: str, name: str = "<text>") -> Node:
    """Read the one printout in a text.

    Raises:
        InvalidInput: there is none, or more than one, or it is cut off or ambiguous.
    """
    return pick(find(text, name)).tree


def find(text: str, name: str = "<text>") -> tuple[Printout, ...]:
    """Read every printout in a text, in order; there is at least one.

    Args:
        text: anything with printouts in it.
        name: what to call the text in diagnostics, such as its path.

    Raises:
        InvalidInput: a printout is cut off, broken or ambiguous, or there is none.
    """
    source = Source(name, text)
    first = _attempt(text)
    plain = _plain_attempt(text, first)
    return _result(*(plain or (text, first)), source)


def _plain_attempt(
    text: str, first: list[_Found] | Broken
) -> tuple[str, list[_Found] | Broken] | None:
    """What the repaired text gives, where that is better than the text as it is."""
    coloured = COLOUR in text
    if not coloured and not isinstance(first, Broken) and _whole(text) is not None:
        return None
    repaired = repair(text)
    if repaired == text:
        return None
    second = _attempt(repaired)
    return (repaired, second) if _better(second, first, coloured) else None


def _attempt(text: str) -> list[_Found] | Broken:
    try:
        return _find(text)
    except Broken as broken:
        return broken


def _better(
    second: list[_Found] | Broken, first: list[_Found] | Broken, coloured: bool
) -> bool:
    if isinstance(first, Broken):
        return True
    if isinstance(second, Broken):
        return not first
    if len(second) == len(first) and coloured:
        return _rows(second) > _rows(first)
    return len(second) > len(first)


def _rows(found: list[_Found]) -> int:
    return sum(node.is_module for item in found for node in postorder(item.tree))


def _result(
    text: str, found: list[_Found] | Broken, source: Source
) -> tuple[Printout, ...]:
    lines = _Lines(text)
    if isinstance(found, Broken):
        raise InvalidInput(_diagnostic(found, lines, source))
    if not found:
        raise InvalidInput(_nothing(source))
    ends = [0, *(item.end for item in found)]
    return tuple(
        Printout(
            item.tree,
            _heading(text[end : item.start]),
            lines.number(item.start) + 1,
            item.flattened,
        )
        for item, end in zip(found, ends, strict=False)
    )


def _nothing(source: Source) -> Diagnostic:
    return Diagnostic(
        code="printout-none",
        message=f"no printed module tree found in {source.name}",
        help="a printout starts like `Net(` and has rows like `(conv): Conv2d(...)`",
    )


class _Lines:
    """Offsets to lines, both from 0."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        lengths = accumulate((len(line) + 1 for line in self.lines), initial=0)
        self.starts = list(lengths)[:-1]

    def number(self, offset: int) -> int:
        return bisect_right(self.starts, offset) - 1


def _diagnostic(broken: Broken, lines: _Lines, source: Source) -> Diagnostic:
    """Translate offsets into places; what was open becomes a note each."""
    shown = (*broken.opened[:1], *broken.opened[1:][-2:])
    notes = tuple(
        Note(_opened_note(item), _place(lines, source, item.position))
        for item in reversed(shown)
    )
    return Diagnostic(
        code=broken.code,
        message=broken.message,
        place=_place(lines, source, broken.position),
        help=_HELP.get(broken.code),
        notes=notes,
    )


_HELP = {
    "printout-cut-off": "copy the printout again, down to its last `)`",
    "printout-broken": "copy the printout again, with its indentation",
    "printout-ambiguous": "copy the printout with its line breaks and indentation",
}


def _opened_note(item: Opened) -> str:
    return f"{item.path or 'the root'} ({item.type}) was opened here"


def _place(lines: _Lines, source: Source, offset: int) -> Place:
    number = lines.number(offset)
    given = source.text.split("\n")[number]
    column = offset - lines.starts[number]
    if given != lines.lines[number]:
        column = original_column(given, column)
    return Place(source, number + 1, column + 1, number + 1, column + 2)


def _find(text: str) -> list[_Found]:
    whole = _whole(text)
    if whole is not None:
        return [whole]
    found: list[_Found] = []
    position = 0
    while match := HEADER.search(text, position):
        start = _root_before(text, position, match.start())
        if start is None:
            _check_rootless(text, match)
            position = match.end()
            continue
        item = _read(text, start, match.start())
        found.append(item)
        position = item.end
    return found or _leaf(text)


def _whole(text: str) -> _Found | None:
    """The text where it is one intact printout and nothing else."""
    lines = text.rstrip("\n").split("\n")
    try:
        tree, count, rest = read_layout(lines)
    except Broken:
        return None
    if count < len(lines) or rest or (count == 1 and HEADER.search(text)):
        return None
    return _Found(tree, 0, len(text), flattened=False)


def _leaf(text: str) -> list[_Found]:
    """A module without rows, with nothing but prompts and fences around it."""
    lines = text.split("\n")
    kept = [i for i, line in enumerate(lines) if not _NOISE.fullmatch(line)]
    if not kept:
        return []
    rows = lines[kept[0] : kept[-1] + 1]
    margin = len(rows[0]) - len(rows[0].lstrip())
    found = _whole("\n".join(row[margin:].rstrip() for row in rows))
    if found is None:
        return []
    start = sum(len(line) + 1 for line in lines[: kept[0]])
    return [_Found(found.tree, start, len(text), flattened=False)]


def _root_before(text: str, start: int, header: int) -> int | None:
    """The offset of the class name around the first row; None where there is none."""
    pending = _unclosed(text, start, header)
    return _class_before(text, start, pending[-1]) if pending else None


def _unclosed(text: str, start: int, end: int) -> list[int]:
    """The offsets of the parentheses that are still open at `end`."""
    pending: list[int] = []
    for match in _BRACKET.finditer(text, start, end):
        if match[0] == "(":
            pending.append(match.start())
        elif pending:
            pending.pop()
    return pending


def _class_before(text: str, start: int, opening: int) -> int | None:
    """The offset of the class name right before a parenthesis."""
    root = _ROOT_BEFORE.search(text, max(start, opening - _LONG_TYPE), opening)
    return root.start(1) if root else None


def _check_rootless(text: str, match: re.Match[str]) -> None:
    line_start = text.rfind("\n", 0, match.start()) + 1
    if text[line_start : match.start()].strip():
        return
    raise Broken(
        "printout-cut-off",
        f"the row `({match[1]}): {match[3]}(` belongs to no module: the beginning of "
        "the printout is missing",
        match.start(),
    )


def _read(text: str, start: int, header: int) -> _Found:
    """Read the printout at `start`: by layout if its first row has its own line."""
    line_start = text.rfind("\n", 0, start) + 1
    if "\n" not in text[start:header]:
        return _read_flat(text, start)
    stripped = _Stripped(text, line_start, start)
    try:
        tree, count, _ = read_layout(stripped)
    except Broken as broken:
        problem = stripped.translated(broken)
    else:
        return _Found(tree, start, stripped.end_of_root(count), flattened=False)
    try:
        return _read_flat(text, start)
    except Broken as broken:
        if _laid_out(text, header, stripped.margin):
            raise problem from broken
        raise


def _read_flat(text: str, start: int) -> _Found:
    line_start = text.rfind("\n", 0, start) + 1
    before = text[line_start:start]
    _check_alone(text, line_start, start)
    tree, end = read_flat(text, start)
    surplus = before.count("(") - before.count(")")
    if _closes_more(text, end, max(surplus, 0)) or HEADER.match(text, end):
        raise Broken(
            "printout-broken",
            f"{tree.type} is closed here, yet its text goes on: a parenthesis in it "
            "has no partner",
            end - 1,
        )
    return _Found(tree, start, end, flattened=True)


def _closes_more(text: str, end: int, surplus: int) -> bool:
    """Whether the line behind a printout closes more parentheses than are open."""
    line_end = min(_line_end(text, end), end + _LONG_REST)
    if surplus == 0 and _CLOSING.match(text, end):
        return True
    for match in _BRACKET.finditer(text, end, line_end):
        surplus += 1 if match[0] == "(" else -1
        if surplus < 0:
            return True
    return False


def _check_alone(text: str, line_start: int, start: int) -> None:
    """Refuse a root in or behind another class's parentheses: that may be the root."""
    openings = _unclosed(text, line_start, start)
    outer = [_class_before(text, line_start, opening) for opening in openings]
    first = _CALL.match(text, line_start)
    if first and first.start(1) < start:
        outer.append(first.start(1))
    for place in outer:
        if place is not None and not text.startswith("print(", place):
            raise Broken(
                "printout-ambiguous",
                "the root may be this, or the class behind it with rows in it",
                place,
            )


def _laid_out(text: str, header: int, margin: int) -> bool:
    line_start = text.rfind("\n", 0, header) + 1
    return header - line_start == margin + len(INDENT)


class _Stripped:
    """The lines of a printout without what stands before each of them.

    That is a margin, a quotation mark, a comment sign or a logger's prefix, in which
    only digits may change; a prefix before the first line alone is dropped as well.
    """

    def __init__(self, text: str, line_start: int, start: int) -> None:
        self.text = text
        self.start = start
        self.line_start = line_start
        self.offsets: list[int] = []
        prefix = text[line_start:start]
        follows = text.find("\n", start) + 1
        second = text[follows : _line_end(text, follows)]
        pattern = _DIGITS.sub(r"\\d+", re.escape(prefix).replace("\\ ", " "))
        self.prefix = re.compile(pattern)
        self.margin = start - line_start
        if not re.match(pattern + INDENT + r"\S", second):
            space = len(second) - len(second.lstrip(" "))
            self.margin = max(space - len(INDENT), 0)
            self.prefix = re.compile(" " * self.margin)

    def __iter__(self) -> Iterator[str]:
        position = self.start
        while position <= len(self.text):
            end = _line_end(self.text, position)
            if not self.offsets:
                self.offsets.append(self.start)
                yield self.text[self.start : end]
            else:
                yield self._line(position, end)
            position = end + 1

    def _line(self, position: int, end: int) -> str:
        match = self.prefix.match(self.text, position, end)
        begin = match.end() if match else position
        self.offsets.append(begin)
        if match or not self.text[position:end].strip():
            return self.text[begin:end]
        # a line without the prefix is outside of the printout: no row can start so
        return self.text[begin:end].lstrip(" ") or ""

    def end_of_root(self, count: int) -> int:
        """The offset behind the root's closing parenthesis, `count` lines down."""
        return self.offsets[count - 1] + 1

    def translated(self, broken: Broken) -> Broken:
        """Line numbers made offsets."""
        opened = tuple(
            Opened(item.path, item.type, self.offsets[item.position])
            for item in broken.opened
        )
        position = self.offsets[broken.position] + broken.column
        return Broken(broken.code, broken.message, position, opened=opened)


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _heading(before: str) -> str:
    """The last section heading, or else the last line that says something."""
    lines = [line for line in before.split("\n") if line.strip(" \t\r)" + _FENCES)]
    sections = [line for line in lines if _SECTION.match(line)]
    spoken = [line for line in lines if not _NOISE.fullmatch(line)]
    chosen = (sections or spoken or [""])[-1]
    return chosen.strip().lstrip("#").strip()


def pick(
    printouts: Sequence[Printout],
    number: int | None = None,
    class_name: str | None = None,
) -> Printout:
    """Choose one printout: the only one, by number (from 1), or by its root's class.

    Raises:
        InvalidInput: no printout answers to that, or several do.
    """
    if number is not None:
        return _by_number(printouts, number)
    named = [item for item in printouts if class_name in (None, item.tree.type)]
    if len(named) == 1:
        return named[0]
    raise InvalidInput(_several(printouts, named, class_name))


def _by_number(printouts: Sequence[Printout], number: int) -> Printout:
    if 1 <= number <= len(printouts):
        return printouts[number - 1]
    raise InvalidInput(
        Diagnostic(
            code="printout-number",
            message=f"there is no printout {number}: the text has {len(printouts)}",
            help=listing(printouts),
        )
    )


def _several(
    printouts: Sequence[Printout], named: list[Printout], class_name: str | None
) -> Diagnostic:
    if named or class_name is None:
        of_class = f" of {class_name}" if class_name else ""
        message = f"the text has {len(named)} printouts{of_class}: say which by number"
        return Diagnostic("printout-several", message, help=listing(printouts))
    types = [item.tree.type for item in printouts]
    message = f"no printout of {class_name} in the text"
    close = nearest(class_name, types)
    hint = f"did you mean {close[0]}? " if close else ""
    return Diagnostic("printout-class", message, help=hint + listing(printouts))


def listing(printouts: Sequence[Printout]) -> str:
    """`1: Net (line 3, heading); 2: ...`, for messages."""
    return "; ".join(
        f"{i}: {item.tree.type} (line {item.line}{_in_words(item.heading)})"
        for i, item in enumerate(printouts, 1)
    )


def _in_words(heading: str) -> str:
    return f", {heading}" if heading else ""
