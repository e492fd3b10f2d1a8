"""The graphs of a network, each on its grid."""

from __future__ import annotations

from collections.abc import Iterator

from medt_gen.drawing.grid import Grid
from medt_gen.drawing.place import grid_of
from medt_gen.drawing.records import Graphs
from medt_gen.drawing.sizes import BoxSize, box_sizes


class Drawing:
    """What is drawn of a network; a grid is made when it is asked for, and kept."""

    def __init__(self, graphs: Graphs) -> None:
        self.graphs = graphs
        self._grids: dict[int, Grid] = {}
        self._sizes: dict[int, tuple[BoxSize, ...]] = {}

    def grid(self, index: int) -> Grid:
        """The grid of a graph."""
        if index not in self._grids:
            self._grids[index] = grid_of(self.graphs.graphs[index])
        return self._grids[index]

    def sizes(self, index: int) -> tuple[BoxSize, ...]:
        """The sizes of a graph's closed boxes."""
        if index not in self._sizes:
            self._sizes[index] = box_sizes(self.graphs.graphs[index])
        return self._sizes[index]

    def addresses(self, depth: int, index: int = 0) -> Iterator[tuple[int, ...]]:
        """The boxes to open so that `depth` levels are seen; 1 is the flow alone."""
        if depth < 2:
            return
        for number, box in enumerate(self.graphs.graphs[index].boxes):
            if box.inside is not None:
                yield (number,)
                for inner in self.addresses(depth - 1, box.inside):
                    yield (number, *inner)
