"""Where a printout starts in a text, and which reader it is for.

A printout is found by the first row `(name): Type(` in it; the class around that row is
its root. It is read by its layout where it has one, else by its parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from medt_gen.printouts.flat import HEADER, read_flat
from medt_gen.printouts.grammar import TYPE, Broken, Opened
from medt_gen.printouts.layout import read_layout
from medt_gen.printouts.tree import INDENT, Node

NOISE = re.compile(r"\s*(>>>.*|\.\.\. .*|```.*|~~~.*|In ?\[\d+\]:.*)?")
"""A line that belongs to a prompt, a fence or nothing."""

_ROOT_BEFORE = re.compile(rf"(?<![\w.])({TYPE})\Z")
_CALL = re.compile(rf"[ \t]*({TYPE})\(")
_CLOSING = re.compile(r"\s*\)")
_BRACKET = re.compile(r"[()]")
_DIGITS = re.compile(r"\d+")
_LONG_TYPE = 256
_LONG_REST = 4096


@dataclass(frozen=True)
class Found:
    """A printout between two offsets of a text."""

    tree: Node
    start: int
    end: int
    flattened: bool


def locate(text: str) -> list[Found]:
    """Read every printout in a text, in order.

    Raises:
        Broken: with an offset into `text`.
    """
    whole = _whole(text)
    if whole is not None:
        return [whole]
    found: list[Found] = []
    position = 0
    while match := HEADER.search(text, position):
        start = _root_before(text, position, match.start())
        if start is None:
            _check_rootless(text, match, position)
            position = match.end()
            continue
        item = _read(text, start, match.start(), position)
        found.append(item)
        position = item.end
    return found or _leaf(text)


def _whole(text: str) -> Found | None:
    """The text where it is one intact printout and nothing else."""
    lines = text.rstrip("\n").split("\n")
    try:
        tree, count, rest = read_layout(lines)
    except Broken:
        return None
    if count < len(lines) or rest or (count == 1 and HEADER.search(text)):
        return None
    return Found(tree, 0, len(text), flattened=False)


def _leaf(text: str) -> list[Found]:
    """A module without rows, with nothing but prompts and fences around it."""
    lines = text.split("\n")
    kept = [i for i, line in enumerate(lines) if not NOISE.fullmatch(line)]
    if not kept:
        return []
    rows = lines[kept[0] : kept[-1] + 1]
    margin = len(rows[0]) - len(rows[0].lstrip())
    found = _whole("\n".join(row[margin:].rstrip() for row in rows))
    if found is None:
        return []
    start = sum(len(line) + 1 for line in lines[: kept[0]])
    return [Found(found.tree, start, len(text), flattened=False)]


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


def _check_rootless(text: str, match: re.Match[str], after: int) -> None:
    """Refuse a row without a root, unless it is a part of some sentence."""
    line_start = max(text.rfind("\n", 0, match.start()) + 1, after)
    if text[line_start : match.start()].strip():
        _check_alone(text, line_start, match.start())
        return
    raise Broken(
        "printout-cut-off",
        f"the row `({match[1]}): {match[3]}(` belongs to no module: the beginning of "
        "the printout is missing",
        match.start(),
    )


def _read(text: str, start: int, header: int, after: int) -> Found:
    """Read the printout at `start`: by layout if its first row has its own line."""
    line_start = text.rfind("\n", 0, start) + 1
    if "\n" not in text[start:header]:
        return _read_flat(text, start, after)
    stripped = _Stripped(text, line_start, start)
    try:
        tree, count, _ = read_layout(stripped)
    except Broken as broken:
        problem = stripped.translated(broken)
    else:
        return Found(tree, start, stripped.end_of_root(count), flattened=False)
    try:
        return _read_flat(text, start, after)
    except Broken as broken:
        if _laid_out(text, header, stripped.margin):
            raise problem from broken
        raise


def _read_flat(text: str, start: int, after: int) -> Found:
    line_start = max(text.rfind("\n", 0, start) + 1, after)
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
    return Found(tree, start, end, flattened=True)


def _closes_more(text: str, end: int, surplus: int) -> bool:
    """Whether the line behind a printout closes more parentheses than are open."""
    line_end = min(_line_end(text, end), end + _LONG_REST)
    if surplus == 0 and _CLOSING.match(text, end):
        return True
    for match in _BRACKET.finditer(text, end, line_end):
        if HEADER.match(text, match.start()) and _root_before(text, end, match.start()):
            return False  # the next printout, which is checked by itself
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
