"""Which row of one module stands for which row of another.

Items of a sequence (Sequential, ModuleList) are aligned, since their names are only
positions; other children are matched by name. What is left in a gap is matched by the
same shape, then by the same class, then, where both sides have equally many, in order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

from medt_gen.printouts.align import align, increasing
from medt_gen.printouts.fingerprint import Fingerprints, numbered
from medt_gen.printouts.tree import Node

MOST_EXPANDED = 4096
"""Runs are spelled out for alignment up to this many items; a text may claim 10^18."""


@dataclass(frozen=True)
class Unit:
    """A row, or the part of a run, that is aligned as one: `count` equal modules."""

    node: Node
    first: int
    count: int = 1

    @property
    def name(self) -> str:
        """The name to report: an index, a stretch of indices, or the row's own name."""
        if self.first < 0:
            return self.node.name
        if self.count == 1:
            return str(self.first)
        return f"{self.first}-{self.first + self.count - 1}"


@dataclass
class Pairing:
    """The rows of two modules, matched.

    Attributes:
        pairs: rows that stand for each other.
        renamed: of these, the ones whose name differs though it is no position.
        reordered: of these, the ones that stand elsewhere among their siblings.
        left, right: the rows that only one side has.
        shifted: stretches of equal distance between positions: (edit, left, right),
            where `edit` says which row's insertion or removal caused it.
    """

    pairs: list[tuple[Unit, Unit]] = field(default_factory=list)
    renamed: list[tuple[Unit, Unit]] = field(default_factory=list)
    reordered: list[tuple[Unit, Unit]] = field(default_factory=list)
    left: list[Unit] = field(default_factory=list)
    right: list[Unit] = field(default_factory=list)
    shifted: list[tuple[Unit, Unit, Unit]] = field(default_factory=list)


def pair_rows(left: Node, right: Node, prints: Fingerprints) -> Pairing:
    """Match the rows of two modules."""
    rows_left, rows_right = prints.rows(left), prints.rows(right)
    if numbered(rows_left) and numbered(rows_right):
        return _pair_items(rows_left, rows_right, prints)
    return _pair_names(rows_left, rows_right, prints)


def _units(rows: Sequence[Node], expand: bool) -> list[Unit]:
    units: list[Unit] = []
    first = 0
    for row in rows:
        if expand:
            units.extend(Unit(row, first + k) for k in range(row.count))
        else:
            units.append(Unit(row, first, row.count))
        first += row.count
    return units


def _pair_items(
    rows_left: Sequence[Node], rows_right: Sequence[Node], prints: Fingerprints
) -> Pairing:
    extra = sum(row.count - 1 for rows in (rows_left, rows_right) for row in rows)
    expand = extra <= MOST_EXPANDED
    left, right = _units(rows_left, expand), _units(rows_right, expand)
    result = Pairing()
    for one, other in _aligned(left, right, _tiers(prints)):
        if one and other:
            _add_pair(result, one, other)
        elif one:
            result.left.append(one)
        elif other:
            result.right.append(other)
    _find_shifts(result)
    result.left = _merged(result.left)
    result.right = _merged(result.right)
    result.pairs = _merged_pairs(result.pairs, prints)
    return result


def _add_pair(result: Pairing, one: Unit, other: Unit) -> None:
    """Pair the common part of two runs; the longer one's rest is a row of its own."""
    common = min(one.count, other.count)
    pair = Unit(one.node, one.first, common), Unit(other.node, other.first, common)
    result.pairs.append(pair)
    if one.count > common:
        result.left.append(Unit(one.node, one.first + common, one.count - common))
    if other.count > common:
        rest = Unit(other.node, other.first + common, other.count - common)
        result.right.append(rest)


Key = Callable[[Unit], Hashable]


def _tiers(prints: Fingerprints) -> tuple[Key, ...]:
    return (
        lambda unit: prints.equal(unit.node),
        lambda unit: prints.shape(unit.node),
        lambda unit: prints.type(unit.node),
    )


Alignment = list[tuple[Unit | None, Unit | None]]


def _aligned(
    left: Sequence[Unit], right: Sequence[Unit], tiers: tuple[Key, ...]
) -> Alignment:
    """Align by the first key; what is left between matches, by the keys after it."""
    if not tiers or not left or not right:
        return _in_order(left, right)
    key, *rest = tiers
    matches = align([key(unit) for unit in left], [key(unit) for unit in right])
    result: Alignment = []
    i = j = 0
    for x, y in [*matches, (len(left), len(right))]:
        result += _aligned(left[i:x], right[j:y], tuple(rest))
        if x < len(left):
            result.append((left[x], right[y]))
        i, j = x + 1, y + 1
    return result


