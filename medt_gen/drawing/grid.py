"""The grid of a graph: integers, from which `points.py` and the page make points.

Boxes stand in cells, one in each. Between the columns, and between the rows, are
gutters; edges run in their tracks. Gutter i is before column or row i, the last one
after all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["left", "right", "top", "bottom"]
OPPOSITE: dict[Side, Side] = {
    "left": "right",
    "right": "left",
    "top": "bottom",
    "bottom": "top",
}


@dataclass(frozen=True)
class Cell:
    """Where a box stands."""

    column: int
    row: int


@dataclass(frozen=True)
class Bend:
    """A piece of an edge that runs in a gutter.

    upright: in a gutter between columns, up or down; else in one between rows.
    """

    upright: bool
    gutter: int
    track: int


@dataclass(frozen=True)
class Port:
    """Where an edge meets a box: `beside` the middle of a side.

    It counts downwards or to the right; 0 is the middle. What begins elsewhere has even
    numbers and what ends there odd ones, so that an edge that leaves a box never runs
    into one that comes to the next box of its row.
    """

    side: Side
    beside: int


@dataclass(frozen=True)
class Route:
    """The way of an edge by its bends, which alternate.

    Without any it is straight, or has one corner where its ports are on sides that are
    next to each other.
    """

    start: Port
    end: Port
    bends: tuple[Bend, ...] = ()


@dataclass(frozen=True)
class Gutter:
    """The room between two columns or rows.

    `tracks` are for edges; `closing` frames of regions end in it, `opening` ones begin.
    """

    tracks: int = 0
    closing: int = 0
    opening: int = 0


@dataclass(frozen=True)
class Frame:
    """The rectangle of cells that a region takes, first and last ones included.

    `levels` is how many frames are inside of one another, this one counted.
    """

    name: str
    badge: str
    first: Cell
    last: Cell
    levels: int


@dataclass(frozen=True)
class Grid:
    """Where everything of a graph is: `cells` by box, `routes` by edge."""

    columns: int
    rows: int
    cells: tuple[Cell, ...]
    routes: tuple[Route, ...]
    column_gutters: tuple[Gutter, ...]
    row_gutters: tuple[Gutter, ...]
    frames: tuple[Frame, ...] = ()
