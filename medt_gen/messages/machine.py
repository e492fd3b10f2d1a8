"""Diagnostics -> text for programs: JSON, and annotations on a pull request."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from medt_gen.messages.diagnostics import Diagnostic, Note, Place, location
from medt_gen.messages.wording import whole


def as_json(items: Iterable[Diagnostic]) -> str:
    """A JSON list with code, severity, file, line, column, message and help."""
    return json.dumps([_record(item) for item in items], indent=2)


def _record(item: Diagnostic) -> dict[str, Any]:
    return {
        "code": item.code,
        "severity": item.severity,
        **_place_record(item.place),
        "message": item.message,
        "help": item.help,
        "notes": [_note_record(note) for note in item.notes],
    }


def _note_record(note: Note) -> dict[str, Any]:
    record = {"message": note.message, **_place_record(note.place)}
    if note.trace:
        record["trace"] = [
            {"step": step.text, "shape": step.shape, **_place_record(step.place)}
            for step in note.trace
        ]
    return record


def _place_record(place: Place | None) -> dict[str, Any]:
    return {
        "file": place.source.name if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
    }


def as_github(items: Iterable[Diagnostic]) -> str:
    """Workflow commands that annotate the lines of a pull request."""
    return "\n".join(_annotation(item) for item in items)


def _annotation(item: Diagnostic) -> str:
    properties: dict[str, str] = {"title": item.code}
    place = _annotated(item)
    if place is not None:
        properties = {
            "file": whole(place.source.name),
            "line": str(place.line),
            "col": str(place.column),
            **properties,
        }
    listed = ",".join(f"{name}={_property(text)}" for name, text in properties.items())
    message = whole(item.message)
    if place is not item.place:
        message = f"{whole(location(item.place))}{message}"
    for note in item.notes:
        message += f"\nnote: {whole(location(note.place))}{whole(note.message)}"
    if item.help:
        message += f"\nhelp: {whole(item.help)}"
    return f"::{item.severity} {listed}::{_data(message)}"


def _annotated(item: Diagnostic) -> Place | None:
    """The line to annotate: of a mistake inside a shipped file, its use."""
    if item.place is None or not item.place.source.shipped:
        return item.place
    places = (note.place for note in item.notes if note.place is not None)
    return next((p for p in places if not p.source.shipped), item.place)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
