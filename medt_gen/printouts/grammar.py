"""The words that both readers share: how a row of a printout looks, and how it breaks.

torch writes a module as `Type(` + its own text + one `(name): ` row a child + `)`;
`ModuleList` writes a run of equal children as `(first-last): count x ` (sources:
`torch.nn.Module.__repr__`, `torch.nn.ModuleList.__repr__`). Every position is an offset
into the text, from 0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from medt_gen.messages.codes import Code
from medt_gen.printouts.tree import Node

TYPE = r"(?!None\()[^\W\d][\w.]*"
"""A class name, as `_get_name` may give it; `(gone): None` is no module."""

LONG_PATH = 200

COUNT = r"(?:(\d{1,18}) x )?"
RUN_NAME = re.compile(r"(\d{1,18})-(\d{1,18})")


@dataclass(frozen=True)
class Found:
    """A printout between two offsets of a text.

    `flattened` says that it was read by its parentheses: its layout is lost.
    """

    tree: Node
    start: int
    end: int
    flattened: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """How the row of a module begins: `(name): count x Type(`."""

    name: str
    type: str
    count: int
    position: int


@dataclass(frozen=True)
class Enclosing:
    """A module that was not closed yet where a printout broke."""

    path: str
    type: str
    position: int


@dataclass(frozen=True)
class Fault:
    """Why a text is no printout, and where it broke.

    Attributes:
        code, message: as in a diagnostic.
        position: the offset where the text broke.
        enclosing: the modules that were not closed there, outermost first.
    """

    code: Code
    message: str
    position: int
    enclosing: tuple[Enclosing, ...] = ()


class PrintoutError(Exception):
    """A text is no printout, for the reason that `fault` has."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def enclosing_modules(unclosed: Sequence[Opening]) -> tuple[Enclosing, ...]:
    """What to report of the modules that are not closed yet, the root first.

    Of many only the root and the two innermost are kept, and of a long path its end:
    a hostile text may be nested without end.
    """
    many = len(unclosed)
    shown = (place for place in sorted({0, many - 2, many - 1}) if 0 <= place < many)
    return tuple(_enclosing(unclosed[: place + 1]) for place in shown)


def _enclosing(unclosed: Sequence[Opening]) -> Enclosing:
    last = unclosed[-1]
    return Enclosing(_path(unclosed[1:]), last.type, last.position)


def _path(openings: Sequence[Opening]) -> str:
    path = ".".join(opening.name for opening in openings)
    return path if len(path) <= LONG_PATH else f"...{path[-LONG_PATH:]}"


def described(enclosing: Sequence[Enclosing]) -> str:
    """`layer1.0 (AxialBlock)`: the innermost module that is not closed."""
    last = enclosing[-1]
    return f"{last.path} ({last.type})" if last.path else last.type


def run_fault(name: str, count: str | None) -> str | None:
    """What is wrong with `(name): count x `; None where it adds up."""
    if count is None:
        return None
    match = RUN_NAME.fullmatch(name)
    if match is None:
        return f"({name}): {count} x: a counted row needs its first and last index"
    covered = int(match[2]) - int(match[1]) + 1
    if covered != int(count) or covered < 2:
        return f"({name}): {count} x: these indices count {covered} modules"
    return None
