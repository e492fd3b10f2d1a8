"""What the page shows: rows of a tree, facts of modules, drawings, texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from medt_gen.drawing.drawing import Drawing
from medt_gen.drawing.marks import Marks, State

Why = Literal["given", "inferred", "default"]
Lines = tuple[int, int]
"""The first and the last line, counted from 1."""


@dataclass(frozen=True)
class TreeRow:
    """A row of the printed tree; `depth` 0 is the network.

    `text` is what stands in its parentheses, `count` how many equal modules it stands
    for. Where it changed, `before` is the whole row as the left side has it, and
    `change` what is new: `kernel_size: 3 -> 5`.
    """

    depth: int
    name: str
    type: str
    text: str
    count: int = 1
    state: State = ""
    before: str = ""
    change: str = ""


@dataclass(frozen=True)
class RowCost:
    """What a row holds and does, as `summary` counts it; of a run, all of it."""

    output: str
    parameters: int
    multiply_adds: int
    output_bytes: int
    calls: int


@dataclass(frozen=True)
class ArgumentFact:
    """An argument of a layer: its value, and where that comes from, in words.

    `before` is another value that the left side has.
    """

    name: str
    value: str
    why: Why
    words: str
    before: str = ""


@dataclass(frozen=True)
class ModuleFacts:
    """What is known of a module beyond its row.

    `spec` is the text that declares it, by its number, with the line; the others are
    lines of the emitted file: where it is made, where it is called, its own class.
    """

    arguments: tuple[ArgumentFact, ...] = ()
    spec: tuple[int, int] | None = None
    made: Lines | None = None
    calls: tuple[Lines, ...] = ()
    own: Lines | None = None


@dataclass(frozen=True)
class PageText:
    """A text that modules point into: a spec, a block, or the emitted file."""

    name: str
    text: str


@dataclass(frozen=True)
class Exploration:
    """All that one page shows.

    subject: what is shown, in words; of a comparison both sides.
    costs: by row, or none where they are not known.
    facts: by the path of the module.
    texts: those that the facts point into, `emitted` the source of the network.
    no_flow, no_lines: why there is no flow, and why no lines, in a sentence.
    notes: what else a reader has to know; `changes` sum up a comparison.
    """

    subject: str
    title: str
    rows: tuple[TreeRow, ...]
    costs: tuple[RowCost | None, ...] = ()
    totals: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, ModuleFacts] = field(default_factory=dict)
    texts: tuple[PageText, ...] = ()
    emitted: PageText | None = None
    drawing: Drawing | None = None
    marks: Marks | None = None
    no_flow: str = ""
    no_lines: str = ""
    notes: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    compares: bool = False
