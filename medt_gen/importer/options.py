"""What a person tells an import that a printout or a checkpoint does not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.wording import shown

Size = tuple[int, ...]
DEFAULT_GRID = (4, 4)
_SIZE = re.compile(r"[1-9]\d{0,5}([x,][1-9]\d{0,5}){0,2}", re.ASCII)


@dataclass(frozen=True)
class Options:
    """Facts from the command line.

    `size` is the input's, `grids` the patch grid of a branch by the ending of its
    modules' names (`_p`); the one under "" is for every branch.
    """

    size: Size | None = None
    grids: Mapping[str, Size] = field(default_factory=dict)

    def grid(self, suffix: str) -> Size | None:
        """The grid that was given for a branch."""
        return self.grids.get(suffix, self.grids.get(""))

    @property
    def given(self) -> bool:
        """Whether a person has said anything."""
        return self.size is not None or bool(self.grids)


def read_options(size: str | None, grids: Sequence[str]) -> Options:
    """Options from `--input-size 128x256` and `--grid _p=4x4` or `--grid 4x4`.

    Raises UnreadableInput for anything else.
    """
    found: dict[str, Size] = {}
    for text in grids:
        suffix, _, grid = text.rpartition("=")
        found[suffix] = _size("--grid", grid, "4x4, or --grid _p=4x4 for one branch")
    return Options(
        _size("--input-size", size, "128, or 128x256") if size else None, found
    )


def _size(option: str, text: str, example: str) -> Size:
    if not _SIZE.fullmatch(text):
        raise UnreadableInput(
            Diagnostic(
                "usage",
                f"{option} can't be `{shown(text)}`",
                help=f"write {option} {example}",
            )
        )
    numbers = tuple(int(part) for part in re.split("[x,]", text))
    return numbers * 2 if len(numbers) == 1 and option == "--input-size" else numbers
