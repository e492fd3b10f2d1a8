"""What is drawn of a network: boxes, edges between them, and the grid they stand on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from medt_gen.catalog.purposes import Purpose

Numbers = tuple[int, ...]

BoxKind = Literal["input", "parameter", "operation", "layer", "chain", "module"]
"""A chain is some layers and operations in one box; a module holds others."""

Family = Purpose | Literal["input", "operation"]
"""What a box mainly does, by which it is coloured and has its line in a legend."""


@dataclass(frozen=True)
class Box:
    """What is called at one place of a flow.

    key: tells it from the others of its graph; the same in another spec that calls the
        same there.
    path: of its module from the module around, "" where it is none.
    members: the paths of all modules that it stands for, as from the module around.
    count: how many equal ones, one after the other, it stands for.
    shape: of its result for one image, or one patch of it, without the batch.
    inside: the index of the graph that it opens into.
    output: the name of the result of the network that it gives.
    blocks: the classes of the blocks that it uses.
    cuts: into how many patches along each axis its value is cut.
    """

    key: str
    kind: BoxKind
    family: Family
    title: str
    detail: str
    shape: Numbers | None
    path: str = ""
    members: tuple[str, ...] = ()
    count: int = 1
    inside: int | None = None
    output: str | None = None
    blocks: tuple[str, ...] = ()
    cuts: tuple[Numbers, ...] = ()


@dataclass(frozen=True)
class Edge:
    """A value on its way, from the box that gives it to one that takes it.

    further: it is taken beside the piped value, as what a skip connection brings is.
    """

    source: int
    target: int
    shape: Numbers
    further: bool = False


@dataclass(frozen=True)
class Region:
    """Boxes that run once for each patch: a lane of its own, in a frame.

    `parts` are regions inside of it; their boxes are among its own, too.
    """

    name: str
    grid: Numbers
    boxes: tuple[int, ...]
    parts: tuple[Region, ...] = ()

    @property
    def badge(self) -> str:
        """How the image is cut: `4 x 4`."""
        return dimensions(self.grid)

    @property
    def levels(self) -> int:
        """How many frames are inside of one another, this one counted."""
        return 1 + max((part.levels for part in self.parts), default=0)

    def walk(self) -> Iterator[Region]:
        """This region and those inside of it."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True)
class Graph:
    """The boxes of one flow, in the order of its text.

    by_size: its rows are resolutions, and it runs to the right; else it runs down.
    """

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    regions: tuple[Region, ...] = ()
    by_size: bool = False

    def all_regions(self) -> Iterator[Region]:
        """Every region, what is around before what is inside."""
        for region in self.regions:
            yield from region.walk()


@dataclass(frozen=True)
class Graphs:
    """All graphs of a network by index: 0 is the network's own flow.

    A block that is used with the same numbers several times has one graph.
    """

    graphs: tuple[Graph, ...]

    @property
    def root(self) -> Graph:
        """The network's own flow."""
        return self.graphs[0]


def dimensions(numbers: Numbers) -> str:
    """Sizes as they are drawn: `64 x 128 x 128`."""
    return " x ".join(map(str, numbers))