def _in_order(left: Sequence[Unit], right: Sequence[Unit]) -> Alignment:
    if len(left) == len(right):
        return list(zip(left, right, strict=True))
    return [*((unit, None) for unit in left), *((None, unit) for unit in right)]


def _find_shifts(result: Pairing) -> None:
    """Say which insertion or removal moved the rows behind it to other positions."""
    edits = sorted(
        [(unit.first, unit) for unit in result.left]
        + [(_before(unit, result.pairs), unit) for unit in result.right],
        key=lambda item: item[0],
    )
    position = 0
    cause: Unit | None = None
    for one, other in result.pairs:
        while position < len(edits) and edits[position][0] <= one.first:
            cause = edits[position][1]
            position += 1
        if one.first != other.first and cause is not None:
            result.shifted.append((cause, one, other))


def _before(unit: Unit, pairs: list[tuple[Unit, Unit]]) -> int:
    """Where a row that only the right side has would stand on the left one."""
    low, high = 0, len(pairs)
    while low < high:
        middle = (low + high) // 2
        if pairs[middle][1].first < unit.first:
            low = middle + 1
        else:
            high = middle
    return pairs[low][0].first if low < len(pairs) else 1 << 62


def _merged(units: list[Unit]) -> list[Unit]:
    """Neighbours that were printed as one run, as one row again."""
    result: list[Unit] = []
    for unit in units:
        if result and result[-1].node is unit.node and _end(result[-1]) == unit.first:
            last = result.pop()
            unit = Unit(last.node, last.first, last.count + unit.count)
        result.append(unit)
    return result


def _end(unit: Unit) -> int:
    return unit.first + unit.count


def _merged_pairs(
    pairs: list[tuple[Unit, Unit]], prints: Fingerprints
) -> list[tuple[Unit, Unit]]:
    """Neighbouring pairs that a run stands for, as one pair."""
    result: list[tuple[Unit, Unit]] = []
    for one, other in pairs:
        if result and _continues(result[-1], one, other, prints):
            first, second = result.pop()
            one = Unit(first.node, first.first, first.count + one.count)
            other = Unit(second.node, second.first, second.count + other.count)
        result.append((one, other))
    return result


def _continues(
    last: tuple[Unit, Unit], one: Unit, other: Unit, prints: Fingerprints
) -> bool:
    if one.node.count == 1 and other.node.count == 1:
        return False
    return (
        _end(last[0]) == one.first
        and _end(last[1]) == other.first
        and prints.equal(last[0].node) == prints.equal(one.node)
        and prints.equal(last[1].node) == prints.equal(other.node)
    )


def _pair_names(
    rows_left: Sequence[Node], rows_right: Sequence[Node], prints: Fingerprints
) -> Pairing:
    result = Pairing()
    named = _by_name(rows_right)
    taken: set[int] = set()
    rest: list[Unit] = []
    places: list[int] = []
    for row in rows_left:
        places_of = named.get(row.name)
        if not places_of:
            rest.append(_unit(row))
            continue
        place = places_of.pop()
        taken.add(place)
        places.append(place)
        result.pairs.append((_unit(row), _unit(rows_right[place])))
    result.reordered = _out_of_order(result.pairs, places)
    others = [_unit(row) for i, row in enumerate(rows_right) if i not in taken]
    _pair_renamed(result, rest, others, prints)
    return result


def _by_name(rows: Sequence[Node]) -> dict[str, list[int]]:
    """The places of each name, last first; own text has the empty name."""
    places: dict[str, list[int]] = defaultdict(list)
    for i in range(len(rows) - 1, -1, -1):
        places[rows[i].name].append(i)
    return places


def _unit(row: Node) -> Unit:
    return Unit(row, -1)


def _out_of_order(
    pairs: list[tuple[Unit, Unit]], places: list[int]
) -> list[tuple[Unit, Unit]]:
    kept = set(increasing(places))
    return [pair for i, pair in enumerate(pairs) if i not in kept]


def _pair_renamed(
    result: Pairing, left: list[Unit], right: list[Unit], prints: Fingerprints
) -> None:
    """Children of one parent that are equal, or of one shape, but for their name."""
    for key in _tiers(prints)[:2]:
        waiting: dict[Hashable, list[Unit]] = defaultdict(list)
        for unit in reversed(right):
            if unit.node.is_module:
                waiting[key(unit)].append(unit)
        rest = []
        for unit in left:
            same = waiting.get(key(unit))
            if same:
                result.renamed.append((unit, same.pop()))
            else:
                rest.append(unit)
        used = {id(other) for _, other in result.renamed}
        left, right = rest, [unit for unit in right if id(unit) not in used]
    result.pairs += result.renamed
    result.left, result.right = left, right
