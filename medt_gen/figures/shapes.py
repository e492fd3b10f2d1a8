"""What a figure is made of, in px from its upper left corner; y grows downwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import hypot
from typing import Literal

from medt_gen.drawing.points import Point, Rectangle
from medt_gen.figures.themes import Colour

Anchor = Literal["start", "middle"]


@dataclass(frozen=True)
class Area:
    """A rectangle; its border is dashed, heavy or not there as it says."""

    at: Rectangle
    fill: Colour | None
    stroke: Colour | None
    radius: float = 3
    dashed: bool = False
    line: float = 1


@dataclass(frozen=True)
class Segment:
    """A piece of a curve: a line to `to`, or a Bezier curve by two controls."""

    to: Point
    controls: tuple[Point, Point] | None = None


@dataclass(frozen=True)
class Curve:
    """A line from `start` by its segments; with a fill it is an area without border."""

    start: Point
    segments: tuple[Segment, ...]
    stroke: Colour | None
    fill: Colour | None = None
    dashed: bool = False
    line: float = 1


@dataclass(frozen=True)
class Text:
    """A line of text by its baseline; `halo` is the colour that keeps it legible."""

    at: Point
    text: str
    size: float
    colour: Colour
    anchor: Anchor = "middle"
    halo: Colour | None = None


@dataclass(frozen=True)
class Group:
    """Shapes that are one thing: a module by its path, or another one by its name."""

    name: str
    kind: str
    shapes: tuple[Shape, ...] = ()
    says: str = field(default="", kw_only=True)


Shape = Area | Curve | Text | Group


@dataclass(frozen=True)
class Figure:
    """A figure of `width` x `height` px; a px is `point` points of paper.

    `left_out` says what did not fit.
    """

    name: str
    width: float
    height: float
    point: float
    background: Colour
    shapes: tuple[Shape, ...]
    left_out: tuple[str, ...] = ()


# --- lines ----------------------------------------------------------------------------

_ARROW = 6.0
_ARROW_WIDTH = 2.6


def rounded(points: Sequence[Point], radius: float) -> tuple[Segment, ...]:
    """The way along some points, its corners rounded."""
    segments: list[Segment] = []
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        reach = min(radius, _length(before, corner) / 2, _length(corner, after) / 2)
        first, last = _towards(corner, before, reach), _towards(corner, after, reach)
        segments.append(Segment(first))
        controls = (_between(first, corner, 2 / 3), _between(last, corner, 2 / 3))
        segments.append(Segment(last, controls))
    segments.append(Segment(points[-1]))
    return tuple(segments)


def bowed(start: Point, end: Point, height: float) -> tuple[Segment, ...]:
    """A shallow arc over a level line."""
    top = start[1] - height
    return (Segment(end, ((start[0] + 8, top), (end[0] - 8, top))),)


def arrow_head(before: Point, tip: Point, colour: Colour) -> Curve:
    """The head of an arrow that comes from `before`."""
    length = _length(before, tip) or 1.0
    along = ((tip[0] - before[0]) / length, (tip[1] - before[1]) / length)
    base = (tip[0] - along[0] * _ARROW, tip[1] - along[1] * _ARROW)
    across = (-along[1] * _ARROW_WIDTH, along[0] * _ARROW_WIDTH)
    left = (base[0] + across[0], base[1] + across[1])
    right = (base[0] - across[0], base[1] - across[1])
    return Curve(tip, (Segment(left), Segment(right), Segment(tip)), None, colour)


def _length(one: Point, other: Point) -> float:
    return hypot(other[0] - one[0], other[1] - one[1])


def _towards(start: Point, end: Point, distance: float) -> Point:
    return _between(start, end, distance / (_length(start, end) or 1.0))


def _between(start: Point, end: Point, share: float) -> Point:
    return (
        start[0] + (end[0] - start[0]) * share,
        start[1] + (end[1] - start[1]) * share,
    )


def texts_of(shapes: Iterable[Shape]) -> Iterable[Text]:
    """Every text, in the order of drawing."""
    for shape in shapes:
        if isinstance(shape, Text):
            yield shape
        elif isinstance(shape, Group):
            yield from texts_of(shape.shapes)
