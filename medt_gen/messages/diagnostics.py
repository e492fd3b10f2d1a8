"""What can be said about an input: errors as data, rendered elsewhere.

Every stage reports problems as `Diagnostic` records; only the command line turns
them into text and exit codes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from medt_gen.messages.codes import Code

Severity = Literal["error", "warning"]


@dataclass(frozen=True, eq=False)
class Source:
    """One text that was read: a file, standard input, or a command-line option.

    `shipped` texts came with the package: a person can't edit them.
    """

    name: str
    text: str = field(repr=False)
    shipped: bool = False


@dataclass(frozen=True)
class Place:
    """A stretch of a source; lines and columns count characters from 1.

    The end is exclusive: an empty stretch has `end_column == column`.
    """

    source: Source
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def text(self) -> str:
        """The characters that it covers, of several lines the first."""
        lines = self.source.text.split("\n")
        if not 1 <= self.line <= len(lines):
            return ""
        line = lines[self.line - 1].rstrip("\r")
        end = self.end_column - 1 if self.end_line == self.line else len(line)
        return line[self.column - 1 : end]


@dataclass(frozen=True)
class TraceStep:
    """A step on the way of a value: what it went through, and what came out."""

    text: str
    shape: str
    place: Place | None = None


@dataclass(frozen=True)
class Note:
    """A second place that explains a diagnostic, such as where a size came from.

    `trace` has the steps that lead there, the first one first.
    """

    message: str
    place: Place | None = None
    trace: tuple[TraceStep, ...] = ()


@dataclass(frozen=True)
class Diagnostic:
    """One problem: a stable code, a message, where it is and the likely fix."""

    code: Code
    message: str
    place: Place | None = None
    help: str | None = None
    notes: tuple[Note, ...] = ()
    severity: Severity = "error"


class MedtGenError(Exception):
    """The only exception that users see; it carries one or more diagnostics."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__(*diagnostics)
        self.diagnostics = diagnostics

    def __str__(self) -> str:
        return "\n".join(headline(item) for item in self.diagnostics)


class InvalidInput(MedtGenError):
    """The input was read and is wrong: exit code 1."""


class UnreadableInput(MedtGenError):
    """The input could not be read, or the request makes no sense: exit code 2."""


class SpecWarning(UserWarning):
    """What `validate` warns of, as a Python warning where a spec is loaded."""


def location(place: Place | None) -> str:
    """`file:line:column: `, or nothing where no place is known."""
    if place is None:
        return ""
    return f"{place.source.name}:{place.line}:{place.column}: "


def headline(item: Diagnostic) -> str:
    """A diagnostic in a line, with its help in another."""
    text = f"{location(item.place)}{item.severity}[{item.code}]: {item.message}"
    return f"{text}\n  help: {item.help}" if item.help else text
