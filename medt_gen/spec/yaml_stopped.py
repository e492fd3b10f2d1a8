"""Where the parser gave up, with the text as people write it: in lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from medt_gen.messages.diagnostics import Diagnostic, Note, Place, Source

FAR_UP = 200
"""So many lines are looked at, and no more."""


@dataclass(frozen=True)
class Stopped:
    """Where the parser stopped: lines count from 0, as do columns.

    `began` is the line where what it was reading began.
    """

    source: Source
    lines: list[str]
    problem: str
    line: int
    column: int
    began: int

    def place(self, line: int, start: int, end: int) -> Place:
        """A stretch of a line."""
        return Place(self.source, line + 1, start + 1, line + 1, end + 1)

    def said(
        self, message: str, place: Place, help: str | None, *notes: Note
    ) -> Diagnostic:
        """What is wrong with the text."""
        return Diagnostic("yaml-syntax", message, place, help, notes)

    @property
    def window(self) -> range:
        """The lines of what was being read."""
        return range(max(self.began, self.line - FAR_UP), self.line + 1)


def nearest_first(stopped: Stopped) -> Iterator[int]:
    """The lines that were being read, and the one before, from the last one up."""
    first = max(stopped.window.start - 1, 0)
    last = min(stopped.line, len(stopped.lines) - 1)
    yield from range(last, first - 1, -1)
