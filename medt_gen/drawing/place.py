"""A graph on its grid."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from medt_gen.drawing.cells import cells_of
from medt_gen.drawing.grid import Cell, Frame, Grid, Gutter, Route
from medt_gen.drawing.records import Graph
from medt_gen.drawing.routes import routes_of


def grid_of(graph: Graph) -> Grid:
    """Where every box stands, and how every edge runs."""
    cells = cells_of(graph)
    routes = routes_of(graph.edges, cells, to_the_right=graph.by_size)
    columns = 1 + max((cell.column for cell in cells), default=-1)
    rows = 1 + max((cell.row for cell in cells), default=-1)
    frames = tuple(_frames(graph, cells))
    return Grid(
        columns,
        rows,
        cells,
        routes,
        _gutters(columns, routes, frames, upright=True),
        _gutters(rows, routes, frames, upright=False),
        frames,
    )


def _frames(graph: Graph, cells: Sequence[Cell]) -> Iterable[Frame]:
    for region in graph.all_regions():
        own = [cells[index] for index in region.boxes]
        columns = [cell.column for cell in own]
        rows = [cell.row for cell in own]
        first, last = Cell(min(columns), min(rows)), Cell(max(columns), max(rows))
        yield Frame(region.name, region.badge, first, last, region.levels)


def _gutters(
    count: int, routes: Iterable[Route], frames: Iterable[Frame], *, upright: bool
) -> tuple[Gutter, ...]:
    tracks = [0] * (count + 1)
    opening = [0] * (count + 1)
    closing = [0] * (count + 1)
    for route in routes:
        for bend in route.bends:
            if bend.upright == upright:
                tracks[bend.gutter] = max(tracks[bend.gutter], bend.track + 1)
    for frame in frames:
        first = frame.first.column if upright else frame.first.row
        last = frame.last.column if upright else frame.last.row
        opening[first] = max(opening[first], frame.levels)
        closing[last + 1] = max(closing[last + 1], frame.levels)
    rows = zip(tracks, closing, opening, strict=True)
    return tuple(Gutter(*row) for row in rows)
