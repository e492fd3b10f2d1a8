"""Which row of one module stands for which row of another.

Items of a sequence (Sequential, ModuleList) are aligned, since their names are only
positions; other children are matched by name. What is left in a gap is matched by the
same shape, then by the same class, then, where both sides have equally many, in order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from medt_gen.printouts.align import align, increasing
from medt_gen.printouts.fingerprint import Fingerprints, numbered
from medt_gen.printouts.tree import Node

MOST_EXPANDED = 4096
"""Runs are spelled out for alignment up to this many items; a text may claim 10^18."""

BEHIND_ALL = 1 << 62
"""A position that no row has."""


@dataclass(frozen=True)
class Unit:
    """A row, or the part of a run, that is aligned as one: `count` equal modules.

    `first` is its position in a sequence; -1 where its name is no position.
    """

    node: Node
    first: int
    count: int = 1

    @property
    def end(self) -> int:
        """The position behind it."""
        return self.first + self.count

    @property
    def name(self) -> str:
        """The name to report: an index, a stretch of indices, or the row's own name."""
        if self.first < 0:
            return self.node.name
        if self.count == 1:
            return str(self.first)
        return f"{self.first}-{self.end - 1}"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows that stand for each other."""

    left: Unit
    right: Unit


@dataclass(frozen=True, slots=True)
class Aligned:
    """One step of an alignment: a row of each side, or one that a side has alone."""

    left: Unit | None
    right: Unit | None


@dataclass(frozen=True, slots=True)
class Shift:
    """Rows whose position differs, and the row whose insertion or removal caused it."""

    cause: Unit
    left: Unit
    right: Unit


@dataclass(frozen=True)
class Pairing:
    """The rows of two modules, matched.

    Attributes:
        pairs: rows that stand for each other.
        renamed: of these, the ones whose name differs though it is no position.
        reordered: of these, the ones that stand elsewhere among their siblings.
        left, right: the rows that only one side has.
        shifts: of these pairs, the ones at other positions.
    """

    pairs: tuple[Pair, ...]
    left: tuple[Unit, ...]
    right: tuple[Unit, ...]
    renamed: tuple[Pair, ...] = ()
    reordered: tuple[Pair, ...] = ()
    shifts: tuple[Shift, ...] = ()


def descends(left: Node, right: Node, prints: Fingerprints) -> bool:
    """Whether the rows of two modules that stand for each other are compared, too."""
    if not (left.type and right.type):
        return False
    if prints.type(left) == prints.type(right):
        return True
    return bool(left.children and right.children)


def pair_rows(left: Node, right: Node, prints: Fingerprints) -> Pairing:
    """Match the rows of two modules."""
    rows_left, rows_right = prints.rows(left), prints.rows(right)
    if numbered(rows_left) and numbered(rows_right):
        return _pair_items(rows_left, rows_right, prints)
    return _pair_names(rows_left, rows_right, prints)


def _pair_items(
    rows_left: Sequence[Node], rows_right: Sequence[Node], prints: Fingerprints
) -> Pairing:
    extra = sum(row.count - 1 for rows in (rows_left, rows_right) for row in rows)
    units = _single_units if extra <= MOST_EXPANDED else _whole_units
    steps = _aligned(units(rows_left), units(rows_right), _tiers(prints))
    pairs = [
        _common(step.left, step.right) for step in steps if step.left and step.right
    ]
    left = [rest for step in steps if (rest := _rest(step.left, step.right))]
    right = [rest for step in steps if (rest := _rest(step.right, step.left))]
    return Pairing(
        pairs=_merged_pairs(pairs, prints),
        left=_merged(left),
        right=_merged(right),
        shifts=_shifts(pairs, left, right),
    )


def _single_units(rows: Sequence[Node]) -> list[Unit]:
    """A unit for every module that a row stands for."""
    return [
        Unit(unit.node, position)
        for unit in _whole_units(rows)
        for position in range(unit.first, unit.end)
    ]


def _whole_units(rows: Sequence[Node]) -> list[Unit]:
    units: list[Unit] = []
    first = 0
    for row in rows:
        units.append(Unit(row, first, row.count))
        first += row.count
    return units


def _common(one: Unit, other: Unit) -> Pair:
    """The part that two runs have in common."""
    common = min(one.count, other.count)
    return Pair(
        Unit(one.node, one.first, common), Unit(other.node, other.first, common)
    )


def _rest(unit: Unit | None, other: Unit | None) -> Unit | None:
    """What of a row the other side has nothing for: all of it, or a run's end."""
    if unit is None or other is None:
        return unit
    if unit.count <= other.count:
        return None
    return Unit(unit.node, unit.first + other.count, unit.count - other.count)


Key = Callable[[Unit], Hashable]


def _tiers(prints: Fingerprints) -> tuple[Key, ...]:
    return (
        lambda unit: prints.equal(unit.node),
        lambda unit: prints.shape(unit.node),
        lambda unit: prints.type(unit.node),
    )


def _aligned(
    left: Sequence[Unit], right: Sequence[Unit], tiers: tuple[Key, ...]
) -> list[Aligned]:
    """Align by the first key; what is left between matches, by the keys after it."""
    if not tiers or not left or not right:
        return _in_order(left, right)
    key, *rest = tiers
    matches = align([key(unit) for unit in left], [key(unit) for unit in right])
    result: list[Aligned] = []
    i = j = 0
    for match in matches:
        x, y = match.left, match.right
        result += _aligned(left[i:x], right[j:y], tuple(rest))
        result.append(Aligned(left[x], right[y]))
        i, j = x + 1, y + 1
    return result + _aligned(left[i:], right[j:], tuple(rest))


