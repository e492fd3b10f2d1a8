"""The words that both readers share: how a row of a printout looks, and how it breaks.

torch writes a module as `Type(` + its own text + one `(name): ` row a child + `)`;
`ModuleList` writes a run of equal children as `(first-last): count x ` (sources:
`torch.nn.Module.__repr__`, `torch.nn.ModuleList.__repr__`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from medt_gen.messages.codes import Code

TYPE = r"(?!None\()[^\W\d][\w.]*"
"""A class name, as `_get_name` may give it; `(gone): None` is no module."""

LONG_PATH = 200

COUNT = r"(?:(\d{1,18}) x )?"
RUN_NAME = re.compile(r"(\d{1,18})-(\d{1,18})")


@dataclass(frozen=True)
class Opened:
    """A module that was open where a printout broke: its path, class and position."""

    path: str
    type: str
    position: int


class Broken(Exception):
    """A text is no printout; positions are line numbers or offsets, as the reader's.

    Attributes:
        code, message: as in a diagnostic.
        position: the line (from 0) or the offset where the text broke.
        column: the column (from 0) in that line; 0 where `position` is an offset.
        opened: what was open there, outermost first.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        position: int,
        *,
        column: int = 0,
        opened: tuple[Opened, ...] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.position = position
        self.column = column
        self.opened = opened


def opened_path(names: Sequence[tuple[str, str, int]]) -> tuple[Opened, ...]:
    """Turn (name, type, position) of open modules, root first, into what to report.

    Of many only the root and the two innermost are kept, and of a long path its end:
    a hostile text may be nested without end.
    """
    shown = sorted({0, *range(max(len(names) - 2, 0), len(names))})
    return tuple(Opened(_path(names[: i + 1]), *names[i][1:]) for i in shown)


def _path(names: Sequence[tuple[str, str, int]]) -> str:
    path = ".".join(name for name, _, _ in names[1:])
    return path if len(path) <= LONG_PATH else f"...{path[-LONG_PATH:]}"


def describe(opened: Sequence[Opened]) -> str:
    """`layer1.0 (AxialBlock)`: the innermost module that was open."""
    last = opened[-1]
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
