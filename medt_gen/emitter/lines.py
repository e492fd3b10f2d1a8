"""Lines of source that know which module they make, and which they call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class SourceLine:
    """A line of a class, and the modules of that class that it is about.

    `begins` says that a statement begins here.
    """

    text: str
    makes: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    begins: bool = False


def plain_lines(texts: Iterable[str]) -> list[SourceLine]:
    """Lines that are about no module."""
    return [SourceLine(text) for text in texts]


def making(module: str, texts: Iterable[str]) -> list[SourceLine]:
    """The lines of the statement that makes a module."""
    return [SourceLine(text, makes=(module,)) for text in texts]


def calling(modules: tuple[str, ...], texts: Iterable[str]) -> list[SourceLine]:
    """The lines of a statement that calls these modules."""
    lines = [SourceLine(text, calls=modules) for text in texts]
    return [replace(lines[0], begins=True), *lines[1:]]
