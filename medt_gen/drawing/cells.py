"""Which cell each box stands in.

Where rows are resolutions, the largest is on top, a box stands right of what it takes
from its own row and not left of what it takes from another one; so a U-Net is a U. Each
region has columns of its own: a lane. Elsewhere a row is how far a box is from the
start, and the longest way has the first column.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

from medt_gen.drawing.grid import Cell
from medt_gen.drawing.records import Graph, Region


def cells_of(graph: Graph) -> tuple[Cell, ...]:
    """The cell of every box."""
    if graph.by_size:
        return _Lanes(graph).cells()
    return _downwards(graph)


# --- rows are resolutions -------------------------------------------------------------


class _Lanes:
    """Places boxes one after the other, each region in columns of its own."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._rows = size_rows(graph)
        self._sources: list[list[int]] = [[] for _ in graph.boxes]
        for edge in graph.edges:
            self._sources[edge.target].append(edge.source)
        self._columns: dict[int, int] = {}
        self._taken: set[Cell] = set()
        self._lanes: list[tuple[int, int]] = []

    def cells(self) -> tuple[Cell, ...]:
        self._place(range(len(self._graph.boxes)), self._graph.regions, 0)
        return tuple(
            Cell(self._columns[index], self._rows[index])
            for index in range(len(self._graph.boxes))
        )

    def _place(
        self, boxes: Iterable[int], regions: Sequence[Region], first: int
    ) -> None:
        """Boxes as soon as all that they take is there, then the next region."""
        inside = {index for region in regions for index in region.boxes}
        waiting = [index for index in boxes if index not in inside]
        left = list(regions)
        while waiting or left:
            ready = next((index for index in waiting if self._is_ready(index)), None)
            if ready is not None:
                waiting.remove(ready)
                self._place_box(ready, first)
            elif left:
                self._place_region(left.pop(0), first)
            else:
                # A circle: of two specs in one, which order their calls otherwise.
                self._place_box(waiting.pop(0), first)

    def _is_ready(self, index: int) -> bool:
        return all(source in self._columns for source in self._sources[index])

    def _place_region(self, region: Region, least: int) -> None:
        first = max(least, 1 + max(self._columns.values(), default=-1))
        self._place(region.boxes, region.parts, first)
        last = max(self._columns[index] for index in region.boxes)
        self._lanes.append((first, last))

    def _place_box(self, index: int, first: int) -> None:
        row = self._rows[index]
        sources = [item for item in self._sources[index] if item in self._columns]
        column = first
        for source in sources:
            beside = int(self._rows[source] == row)
            column = max(column, self._columns[source] + beside)
        while not self._is_free(column, row, sources[:1]):
            column += 1
        self._columns[index] = column
        self._taken.add(Cell(column, row))

    def _is_free(self, column: int, row: int, piped: Sequence[int]) -> bool:
        """Whether a box can stand there, with nothing between it and what it takes."""
        if Cell(column, row) in self._taken or self._in_lane(column):
            return False
        if not piped or self._columns[piped[0]] != column:
            return True
        other = self._rows[piped[0]]
        between = range(min(row, other) + 1, max(row, other))
        return not any(Cell(column, item) in self._taken for item in between)

    def _in_lane(self, column: int) -> bool:
        return any(first <= column <= last for first, last in self._lanes)


def size_rows(graph: Graph) -> list[int]:
    """The row of every box: 0 for those of the largest images or volumes."""
    sizes = [prod(box.shape[1:]) if box.shape else 1 for box in graph.boxes]
    order = {size: row for row, size in enumerate(sorted(set(sizes), reverse=True))}
    return [order[size] for size in sizes]


# --- rows are distances ---------------------------------------------------------------


def _downwards(graph: Graph) -> tuple[Cell, ...]:
    rows = _distances(graph)
    columns: dict[int, int] = {}
    taken: set[Cell] = set()
    main = _longest_way(graph, rows)
    sources = {edge.target: edge.source for edge in reversed(graph.edges)}
    for index in [*main, *(set(range(len(rows))) - set(main))]:
        column = 0
        if index not in main:
            column = max(1, columns.get(sources.get(index, -1), 0))
        while Cell(column, rows[index]) in taken:
            column += 1
        columns[index] = column
        taken.add(Cell(column, rows[index]))
    return tuple(Cell(columns[index], rows[index]) for index in range(len(rows)))


def _distances(graph: Graph) -> list[int]:
    """How many boxes are before each, on the longest way."""
    rows = [0] * len(graph.boxes)
    # Boxes come in the order of the flow: an edge back is one of two specs in one.
    for edge in sorted(graph.edges, key=lambda edge: edge.target):
        if edge.source < edge.target:
            rows[edge.target] = max(rows[edge.target], rows[edge.source] + 1)
    return rows


def _longest_way(graph: Graph, rows: Sequence[int]) -> list[int]:
    """The boxes of the longest way, from its end to its start."""
    way: list[int] = []
    at = max(range(len(rows)), key=lambda index: rows[index], default=None)
    while at is not None:
        way.append(at)
        row = rows[at] - 1
        at = next(
            (
                edge.source
                for edge in graph.edges
                if edge.target == at and rows[edge.source] == row
            ),
            None,
        )
    return way
