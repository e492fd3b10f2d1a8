"""Diagnostics -> text: for people, for programs, for annotations on a pull request."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from medt_gen.messages.diagnostics import Diagnostic, Note, Place, Source, location
from medt_gen.messages.wording import shown

_WIDEST = 200
_STYLE = {"error": "bold red", "warning": "bold yellow"}


def print_diagnostics(items: Iterable[Diagnostic], console: Console) -> None:
    """Write each diagnostic with its source line, the place underlined, and help."""
    for item in items:
        console.print(_text(item), soft_wrap=True, highlight=False)


def _text(item: Diagnostic) -> Text:
    style = _STYLE[item.severity]
    text = Text(_safe(location(item.place)), style="bold")
    text.append(f"{item.severity}[{item.code}]", style)
    text.append(f": {_safe(item.message)}", "bold")
    if item.place is not None:
        text.append_text(_excerpt(item.place, style))
    for note in item.notes:
        where = _safe(location(note.place))
        text.append("\n  note: ", "bold cyan")
        text.append(f"{where}{_safe(note.message)}")
        if note.place is not None:
            text.append_text(_excerpt(note.place, "cyan"))
    if item.help:
        text.append("\n  help: ", "bold green")
        text.append(_safe(item.help))
    return text


@lru_cache(maxsize=16)
def _lines(source: Source) -> list[str]:
    return source.text.split("\n")


def _safe(text: str) -> str:
    return shown(text, most=2_000)


def _excerpt(place: Place, style: str) -> Text:
    """The source line with the place underlined."""
    lines = _lines(place.source)
    if not 1 <= place.line <= len(lines):
        return Text()
    line = lines[place.line - 1].rstrip("\r")
    end = place.end_column if place.end_line == place.line else len(line.rstrip()) + 1
    start, shift = place.column, 0
    if len(line) > _WIDEST:
        shift = max(0, min(start - 1 - _WIDEST // 2, len(line) - _WIDEST))
        line = line[shift : shift + _WIDEST]
    before = _safe_line(line[: start - 1 - shift])
    marked = _safe_line(line[start - 1 - shift : max(end - 1 - shift, 0)])
    gutter = " " * len(str(place.line))
    text = Text(f"\n {gutter} |\n {place.line} | ")
    text.append(_safe_line(line))
    text.append(f"\n {gutter} | {' ' * cell_len(before)}")
    text.append("^" * max(cell_len(marked), 1), style)
    return text


def _safe_line(line: str) -> str:
    return shown(line.replace("\t", " "), most=len(line) + 1)


def as_json(items: Iterable[Diagnostic]) -> str:
    """A JSON list with code, severity, file, line, column, message and help."""
    return json.dumps([_record(item) for item in items], indent=2)


def _record(item: Diagnostic) -> dict[str, Any]:
    place = item.place
    return {
        "code": item.code,
        "severity": item.severity,
        "file": place.source.name if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "message": item.message,
        "help": item.help,
        "notes": [_note_record(note) for note in item.notes],
    }


def _note_record(note: Note) -> dict[str, Any]:
    place = note.place
    return {
        "message": note.message,
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
            "file": _safe(place.source.name),
            "line": str(place.line),
            "col": str(place.column),
            **properties,
        }
    listed = ",".join(f"{name}={_property(text)}" for name, text in properties.items())
    message = _safe(item.message)
    if place is not item.place:
        message = f"{_safe(location(item.place))}{message}"
    for note in item.notes:
        message += f"\nnote: {_safe(location(note.place))}{_safe(note.message)}"
    if item.help:
        message += f"\nhelp: {_safe(item.help)}"
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
