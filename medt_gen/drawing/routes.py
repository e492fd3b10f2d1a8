"""The way of every edge through a grid: straight where it can, else through gutters.

An edge never crosses a box: it runs between columns and rows, or through empty cells.
All of it is said for a flow that runs to the right; for one that runs down, rows and
columns change places.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from medt_gen.drawing.grid import Bend, Cell, Port, Route, Side
from medt_gen.drawing.records import Edge

_Run = tuple[bool, tuple[int, int]]
"""A cell that an edge runs through: whether along the flow, and which."""

_SIDES: dict[bool, dict[str, Side]] = {
    True: {"back": "left", "ahead": "right", "before": "top", "behind": "bottom"},
    False: {"back": "top", "ahead": "bottom", "before": "left", "behind": "right"},
}


@dataclass(frozen=True)
class _Plan:
    """A route before its slots and tracks are given: sides, and (upright, gutter)."""

    start: str
    end: str
    bends: tuple[tuple[bool, int], ...] = ()


def routes_of(
    edges: Sequence[Edge], cells: Sequence[Cell], *, to_the_right: bool
) -> tuple[Route, ...]:
    """The routes of all edges, in their order."""
    return _Routing(edges, cells, to_the_right=to_the_right).routes()


class _Routing:
    """`a` counts along the flow and `b` across it: columns and rows, or the reverse.

    `claims` are the empty cells that an edge runs through, along the flow or across.
    """

    def __init__(
        self, edges: Sequence[Edge], cells: Sequence[Cell], *, to_the_right: bool
    ) -> None:
        self._edges = edges
        self._right = to_the_right
        self._at = [
            (cell.column, cell.row) if to_the_right else (cell.row, cell.column)
            for cell in cells
        ]
        self._taken = set(self._at)
        self._claims: dict[_Run, Edge] = {}

    def routes(self) -> tuple[Route, ...]:
        plans: dict[int, _Plan] = {}
        straight: set[tuple[int, int]] = set()
        for index, edge in enumerate(self._edges):
            plan = self._straight(edge)
            if plan is not None and (edge.source, edge.target) not in straight:
                straight.add((edge.source, edge.target))
                plans[index] = plan
        for index, edge in enumerate(self._edges):
            if index not in plans:
                plans[index] = self._bent(edge)
        ordered = [plans[index] for index in range(len(self._edges))]
        return self._finished(ordered)

    def _straight(self, edge: Edge) -> _Plan | None:
        """A straight line, and its cells claimed, where nothing stands between."""
        (a1, b1), (a2, b2) = self._at[edge.source], self._at[edge.target]
        if b1 == b2 and a1 < a2 and self._claimed(edge, _along(b1, a1 + 1, a2)):
            return _Plan("ahead", "back")
        if a1 == a2 and b1 != b2:
            first, last = min(b1, b2) + 1, max(b1, b2)
            if self._claimed(edge, _across(a1, first, last)):
                return (
                    _Plan("behind", "before") if b1 < b2 else _Plan("before", "behind")
                )
        return None

    def _bent(self, edge: Edge) -> _Plan:
        (a1, b1), (a2, b2) = self._at[edge.source], self._at[edge.target]
        across = b2 if b2 > b1 else b2 + 1
        if a1 == a2:
            return _Plan("ahead", "ahead", ((True, a1 + 1),))
        if a1 > a2:
            # Backwards: of two specs in one, which order their calls otherwise.
            return _Plan("ahead", "back", ((True, a1 + 1), (False, across), (True, a2)))
        corner = [*_along(b1, a1 + 1, a2 + 1), *_across(a2, b2 + 1, b1)]
        if self._right and b2 < b1 and self._claimed(edge, corner):
            # The turn at the bottom of a U.
            return _Plan("ahead", "behind")
        if self._claimed(edge, _along(b2, a1 + 1, a2)):
            return _Plan("ahead", "back", ((True, a1 + 1),))
        if self._claimed(edge, _along(b1, a1 + 1, a2)):
            return _Plan("ahead", "back", ((True, a2),))
        return _Plan("ahead", "back", ((True, a1 + 1), (False, across), (True, a2)))

    def _claimed(self, edge: Edge, cells: Sequence[_Run]) -> bool:
        """Claim cells, if all are empty and nobody else's.

        Edges of one source, or to one target, may share them.
        """
        for run in cells:
            other = self._claims.get(run)
            if run[1] in self._taken or (other is not None and not _meet(other, edge)):
                return False
        self._claims.update(dict.fromkeys(cells, edge))
        return True

    # --- slots and tracks -------------------------------------------------------------

    def _finished(self, plans: Sequence[_Plan]) -> tuple[Route, ...]:
        slots: Counter[tuple[int, str]] = Counter()
        tracks = _Tracks()
        found: dict[int, Route] = {}
        starting = {
            self._at[edge.source][1]
            for edge, plan in zip(self._edges, plans, strict=True)
            if plan.bends
        }
        # What is straight has the middle of its sides.
        for index in sorted(
            range(len(plans)), key=lambda index: bool(plans[index].bends)
        ):
            plan, edge = plans[index], self._edges[index]
            crowded = plan.bends and self._at[edge.target][1] in starting
            start = self._port(edge.source, plan.start, slots)
            end = self._end_port(edge.target, plan.end, slots, crowded=bool(crowded))
            bends = tuple(
                Bend(upright == self._right, gutter, track)
                for upright, gutter, track in self._with_tracks(plan, edge, tracks)
            )
            found[index] = Route(start, end, bends)
        return tuple(found[index] for index in range(len(plans)))

    def _port(self, box: int, side: str, slots: Counter[tuple[int, str]]) -> Port:
        slot = slots[box, side]
        slots[box, side] += 1
        step = 2 * ((slot + 1) // 2)
        return Port(_SIDES[self._right][side], step if slot % 2 else -step)

    def _end_port(
        self, box: int, side: str, slots: Counter[tuple[int, str]], *, crowded: bool
    ) -> Port:
        if crowded and not slots[box, side]:
            slots[box, side] = 1
        slot = slots[box, side]
        slots[box, side] += 1
        step = 2 * ((slot + 1) // 2) - 1 if slot else 0
        return Port(_SIDES[self._right][side], step if slot % 2 else -step)

    def _with_tracks(
        self, plan: _Plan, edge: Edge, tracks: _Tracks
    ) -> Iterator[tuple[bool, int, int]]:
        b1 = self._at[edge.source][1]
        a2, b2 = self._at[edge.target]
        # Where a way changes from one gutter to another, in half cells.
        stops = [2 * b1 + 1]
        for position, (upright, gutter) in enumerate(plan.bends):
            rest = plan.bends[position + 1 :]
            end = 2 * (b2 if upright else a2) + 1
            stop = 2 * rest[0][1] if rest else end
            start = stops[-1]
            ends = (min(start, stop), max(start, stop))
            yield upright, gutter, tracks.take((upright, gutter), ends, edge.source)
            stops.append(2 * gutter)


class _Tracks:
    """Who runs where in each gutter; edges of one source share a track."""

    def __init__(self) -> None:
        self._used: dict[tuple[bool, int], list[tuple[int, int, int, int]]] = (
            defaultdict(list)
        )

    def take(self, gutter: tuple[bool, int], ends: tuple[int, int], source: int) -> int:
        used = self._used[gutter]
        track = 0
        while any(
            item[0] == track
            and item[3] != source
            and item[1] <= ends[1]
            and ends[0] <= item[2]
            for item in used
        ):
            track += 1
        used.append((track, *ends, source))
        return track


def _along(b: int, first: int, end: int) -> list[_Run]:
    return [(True, (a, b)) for a in range(first, end)]


def _across(a: int, first: int, end: int) -> list[_Run]:
    return [(False, (a, b)) for b in range(first, end)]


def _meet(one: Edge, other: Edge) -> bool:
    return one.source == other.source or one.target == other.target
