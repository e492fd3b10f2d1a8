"""The parser's marks -> places: it counts lines and columns from 0, people from 1."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from medt_gen.messages.diagnostics import Place, Source


def span(source: Source, start: Any, end: Any) -> Place:
    """The stretch between two of the parser's marks."""
    return Place(source, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def part_of(place: Place, start: int, end: int) -> Place:
    """The characters `start` to `end` of a place on one line."""
    if place.end_line != place.line:
        return place
    column = place.column
    return replace(place, column=column + start, end_column=column + end)


def event_place(source: Source, event: Any) -> Place:
    """The stretch of an event."""
    return span(source, event.start_mark, event.end_mark)


def start_of_text(source: Source) -> Place:
    """Where a text is shown of which no place is known."""
    return Place(source, 1, 1, 1, 1)
