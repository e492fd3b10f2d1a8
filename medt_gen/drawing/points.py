"""From grids to points: the one rule, which the page follows as well.

All is in px. A column is as wide as its widest box or label, a row as high as its
highest box, with LABEL more where there is a label above or below; a box stands in the
middle of its cell. Its label, which says the size of what it gives, is where its edges
begin: above it where one leaves upwards or comes from below, else below. An inner
gutter is GAP wide, and TRACK more for each track after the first; an outer one has
TRACK for each track. The frame of a region is REGION around its cells for each frame in
it, itself counted, with BADGE for its title; the gutters there are wider by that. An
edge leaves from the middle of a side, or PORT for each step beside it, and follows its
bends. An opened box is as large as its grid, with PAD around and HEAD for its title.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from medt_gen.drawing.bands import REGION, Bands, Measure, bands_of
from medt_gen.drawing.drawing import Drawing
from medt_gen.drawing.grid import Cell, Frame, Port, Route
from medt_gen.drawing.records import Box, Edge
from medt_gen.drawing.sizes import TITLE_SIZE, BoxSize
from medt_gen.drawing.text import text_width
from medt_gen.paths.keys import join

ACROSS = Measure(gap=26, badge=0)
DOWN = Measure(gap=16, badge=16)
PORT = 4
CORNER = 5
LABEL = 15
PAD = 8
HEAD = 20

Address = tuple[int, ...]
"""A box by its index in the network's graph, then in that of the box, and so on."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Rectangle:
    """A rectangle by its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        """Its middle."""
        return (self.x + self.width / 2, self.y + self.height / 2)

    def has(self, x: float, y: float) -> bool:
        """Whether a point is inside."""
        across = self.x <= x <= self.x + self.width
        return across and self.y <= y <= self.y + self.height


@dataclass(frozen=True)
class PlacedBox:
    """A box where it is drawn; `opened` has what it holds drawn inside.

    `path` is that of its module in the network, "" where it is none; `label_above` says
    where its label is, in a strip that is LABEL high.
    """

    address: Address
    path: str
    box: Box
    size: BoxSize
    at: Rectangle
    opened: bool
    label_above: bool


@dataclass(frozen=True)
class PlacedEdge:
    """An edge where it is drawn; `around` is the box that it is inside of."""

    around: Address
    edge: Edge
    route: Route
    points: tuple[Point, ...]


@dataclass(frozen=True)
class PlacedFrame:
    """The frame of a region where it is drawn."""

    frame: Frame
    at: Rectangle


@dataclass(frozen=True)
class Scene:
    """All that is drawn: what is around comes before what is inside."""

    width: float
    height: float
    boxes: tuple[PlacedBox, ...]
    edges: tuple[PlacedEdge, ...]
    frames: tuple[PlacedFrame, ...]

    def box(self, address: Address) -> PlacedBox:
        """The box at an address."""
        return self._by_address[address]

    @cached_property
    def _by_address(self) -> dict[Address, PlacedBox]:
        return {placed.address: placed for placed in self.boxes}


def scene_of(drawing: Drawing, opened: Collection[Address] = ()) -> Scene:
    """Everything in points, with these boxes opened."""
    layout = _layout(drawing, frozenset(opened), (), 0)
    placing = _Placing(drawing)
    placing.add(layout, PAD, PAD, "")
    return Scene(
        layout.columns.total + 2 * PAD,
        layout.rows.total + 2 * PAD,
        tuple(placing.boxes),
        tuple(placing.edges),
        tuple(placing.frames),
    )


@dataclass(frozen=True)
class _Layout:
    """A graph in points, from its own upper left corner.

    `rows` are with the strips for labels, of which `above` and `below` have the height;
    `upwards` are the boxes whose label is above, `inner` the opened ones.
    """

    address: Address
    index: int
    extents: tuple[Point, ...]
    columns: Bands
    rows: Bands
    above: tuple[float, ...]
    below: tuple[float, ...]
    upwards: frozenset[int]
    inner: dict[int, _Layout]

    def middle(self, cell: Cell) -> Point:
        """The middle of a cell, without the strips for labels."""
        strips = self.above[cell.row] - self.below[cell.row]
        y = self.rows.middle(cell.row) + strips / 2
        return (self.columns.middle(cell.column), y)


def _layout(
    drawing: Drawing, opened: frozenset[Address], address: Address, index: int
) -> _Layout:
    inner = {
        number: _layout(drawing, opened, (*address, number), box.inside)
        for number, box in enumerate(drawing.graphs.graphs[index].boxes)
        if box.inside is not None and (*address, number) in opened
    }
    grid, sizes = drawing.grid(index), drawing.sizes(index)
    extents = tuple(
        _opened_extent(drawing, index, number, inner[number])
        if number in inner
        else (size.width, size.height)
        for number, size in enumerate(sizes)
    )
    wide, high = [0.0] * grid.columns, [0.0] * grid.rows
    above, below = [0.0] * grid.rows, [0.0] * grid.rows
    upwards = upwards_of(drawing, index)
    rows = zip(grid.cells, sizes, extents, strict=True)
    for number, (cell, size, extent) in enumerate(rows):
        wide[cell.column] = max(wide[cell.column], extent[0], size.label_width)
        high[cell.row] = max(high[cell.row], extent[1])
        if size.label:
            strips = above if number in upwards else below
            strips[cell.row] = LABEL
    whole = [sum(parts) for parts in zip(above, high, below, strict=True)]
    return _Layout(
        address,
        index,
        extents,
        bands_of(wide, grid.column_gutters, ACROSS),
        bands_of(whole, grid.row_gutters, DOWN),
        tuple(above),
        tuple(below),
        upwards,
        inner,
    )


def upwards_of(drawing: Drawing, index: int) -> frozenset[int]:
    """The boxes whose label is above: an edge leaves upwards, or comes from below."""
    edges = drawing.graphs.graphs[index].edges
    found = set()
    for edge, route in zip(edges, drawing.grid(index).routes, strict=True):
        if route.start.side == "top":
            found.add(edge.source)
        if route.end.side == "bottom":
            found.add(edge.target)
    return frozenset(found)


def _opened_extent(drawing: Drawing, index: int, number: int, inner: _Layout) -> Point:
    title = drawing.graphs.graphs[index].boxes[number].title
    wide = max(inner.columns.total, text_width(title, TITLE_SIZE))
    return (wide + 2 * PAD, inner.rows.total + 2 * PAD + HEAD)


class _Placing:
    """Collects what is drawn, in the coordinates of the whole."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self.boxes: list[PlacedBox] = []
        self.edges: list[PlacedEdge] = []
        self.frames: list[PlacedFrame] = []

    def add(self, layout: _Layout, x: float, y: float, around: str) -> None:
        """A graph whose upper left corner is at (x, y), and what its boxes hold.

        `around` is the path of the module that it is inside of.
        """
        graph = self._drawing.graphs.graphs[layout.index]
        grid = self._drawing.grid(layout.index)
        sizes = self._drawing.sizes(layout.index)
        self.frames += [
            PlacedFrame(frame, _frame_at(layout, frame, x, y)) for frame in grid.frames
        ]
        places = []
        for number, box in enumerate(graph.boxes):
            width, height = layout.extents[number]
            middle = layout.middle(grid.cells[number])
            at = Rectangle(
                x + middle[0] - width / 2, y + middle[1] - height / 2, width, height
            )
            places.append(at)
            address, opened = (*layout.address, number), number in layout.inner
            path = join(around, box.path) if box.path else ""
            above = number in layout.upwards
            self.boxes.append(
                PlacedBox(address, path, box, sizes[number], at, opened, above)
            )
            if opened:
                inner = layout.inner[number]
                left = (width - inner.columns.total) / 2
                self.add(inner, at.x + left, at.y + HEAD + PAD, path or around)
        for edge, route in zip(graph.edges, grid.routes, strict=True):
            ends = places[edge.source], places[edge.target]
            points = _way(layout, route, ends, x, y)
            self.edges.append(PlacedEdge(layout.address, edge, route, points))


