"""Two networks drawn as one: what only one side has, and what differs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from medt_gen.drawing.records import Box, Edge, Graph, Graphs, Region

State = Literal["", "added", "removed", "changed"]
"""What became of something from the left side to the right one; "" is nothing."""


@dataclass(frozen=True)
class Marks:
    """What became of boxes and edges, by graph; `before` is what the left side has."""

    boxes: tuple[tuple[State, ...], ...]
    edges: tuple[tuple[State, ...], ...]
    before: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Merged:
    """Two sides' graphs as one."""

    graphs: Graphs
    marks: Marks


def merged_graphs(
    left: Graphs, right: Graphs, differing: Collection[str] = ()
) -> Merged:
    """Both as one: boxes that are called at the same place of the flow are one box.

    `differing` are the paths of modules that differ, and of all around them: what a box
    does not say of its module, as an argument, is no less a difference.
    """
    return _Merging(left, right, frozenset(differing)).merged()


class _Merging:
    def __init__(self, left: Graphs, right: Graphs, differing: frozenset[str]) -> None:
        self._left = left
        self._right = right
        self._differing = differing
        self._graphs: list[Graph | None] = []
        self._boxes: list[tuple[State, ...]] = []
        self._edges: list[tuple[State, ...]] = []
        self._before: list[tuple[str, ...]] = []
        self._known: dict[tuple[int | None, int | None, str], int] = {}

    def merged(self) -> Merged:
        self._of(0, 0, "")
        graphs = tuple(graph for graph in self._graphs if graph is not None)
        marks = Marks(tuple(self._boxes), tuple(self._edges), tuple(self._before))
        return Merged(Graphs(graphs), marks)

    def _of(self, left: int | None, right: int | None, path: str) -> int:
        """The index of the graph that two graphs make, or that one side has alone."""
        key = (left, right, path)
        if key not in self._known:
            self._known[key] = index = len(self._graphs)
            self._graphs.append(None)
            for marks in (self._boxes, self._edges, self._before):
                marks.append(())
            self._fill(index, left, right, path)
        return self._known[key]

    def _fill(self, index: int, left: int | None, right: int | None, path: str) -> None:
        one = self._left.graphs[left] if left is not None else _NOTHING
        other = self._right.graphs[right] if right is not None else _NOTHING
        keys = _in_order(one, other)
        places = {key: place for place, key in enumerate(keys)}
        pairs = [(_by_key(one).get(key), _by_key(other).get(key)) for key in keys]
        boxes, states, before = [], [], []
        for old, new in pairs:
            box, state = self._box(old, new, path)
            boxes.append(box)
            states.append(state)
            before.append(_words(old) if state == "changed" and old else "")
        edges = _edges(one, other, places)
        self._graphs[index] = Graph(
            tuple(boxes),
            tuple(edges),
            _regions(one, other, places),
            other.by_size if right is not None else one.by_size,
        )
        self._boxes[index] = tuple(states)
        self._edges[index] = tuple(edges.values())
        self._before[index] = tuple(before)

    def _box(self, old: Box | None, new: Box | None, path: str) -> tuple[Box, State]:
        box = new or old
        assert box is not None
        around = f"{path}.{box.path}".strip(".") if box.path else path
        inside: int | None = None
        left = old.inside if old is not None else None
        right = new.inside if new is not None else None
        if left is not None or right is not None:
            inside = self._of(left, right, around)
        found = replace(box, inside=inside)
        if old is None:
            return found, "added"
        if new is None:
            return found, "removed"
        paths = (f"{path}.{member}".strip(".") for member in box.members)
        differs = _words(old) != _words(new) or any(
            item in self._differing for item in paths
        )
        inner = inside is not None and any((*self._boxes[inside], *self._edges[inside]))
        return found, "changed" if differs or inner else ""


_NOTHING = Graph((), ())


def _by_key(graph: Graph) -> Mapping[str, Box]:
    return {box.key: box for box in graph.boxes}


def _in_order(left: Graph, right: Graph) -> list[str]:
    """The keys of both, the right side's in order; others behind what they follow."""
    keys = [box.key for box in right.boxes]
    known = set(keys)
    last = -1
    for box in left.boxes:
        if box.key in known:
            last = keys.index(box.key)
        else:
            last += 1
            keys.insert(last, box.key)
    return keys


def _words(box: Box) -> str:
    """What is seen of a box."""
    shape = " x ".join(map(str, box.shape or ()))
    return ", ".join(part for part in (box.title, box.detail, shape) if part)


def _edges(left: Graph, right: Graph, places: Mapping[str, int]) -> dict[Edge, State]:
    """All edges with what became of them; where only the size differs it changed."""
    ours = _ways(left, places)
    theirs = _ways(right, places)
    found: dict[Edge, State] = {}
    for way, edge in theirs.items():
        old = ours.get(way)
        state: State = "added" if old is None else ""
        if old is not None and old.shape != edge.shape:
            state = "changed"
        found[edge] = state
    for way, edge in ours.items():
        if way not in theirs:
            found[edge] = "removed"
    return found


def _ways(graph: Graph, places: Mapping[str, int]) -> dict[tuple[int, int, bool], Edge]:
    """The edges between the boxes of both sides, by their ends."""
    found = {}
    for edge in graph.edges:
        source = places[graph.boxes[edge.source].key]
        target = places[graph.boxes[edge.target].key]
        moved = replace(edge, source=source, target=target)
        found[source, target, edge.further] = moved
    return found


def _regions(
    left: Graph, right: Graph, places: Mapping[str, int]
) -> tuple[Region, ...]:
    """The regions of both; of one that both have, the boxes of both sides."""
    return _united(
        [_moved(region, left, places) for region in left.regions],
        [_moved(region, right, places) for region in right.regions],
    )


def _moved(region: Region, graph: Graph, places: Mapping[str, int]) -> Region:
    boxes = tuple(places[graph.boxes[index].key] for index in region.boxes)
    parts = tuple(_moved(part, graph, places) for part in region.parts)
    return replace(region, boxes=boxes, parts=parts)


def _united(left: Sequence[Region], right: Sequence[Region]) -> tuple[Region, ...]:
    olds = {region.name: region for region in left}
    found = []
    for region in right:
        old = olds.pop(region.name, None)
        if old is not None:
            boxes = tuple(sorted({*old.boxes, *region.boxes}))
            parts = _united(old.parts, region.parts)
            region = replace(region, boxes=boxes, parts=parts)
        found.append(region)
    return (*found, *olds.values())
