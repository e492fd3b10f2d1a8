"""The legend of a figure: what its colours and lines stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from medt_gen.drawing.points import PAD, Rectangle, Scene
from medt_gen.drawing.records import Box, Family
from medt_gen.drawing.text import fitted, text_width
from medt_gen.figures.shapes import Area, Curve, Segment, Shape, Text
from medt_gen.figures.themes import Theme, mixed

_SWATCH = 12.0
_GAP = 5.0
_BETWEEN = 16.0
_LINE = 1.5

_WORDS: Mapping[Family, str] = {
    "attention": "attention",
    "convolution": "convolution",
    "linear": "linear layer",
    "norm": "normalization",
    "activation": "activation",
    "pooling": "pooling",
    "resizing": "resizing",
    "other": "other layer",
    "operation": "operation",
}


class Tints:
    """Which paleness tells several blocks of one family from each other."""

    def __init__(self, scene: Scene) -> None:
        self._numbers: dict[Family, dict[tuple[str, ...], int]] = {}
        for placed in scene.boxes:
            if not placed.opened:
                known = self._numbers.setdefault(placed.box.family, {})
                known.setdefault(placed.box.blocks, len(known))

    def of(self, box: Box) -> int:
        """The number of a box's kind among those of its family."""
        return self._numbers.get(box.family, {}).get(box.blocks, 0)

    def kinds(self) -> Iterator[tuple[Family, tuple[str, ...], int]]:
        """Every kind that is drawn: its family, its blocks and its number."""
        for family in _WORDS:
            for blocks, number in self._numbers.get(family, {}).items():
                yield family, blocks, number


@dataclass(frozen=True)
class Legend:
    """The legend where it is drawn, and how much higher a figure is with it."""

    shapes: tuple[Shape, ...]
    height: float


def legend_of(
    scene: Scene, tints: Tints, theme: Theme, titles: Mapping[str, str], size: float
) -> Legend:
    """The legend below a scene, in lines that are as wide as it is."""
    shapes: list[Shape] = []
    x, y = float(PAD), scene.height + size
    for kind, colour, words in _entries(scene, tints, theme, titles):
        room = scene.width - 2 * PAD - _SWATCH - _GAP
        text = fitted(words, size, room)
        wide = _SWATCH + _GAP + text_width(text, size)
        if x > PAD and x + wide > scene.width - PAD:
            x, y = float(PAD), y + size * _LINE
        shapes += _sample(
            kind, colour, Rectangle(x, y - size * 0.8, _SWATCH, size), theme
        )
        shapes.append(
            Text((x + _SWATCH + _GAP, y), text, size, theme.quiet, anchor="start")
        )
        x += wide + _BETWEEN
    return Legend(tuple(shapes), y - scene.height + size * 0.8)


def _entries(
    scene: Scene, tints: Tints, theme: Theme, titles: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """What is sampled, its colour, and what it stands for."""
    for family, blocks, number in tints.kinds():
        words = " and ".join(_named(block, titles) for block in blocks)
        yield "box", theme.fill(family, number), words or _WORDS[family]
    if any(placed.edge.further for placed in scene.edges):
        yield "skip", theme.skip, "skip connection, or another branch"
    if scene.frames:
        yield "region", theme.region, "runs once for each patch"


def _named(block: str, titles: Mapping[str, str]) -> str:
    title = titles.get(block, "")
    return f"{block}: {title}" if title else block


def _sample(kind: str, colour: str, at: Rectangle, theme: Theme) -> list[Shape]:
    if kind == "box":
        return [Area(at, colour, mixed(theme.ink, theme.background, 0.25), 2)]
    if kind == "region":
        return [Area(at, None, colour, 2, dashed=True)]
    middle = at.y + at.height / 2
    end = Segment((at.x + at.width, middle))
    return [Curve((at.x, middle), (end,), colour, dashed=True, line=1.2)]