def _frame_at(layout: _Layout, frame: Frame, x: float, y: float) -> Rectangle:
    margin = frame.levels * REGION
    left = layout.columns.starts[frame.first.column] - margin
    top = layout.rows.starts[frame.first.row] - margin - frame.levels * DOWN.badge
    right = _end(layout.columns, frame.last.column) + margin
    bottom = _end(layout.rows, frame.last.row) + margin
    return Rectangle(x + left, y + top, right - left, bottom - top)


def _end(bands: Bands, band: int) -> float:
    return bands.starts[band] + bands.sizes[band]


def _way(
    layout: _Layout,
    route: Route,
    ends: tuple[Rectangle, Rectangle],
    x: float,
    y: float,
) -> tuple[Point, ...]:
    """The corners of an edge, from port to port."""
    start, end = port_at(ends[0], route.start), port_at(ends[1], route.end)
    points, at = [start], start
    for bend in route.bends:
        if bend.upright:
            at = (x + layout.columns.track(bend.gutter, bend.track), at[1])
        else:
            at = (at[0], y + layout.rows.track(bend.gutter, bend.track))
        points.append(at)
    if route.bends:
        # The last piece starts where the last gutter is left for the box.
        at = (at[0], end[1]) if route.bends[-1].upright else (end[0], at[1])
        points.append(at)
    elif at[0] != end[0] and at[1] != end[1]:
        points.append(
            (end[0], at[1]) if route.start.side == "right" else (at[0], end[1])
        )
    return (*points, end)


def port_at(box: Rectangle, port: Port) -> Point:
    """Where on a box's border an edge begins or ends."""
    upright = port.side in ("left", "right")
    most = max((box.height if upright else box.width) / 2 - CORNER, 0)
    beside = max(-most, min(port.beside * PORT, most))
    x, y = box.middle
    if upright:
        return (box.x + (box.width if port.side == "right" else 0), y + beside)
    return (x + beside, box.y + (box.height if port.side == "bottom" else 0))
