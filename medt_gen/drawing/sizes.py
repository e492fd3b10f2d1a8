"""How large a closed box is, in whole px: the same for the page and a figure."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2

from medt_gen.drawing.records import Box, Edge, Graph, Numbers, dimensions
from medt_gen.drawing.text import fitted, text_width

TITLE_SIZE = 12
SMALL_SIZE = 11

_MARGIN = 6
_IMAGE = 44
_INPUT_HEIGHT = 20
_HEIGHT = 38
_LOW_HEIGHT = 22
_LEAST_WIDTH = 56
_WIDER_PER_DOUBLING = 5
_MOST_IN_FLOW = 120
_MOST_INSIDE = 190


@dataclass(frozen=True)
class BoxSize:
    """The size of a closed box, what is written in it, and below it.

    `label` is the size of what it gives, "" where that is what it takes.
    """

    width: int
    height: int
    title: str
    detail: str
    label: str

    @property
    def label_width(self) -> int:
        """How wide the label is."""
        return ceil(text_width(self.label, SMALL_SIZE))


def box_sizes(graph: Graph) -> tuple[BoxSize, ...]:
    """The sizes of all boxes of a graph."""
    taken = _taken(graph)
    return tuple(
        _size(box, taken[index], in_flow=graph.by_size)
        for index, box in enumerate(graph.boxes)
    )


def _taken(graph: Graph) -> list[Numbers | None]:
    """What each box is given to go on with."""
    piped: list[Edge | None] = [None] * len(graph.boxes)
    for edge in graph.edges:
        if not edge.further and piped[edge.target] is None:
            piped[edge.target] = edge
    return [None if edge is None else edge.shape for edge in piped]


def _size(box: Box, taken: Numbers | None, *, in_flow: bool) -> BoxSize:
    changed = in_flow or box.shape != taken
    label = dimensions(box.shape) if box.shape and changed else ""
    if box.kind == "input":
        return _input_size(box, label, in_flow=in_flow)
    least = _LEAST_WIDTH if box.shape and len(box.shape) > 1 else 0
    if box.shape:
        least += ceil(_WIDER_PER_DOUBLING * log2(max(box.shape[0], 1)))
    texts = [text_width(box.title, TITLE_SIZE)]
    if not in_flow:
        texts.append(text_width(box.detail, SMALL_SIZE))
    wanted = max(least, ceil(max(texts)) + 2 * _MARGIN)
    width = min(wanted, _MOST_IN_FLOW if in_flow else _MOST_INSIDE)
    room = width - 2 * _MARGIN
    return BoxSize(
        width,
        _HEIGHT if box.detail else _LOW_HEIGHT,
        fitted(box.title, TITLE_SIZE, room),
        fitted(box.detail, SMALL_SIZE, room),
        label,
    )


def _input_size(box: Box, label: str, *, in_flow: bool) -> BoxSize:
    """An image is a square in a network's flow; inside, only its name stands there."""
    room = text_width(box.title, TITLE_SIZE) + 2 * _MARGIN
    if in_flow and box.shape and len(box.shape) > 2:
        title = fitted(box.title, TITLE_SIZE, _IMAGE - 2 * _MARGIN)
        return BoxSize(_IMAGE, _IMAGE, title, "", label)
    width = min(max(ceil(room), _INPUT_HEIGHT), _MOST_INSIDE)
    title = fitted(box.title, TITLE_SIZE, width - 2 * _MARGIN)
    return BoxSize(width, _INPUT_HEIGHT, title, "", label)
