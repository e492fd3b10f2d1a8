"""What commands that take two sides share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from medt_gen.messages.diagnostics import Diagnostic, MedtGenError, Place
from medt_gen.spec.overrides import OPTION


@contextmanager
def told_by(option: str) -> Iterator[None]:
    """Have mistakes in overrides told by the option that they were given with."""
    try:
        yield
    except MedtGenError as error:
        raise type(error)(*(_called(x, option) for x in error.diagnostics)) from None


def _called(item: Diagnostic, option: str) -> Diagnostic:
    def place(given: Place | None) -> Place | None:
        if given is None or given.source.name != OPTION:
            return given
        return replace(given, source=replace(given.source, name=option))

    notes = (replace(note, place=place(note.place)) for note in item.notes)
    return replace(item, place=place(item.place), notes=tuple(notes))
