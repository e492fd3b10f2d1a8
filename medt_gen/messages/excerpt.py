"""A source line with the characters of a place underlined, as wide as there is room."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len
from rich.text import Text

from medt_gen.messages.diagnostics import Place, Source
from medt_gen.messages.wording import shown

_CUT = "..."
# Beside the underlined part, this many cells of what stands before it are kept.
_BEFORE = 24
_LEAST_ROOM = 16


@dataclass(frozen=True)
class _Cells:
    """A character as it is shown, and how many cells of a terminal it takes."""

    text: str
    width: int


@dataclass(frozen=True)
class _Window:
    """The part of a line that is shown: characters `start` to `end`."""

    start: int
    end: int


def excerpt(place: Place, style: str, width: int) -> Text:
    """The line of `place` in `width` cells, the place underlined; empty without one."""
    lines = _lines(place.source)
    if not 1 <= place.line <= len(lines):
        return Text()
    line = lines[place.line - 1].rstrip("\r")
    end = place.end_column if place.end_line == place.line else len(line.rstrip()) + 1
    gutter = " " * len(str(place.line))
    # A mark behind the end of the line takes one cell more.
    room = max(width - len(gutter) - len("  | ") - 1, _LEAST_ROOM)
    start = min(place.column - 1, len(line))
    shown_line, before, marked = _fitted(line, start, max(end - 1, start), room)
    text = Text(f"\n {gutter} |\n {place.line} | ")
    text.append(shown_line)
    text.append(f"\n {gutter} | {' ' * before}")
    text.append("^" * max(marked, 1), style)
    return text


@lru_cache(maxsize=16)
def _lines(source: Source) -> list[str]:
    return source.text.split("\n")


def _fitted(line: str, start: int, end: int, room: int) -> tuple[str, int, int]:
    """The line cut to `room` cells; the cells before the mark, and those of it."""
    # Far from the mark nothing is shown: a line may have millions of characters.
    offset = max(0, start - room)
    tail = line[end : end + room] if end - start < room else ""
    near = line[offset : min(end, start + room)] + tail
    cells = [_cells(character) for character in near]
    first, last = start - offset, min(end, start + room) - offset
    window = _window(cells, first, room, cut_before=offset > 0)
    left = _CUT if window.start or offset else ""
    cut_after = window.end < len(cells) or offset + len(near) < len(line)
    right = _CUT if cut_after else ""
    text = "".join(cell.text for cell in cells[window.start : window.end])
    before = len(left) + _width(cells[window.start : first])
    marked = _width(cells[first : min(last, window.end)])
    return left + text + right, before, marked


def _window(cells: list[_Cells], first: int, room: int, *, cut_before: bool) -> _Window:
    """What fits, with the mark in it and some of what stands before it."""
    if not cut_before and _width(cells) <= room:
        return _Window(0, len(cells))
    start = 0
    if cut_before or _width(cells[:first]) > room // 2:
        # All that follows, if it leaves some room for what stands before the mark.
        after = _width(cells[first:])
        before = max(min(_BEFORE, room // 3), room - 2 * len(_CUT) - after)
        start = _back(cells, first, before)
    used = len(_CUT) if start or cut_before else 0
    end = start
    while end < len(cells) and used + cells[end].width <= room - len(_CUT):
        used += cells[end].width
        end += 1
    return _Window(start, max(end, first + 1))


def _back(cells: list[_Cells], end: int, width: int) -> int:
    """The first of the characters before `end` that fit in `width` cells."""
    start, kept = end, 0
    while start and kept + cells[start - 1].width <= width:
        start -= 1
        kept += cells[start].width
    return start


def _cells(character: str) -> _Cells:
    text = " " if character == "\t" else shown(character)
    return _Cells(text, cell_len(text))


def _width(cells: list[_Cells]) -> int:
    return sum(cell.width for cell in cells)