def _in_order(left: Sequence[Unit], right: Sequence[Unit]) -> list[Aligned]:
    if len(left) == len(right):
        return list(map(Aligned, left, right))
    return [
        *(Aligned(unit, None) for unit in left),
        *(Aligned(None, unit) for unit in right),
    ]


@dataclass(frozen=True)
class _Edit:
    """A row that only one side has, and the position of it on the left side."""

    position: int
    unit: Unit


def _shifts(
    pairs: Sequence[Pair], left: Iterable[Unit], right: Iterable[Unit]
) -> tuple[Shift, ...]:
    """Which insertion or removal moved the rows behind it to other positions."""
    removed = [_Edit(unit.first, unit) for unit in left]
    inserted = [_Edit(_before(unit, pairs), unit) for unit in right]
    edits = deque(sorted([*removed, *inserted], key=attrgetter("position")))
    shifts: list[Shift] = []
    cause: Unit | None = None
    for pair in pairs:
        while edits and edits[0].position <= pair.left.first:
            cause = edits.popleft().unit
        if pair.left.first != pair.right.first and cause is not None:
            shifts.append(Shift(cause, pair.left, pair.right))
    return tuple(shifts)


def _before(unit: Unit, pairs: Sequence[Pair]) -> int:
    """Where a row that only the right side has would stand on the left one."""
    place = bisect_left(pairs, unit.first, key=lambda pair: pair.right.first)
    return pairs[place].left.first if place < len(pairs) else BEHIND_ALL


def _merged(units: Iterable[Unit]) -> tuple[Unit, ...]:
    """Neighbours that were printed as one run, as one row again."""
    result: list[Unit] = []
    for unit in units:
        last = result[-1] if result else None
        if last and last.node is unit.node and last.end == unit.first:
            result[-1] = Unit(last.node, last.first, last.count + unit.count)
        else:
            result.append(unit)
    return tuple(result)


def _merged_pairs(pairs: Iterable[Pair], prints: Fingerprints) -> tuple[Pair, ...]:
    """Neighbouring pairs that a run stands for, as one pair."""
    result: list[Pair] = []
    for pair in pairs:
        if result and _continues(result[-1], pair, prints):
            result[-1] = Pair(
                _longer(result[-1].left, pair.left),
                _longer(result[-1].right, pair.right),
            )
        else:
            result.append(pair)
    return tuple(result)


def _longer(unit: Unit, by: Unit) -> Unit:
    return Unit(unit.node, unit.first, unit.count + by.count)


def _continues(last: Pair, pair: Pair, prints: Fingerprints) -> bool:
    if pair.left.node.count == 1 and pair.right.node.count == 1:
        return False
    return (
        last.left.end == pair.left.first
        and last.right.end == pair.right.first
        and prints.equal(last.left.node) == prints.equal(pair.left.node)
        and prints.equal(last.right.node) == prints.equal(pair.right.node)
    )


def _pair_names(
    rows_left: Sequence[Node], rows_right: Sequence[Node], prints: Fingerprints
) -> Pairing:
    places = _places_on_the_right(rows_left, rows_right)
    taken = [place for place in places if place is not None]
    free = set(range(len(rows_right))).difference(taken)
    pairs = [
        Pair(_named(row), _named(rows_right[place]))
        for row, place in zip(rows_left, places, strict=True)
        if place is not None
    ]
    alike = _pair_renamed(
        [_named(rows_left[i]) for i, place in enumerate(places) if place is None],
        [_named(rows_right[place]) for place in sorted(free)],
        prints,
    )
    in_order = set(increasing(taken))
    return replace(
        alike,
        pairs=(*pairs, *alike.pairs),
        renamed=alike.pairs,
        reordered=tuple(pair for i, pair in enumerate(pairs) if i not in in_order),
    )


def _places_on_the_right(
    rows_left: Sequence[Node], rows_right: Sequence[Node]
) -> list[int | None]:
    """For each row of the left side, where its name stands on the right."""
    waiting: dict[str, deque[int]] = defaultdict(deque)
    for place, row in enumerate(rows_right):
        waiting[row.name].append(place)
    # Own text has the empty name: the first stands for the first, and so on.
    return [
        waiting[row.name].popleft() if waiting[row.name] else None for row in rows_left
    ]


def _named(row: Node) -> Unit:
    return Unit(row, -1)


def _pair_renamed(
    left: Sequence[Unit], right: Sequence[Unit], prints: Fingerprints
) -> Pairing:
    """Children of one parent that are equal, or of one shape, but for their name."""
    pairs: tuple[Pair, ...] = ()
    for key in _tiers(prints)[:2]:
        found = _pair_by(key, left, right)
        pairs, left, right = (*pairs, *found.pairs), found.left, found.right
    return Pairing(pairs, tuple(left), tuple(right))


def _pair_by(key: Key, left: Sequence[Unit], right: Sequence[Unit]) -> Pairing:
    """The rows in which a key is equal, first ones first."""
    waiting: dict[Hashable, deque[Unit]] = defaultdict(deque)
    for unit in right:
        if unit.node.is_module:
            waiting[key(unit)].append(unit)
    pairs: list[Pair] = []
    rest: list[Unit] = []
    for unit in left:
        same = waiting.get(key(unit))
        if same:
            pairs.append(Pair(unit, same.popleft()))
        else:
            rest.append(unit)
    used = {pair.right for pair in pairs}
    return Pairing(
        tuple(pairs), tuple(rest), tuple(unit for unit in right if unit not in used)
    )
