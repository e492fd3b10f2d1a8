"""A scene as a figure: boxes with what fits in them, edges, frames, and a legend."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from medt_gen.drawing.bands import REGION
from medt_gen.drawing.points import (
    ACROSS,
    DOWN,
    HEAD,
    LABEL,
    Address,
    PlacedBox,
    PlacedEdge,
    PlacedFrame,
    Scene,
)
from medt_gen.drawing.records import dimensions
from medt_gen.drawing.sizes import SMALL_SIZE, TITLE_SIZE
from medt_gen.drawing.text import fitted, text_width
from medt_gen.figures.legend import Tints, legend_of
from medt_gen.figures.shapes import (
    Area,
    Curve,
    Figure,
    Group,
    Segment,
    Shape,
    Text,
    arrow_head,
    bowed,
    rounded,
)
from medt_gen.figures.themes import Colour, Theme, mixed
from medt_gen.messages.wording import counted

NATURAL = 0.75
"""Points of paper in a px, as in CSS."""
SMALLEST = 5.0
"""No text is smaller, in points."""

_LINE = 1.15
_CORNER = 5
_BOW = 9
_MARGIN = 3
_ORDER = {
    "detail": "what a box holds",
    "size": "the size of what a box gives",
    "title": "the name of a box",
    "badge": "the grid of a frame",
}
"""What is left out where it does not fit, in this order."""


@dataclass
class _Fitting:
    """Which size texts have, and what did not fit."""

    point: float
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def small(self) -> float:
        return max(SMALL_SIZE, SMALLEST / self.point)

    @property
    def large(self) -> float:
        return max(TITLE_SIZE, SMALLEST / self.point)

    def fit(self, kind: str, text: str, size: float, room: float) -> str:
        """A text that fits, cut where it has to be; "" is counted as left out."""
        kept = fitted(text, size, room)
        self.left_out[kind] += bool(text) and not kept
        return kept

    def told(self) -> tuple[str, ...]:
        """What was left out, in words."""
        return tuple(
            f"{what}, {counted(self.left_out[kind], 'time')}"
            for kind, what in _ORDER.items()
            if self.left_out[kind]
        )


def figure_of(
    scene: Scene,
    name: str,
    theme: Theme,
    titles: Mapping[str, str],
    *,
    width: float | None = None,
) -> Figure:
    """The figure of a scene; `width` is how wide it is asked to be, in points.

    `titles` has those of blocks by their class, for the legend.
    """
    point = NATURAL if width is None else width / scene.width
    fitting = _Fitting(point)
    tints = Tints(scene)
    shapes: list[Shape] = [_frame(item, theme, fitting) for item in scene.frames]
    shapes += _Composing(scene, theme, fitting, tints).inside(())
    legend = legend_of(scene, tints, theme, titles, fitting.small)
    shapes.append(Group("legend", "legend", legend.shapes))
    return Figure(
        name,
        scene.width,
        scene.height + legend.height,
        point,
        theme.background,
        tuple(shapes),
        fitting.told(),
    )


class _Composing:
    """Groups inside of groups, as boxes are inside of boxes."""

    def __init__(
        self, scene: Scene, theme: Theme, fitting: _Fitting, tints: Tints
    ) -> None:
        self._scene = scene
        self._theme = theme
        self._fitting = fitting
        self._tints = tints
        self._edges: dict[Address, list[PlacedEdge]] = defaultdict(list)
        self._boxes: dict[Address, list[PlacedBox]] = defaultdict(list)
        for edge in scene.edges:
            self._edges[edge.around].append(edge)
        for box in scene.boxes:
            self._boxes[box.address[:-1]].append(box)

    def inside(self, around: Address) -> Iterator[Shape]:
        """What is directly in a box, or of the network itself: edges, then boxes."""
        for edge in self._edges[around]:
            yield _edge(edge, self._scene, self._theme)
        for placed in self._boxes[around]:
            behind = _behind(placed, self._scene, self._theme, self._tints)
            inner = tuple(self.inside(placed.address)) if placed.opened else ()
            yield _box(placed, self._theme, self._fitting, self._tints, behind, inner)


# --- boxes ----------------------------------------------------------------------------


def _box(
    placed: PlacedBox,
    theme: Theme,
    fitting: _Fitting,
    tints: Tints,
    behind: Colour,
    inner: tuple[Shape, ...],
) -> Group:
    """A box with its texts and what is in it; `behind` is the colour it stands on."""
    box, at = placed.box, placed.at
    fill = _fill(placed, theme, tints)
    low = box.kind in ("operation", "parameter", "input")
    line = 2.0 if box.output else 1.0
    border = mixed(theme.ink, theme.background, 0.45 if low else 0.25)
    shapes: list[Shape] = [Area(at, fill, border, 3 if not low else 8, line=line)]
    if box.kind == "input" and placed.size.height == placed.size.width:
        shapes[0] = Area(at, fill, border, 0, line=line)
        shapes += _cuts(placed, theme)
    shapes += _texts(placed, theme, fitting)
    if placed.size.label:
        shapes += _label(placed, theme, fitting, behind)
    return Group(
        placed.path or box.key,
        "module" if placed.path else box.kind,
        (*shapes, *inner),
        says=_says(placed),
    )


def _fill(placed: PlacedBox, theme: Theme, tints: Tints) -> Colour:
    fill = theme.fill(placed.box.family, tints.of(placed.box))
    return mixed(fill, theme.background, 0.8) if placed.opened else fill


def _behind(placed: PlacedBox, scene: Scene, theme: Theme, tints: Tints) -> Colour:
    """The colour that a box stands on."""
    if len(placed.address) > 1:
        return _fill(scene.box(placed.address[:-1]), theme, tints)
    x, y = placed.at.middle
    framed = any(frame.at.has(x, y) for frame in scene.frames)
    return _region_fill(theme) if framed else theme.background


def _region_fill(theme: Theme) -> Colour:
    return mixed(theme.region, theme.background, 0.93)


def _says(placed: PlacedBox) -> str:
    """The box in words, whole, for who hears it or points at it."""
    box = placed.box
    words = [box.title if not placed.path else placed.path]
    words += [box.detail] if box.detail else []
    words += [f"gives {dimensions(box.shape)}"] if box.shape else []
    words += [f"result `{box.output}`"] if box.output else []
    return ", ".join(words)


def _cuts(placed: PlacedBox, theme: Theme) -> Iterator[Shape]:
    """The patches of an image, as lines on it; of several grids the finest."""
    at = placed.at
    grids = [grid[-2:] for grid in placed.box.cuts]
    down, across = max(grids, default=(1, 1), key=lambda grid: grid[0] * grid[-1])
    for number in range(1, min(across, 16)):
        x = at.x + at.width * number / min(across, 16)
        ends = ((x, at.y), (x, at.y + at.height))
        yield Curve(ends[0], (Segment(ends[1]),), theme.region, line=0.5)
    for number in range(1, min(down, 16)):
        y = at.y + at.height * number / min(down, 16)
        ends = ((at.x, y), (at.x + at.width, y))
        yield Curve(ends[0], (Segment(ends[1]),), theme.region, line=0.5)


def _texts(placed: PlacedBox, theme: Theme, fitting: _Fitting) -> Iterator[Shape]:
    box, at = placed.box, placed.at
    small, large = fitting.small, fitting.large
    middle, room = at.x + at.width / 2, at.width - 2 * _MARGIN
    title = fitting.fit("title", box.title, large, room)
    # Two lines need their height, and what a box holds is the first to be left out.
    high = placed.opened or (large + small) * _LINE <= at.height
    detail = ""
    if not placed.opened:
        detail = fitting.fit("detail", box.detail, small, room if high else 0)
    lines = large + (small * _LINE if detail else 0)
    top = HEAD / 2 + 4 if placed.opened else at.height / 2
    base = at.y + top + large * 0.85 - lines / 2 - (large - TITLE_SIZE) * 0.05
    halo = theme.fill(box.family) if box.cuts else None
    yield Text((middle, base), title, large, theme.ink, halo=halo)
    if detail:
        below = base + small * _LINE
        yield Text((middle, below), detail, small, theme.detail)


def _label(
    placed: PlacedBox, theme: Theme, fitting: _Fitting, halo: Colour
) -> Iterator[Shape]:
    """The size of what a box gives, where its edges begin."""
    at, text, size = placed.at, placed.size.label, fitting.small
    room = max(at.width, placed.size.label_width) + ACROSS.gap - 2 * _MARGIN
    fits = text_width(text, size) <= room and size <= LABEL + DOWN.gap / 3
    fitting.left_out["size"] += not fits
    if fits:
        base = at.y - LABEL * 0.3 if placed.label_above else at.y + at.height + size
        middle = at.x + at.width / 2
        yield Text((middle, base), text, size, theme.quiet, halo=halo)


# --- edges and frames -----------------------------------------------------------------


def _edge(placed: PlacedEdge, scene: Scene, theme: Theme) -> Group:
    edge, points = placed.edge, placed.points
    colour = theme.skip if edge.further else mixed(theme.ink, theme.background, 0.25)
    level = len(points) == 2 and points[0][1] == points[1][1]
    if edge.further and level:
        segments = bowed(points[0], points[1], _BOW)
        controls = segments[0].controls
        before = controls[1] if controls else points[0]
    else:
        segments = rounded(points, 2 * _CORNER if edge.further else _CORNER)
        before = points[-2]
    ends = tuple(_name(placed, index, scene) for index in (edge.source, edge.target))
    return Group(
        f"{ends[0]} to {ends[1]}" + (", beside" if edge.further else ""),
        "skip" if edge.further else "edge",
        (
            Curve(points[0], segments, colour, dashed=edge.further, line=1.2),
            arrow_head(before, points[-1], colour),
        ),
        says=f"{ends[0]} to {ends[1]}: {dimensions(edge.shape)}",
    )


def _name(placed: PlacedEdge, index: int, scene: Scene) -> str:
    box = scene.box((*placed.around, index))
    return box.path or box.box.title


def _frame(placed: PlacedFrame, theme: Theme, fitting: _Fitting) -> Group:
    at, frame = placed.at, placed.frame
    words = f"{frame.badge} patches"
    room = at.width - 2 * REGION
    text = fitting.fit("badge", words, fitting.small, room)
    where = (at.x + REGION - 2, at.y + fitting.small + 1)
    shapes: list[Shape] = [Area(at, _region_fill(theme), theme.region, 6, dashed=True)]
    if text:
        shapes.append(Text(where, text, fitting.small, theme.region, "start"))
    says = f"{frame.name}: runs once for each of {words}"
    return Group(frame.name, "region", tuple(shapes), says=says)
