"""Compare two printed trees: typed differences, each with its module path."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

from medt_gen.messages.diagnostics import Diagnostic, InvalidInput
from medt_gen.paths.keys import join, parent_path
from medt_gen.printouts.attributes import Values, values
from medt_gen.printouts.fingerprint import Fingerprints
from medt_gen.printouts.limits import MOST_TEXT
from medt_gen.printouts.pairing import (
    Pair,
    Pairing,
    Shift,
    Unit,
    descends,
    pair_rows,
)
from medt_gen.printouts.tree import Node, described, headline, walk
from medt_gen.printouts.untold import untold_arguments, untold_pairs

MOST_INNER = 20_000
"""How many modules inside of added and missing ones are looked at for moves."""

DifferenceKind = Literal["missing", "added", "moved", "renamed", "type", "attribute"]


@dataclass(frozen=True)
class Renumbered:
    """Siblings that an insertion or removal gave other positions, from `first` on.

    Attributes:
        before: their paths on the left, as `layers.3-9`.
        after: the same siblings' paths on the right.
    """

    before: str
    after: str


@dataclass(frozen=True)
class Difference:
    """One difference between a left and a right tree.

    Attributes:
        kind: `missing` on the right, `added` on the right, `moved` and `renamed` equal
            subtrees, another `type` or another value of an `attribute`.
        path: the module's path on the left (on the right where only that has it); the
            root's is empty; a run's has the indices it covers, as `layers.0-3`.
        left: what the left has: a value, a class, or the row; None where nothing.
        right: what the right has.
        new_path: the path on the right where it is another one.
        attribute: the name of the attribute that differs.
        renumbered: the siblings that got other positions by this.
    """

    kind: DifferenceKind
    path: str
    left: str | None
    right: str | None
    new_path: str | None = None
    attribute: str | None = None
    renumbered: tuple[Renumbered, ...] = ()


def compare(left: Node, right: Node, *, exact: bool = False) -> list[Difference]:
    """Align two trees and list what differs, parents before their children.

    Attributes that one torch version prints and another omits don't differ, unless
    `exact`; object addresses never do. The names of the two roots are no part of it.

    Raises:
        InvalidInput: the list would be absurdly long, as hostile nesting makes it.
    """
    comparison = _Comparison(left, right, exact=exact)
    comparison.run(left, right)
    return comparison.settled()


@dataclass(frozen=True, slots=True)
class _Path:
    """A path as a chain of names: joined only where a difference is found."""

    parent: _Path | None
    name: str


@dataclass(frozen=True, slots=True)
class _Where:
    """The paths of a module on the left and on the right; the root's are None."""

    left: _Path | None = None
    right: _Path | None = None

    def below(self, left: str, right: str) -> _Where:
        """The paths of two rows of this module."""
        return _Where(_Path(self.left, left), _Path(self.right, right))


@dataclass(frozen=True, slots=True)
class _Both:
    """Two modules that stand for each other."""

    left: Node
    right: Node
    where: _Where


@dataclass(frozen=True)
class _Lonely:
    """A row that only one side has; `place` is its index among the differences."""

    place: int
    node: Node
    count: int


class _Comparison:
    def __init__(self, left: Node, right: Node, *, exact: bool) -> None:
        untold = () if exact else untold_arguments(left, right)
        self.prints = Fingerprints(exact=exact, untold=untold_pairs(untold))
        self.found: list[Difference] = []
        self.size = 0
        self.lost: list[_Lonely] = []
        self.gained: list[_Lonely] = []

    def run(self, left: Node, right: Node) -> None:
        self.prints.add(left)
        self.prints.add(right)
        stack = [_Both(left, right, _Where())]
        while stack:
            both = stack.pop()
            if self.prints.equal(both.left) == self.prints.equal(both.right):
                continue
            self._own(both)
            if not descends(both.left, both.right, self.prints):
                continue
            pairing = pair_rows(both.left, both.right, self.prints)
            self._rows(pairing, both.where)
            stack.extend(
                _Both(
                    pair.left.node,
                    pair.right.node,
                    both.where.below(pair.left.name, pair.right.name),
                )
                for pair in reversed(pairing.pairs)
            )

    def _own(self, both: _Both) -> None:
        """Compare the modules themselves."""
        one, other = both.left, both.right
        if not (one.type and other.type):
            self._add("attribute", both.where, headline(one), headline(other))
        elif self.prints.type(one) == self.prints.type(other):
            self._attributes(both)
        elif descends(one, other, self.prints):
            self._add("type", both.where, one.type, other.type)
        else:
            self._add("type", both.where, _bare(one), _bare(other))

    def _attributes(self, both: _Both) -> None:
        one, other = self.prints.values(both.left), self.prints.values(both.right)
        if one == other:
            return
        left, right = _numbered_keys(one), _numbered_keys(other)
        if left == right:
            self._add(
                "attribute",
                both.where,
                _in_line(one),
                _in_line(other),
                attribute="order",
            )
            return
        shown_left = {**left, **_printed(both.left)}
        shown_right = {**right, **_printed(both.right)}
        for key in {**left, **right}:
            if left.get(key) != right.get(key):
                was, now = shown_left.get(key), shown_right.get(key)
                self._add("attribute", both.where, was, now, attribute=key)

    def _rows(self, pairing: Pairing, where: _Where) -> None:
        for pair in pairing.renamed:
            self._add_pair("renamed", pair, where)
        for pair in pairing.reordered:
            self._add_pair("moved", pair, where)
        stretches = _stretches(pairing.shifts)
        for unit in pairing.left:
            self.lost.append(_Lonely(len(self.found), unit.node, unit.count))
            place = _Where(_Path(where.left, unit.name))
            after = _renumbered(unit, stretches, where)
            self._add("missing", place, _row(unit), None, renumbered=after)
        for unit in pairing.right:
            self.gained.append(_Lonely(len(self.found), unit.node, unit.count))
            place = _Where(_Path(where.right, unit.name))
            after = _renumbered(unit, stretches, where)
            self._add("added", place, None, _row(unit), renumbered=after)

    def _add_pair(self, kind: DifferenceKind, pair: Pair, where: _Where) -> None:
        rows = where.below(pair.left.name, pair.right.name)
        self._add(kind, rows, headline(pair.left.node), headline(pair.right.node))

    def _add(
        self,
        kind: DifferenceKind,
        where: _Where,
        left: str | None,
        right: str | None,
        *,
        attribute: str | None = None,
        renumbered: tuple[Renumbered, ...] = (),
    ) -> None:
        path, new_path = _text(where.left), _text(where.right)
        self.size += len(path) + len(new_path)
        if self.size > MOST_TEXT:
            raise InvalidInput(_too_large())
        one_side = kind in ("missing", "added")
        elsewhere = None if one_side or new_path == path else new_path
        self.found.append(
            Difference(kind, path, left, right, elsewhere, attribute, renumbered)
        )

    def settled(self) -> list[Difference]:
        """The differences, with what went missing and turned up elsewhere as moves."""
        waiting: dict[tuple[int, int], list[_Lonely]] = defaultdict(list)
        for item in reversed(self.gained):
            if item.node.is_module:
                waiting[self._key(item)].append(item)
        dropped: set[int] = set()
        for item in self.lost:
            same = waiting.get(self._key(item))
            if same:
                target = same.pop(_likeliest(same, item)).place
                self.found[item.place] = _moved(
                    self.found[item.place], self.found[target]
                )
                dropped.add(target)
        self._into()
        self._out_of(dropped)
        return [item for i, item in enumerate(self.found) if i not in dropped]

    def _into(self) -> None:
        """What went missing and stands in a module that was added beside it."""
        inner = self._inner(self.gained, "added")
        for item in self.lost:
            old = self.found[item.place]
            same = inner.get((parent_path(old.path), *self._key(item)))
            if old.kind == "missing" and same:
                new = replace(old, right=old.left, path=same.popleft())
                self.found[item.place] = _moved(old, new)

    def _out_of(self, dropped: set[int]) -> None:
        """What was added and stood in a module beside it that went missing."""
        inner = self._inner(self.lost, "missing")
        for item in self.gained:
            new = self.found[item.place]
            same = inner.get((parent_path(new.path), *self._key(item)))
            if item.place not in dropped and new.kind == "added" and same:
                old = replace(new, path=same.popleft(), left=new.right)
                self.found[item.place] = _moved(old, new)

    def _inner(
        self, owners: list[_Lonely], kind: DifferenceKind
    ) -> dict[tuple[str, int, int], deque[str]]:
        """The paths inside of lonely modules, by their parent and what is there."""
        found: dict[tuple[str, int, int], deque[str]] = defaultdict(deque)
        left = MOST_INNER
        for owner in owners:
            item = self.found[owner.place]
            if item.kind != kind or not owner.node.is_module:
                continue
            for path, node in islice(walk(owner.node), 1, None):
                left -= 1
                if left < 0:
                    return found
                key = (parent_path(item.path), self.prints.equal(node), node.count)
                found[key].append(join(item.path, path))
        return found

    def _key(self, item: _Lonely) -> tuple[int, int]:
        return self.prints.equal(item.node), item.count


def _too_large() -> Diagnostic:
    return Diagnostic(
        code="printout-too-large",
        message=f"the paths of the differences take more than {MOST_TEXT >> 20} MiB",
        help="no real model is nested as deeply as these two",
    )


def _likeliest(same: list[_Lonely], item: _Lonely) -> int:
    """The place of the next equal row; of the same name where the next few have one."""
    last = len(same) - 1
    near = range(last, max(last - 8, -1), -1)
    return next((k for k in near if same[k].node.name == item.node.name), last)


def _moved(old: Difference, new: Difference) -> Difference:
    return replace(
        old,
        kind="moved",
        right=new.right,
        new_path=new.path,
        renumbered=old.renumbered + new.renumbered,
    )


def _text(path: _Path | None) -> str:
    names: list[str] = []
    while path is not None:
        names.append(path.name)
        path = path.parent
    return ".".join(reversed(names))


def _bare(node: Node) -> str:
    """What a module is, without its name."""
    return described(replace(node, name="", count=1))


def _row(unit: Unit) -> str:
    return described(replace(unit.node, name=unit.name, count=unit.count))


def _in_line(pairs: Values) -> str:
    return ", ".join(f"{key}={value}" for key, value in pairs)


def _printed(node: Node) -> dict[str, str]:
    """A module's values as they stand in its printout."""
    return _numbered_keys(values(node.type, node.attributes))


def _numbered_keys(pairs: Values) -> dict[str, str]:
    """A dictionary; a key that comes again gets a number, so that none is lost."""
    result: dict[str, str] = {}
    for key, value in pairs:
        name, times = key, 1
        while name in result:
            times += 1
            name = f"{key} ({times})"
        result[name] = value
    return result


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Neighbours that moved together; the end of each stretch is exclusive."""

    first: int
    end: int
    new_first: int
    new_end: int


def _stretches(shifts: Iterable[Shift]) -> dict[Unit, list[_Stretch]]:
    """For each insertion or removal, the stretches of siblings that it moved."""
    found: dict[Unit, list[_Stretch]] = defaultdict(list)
    for shift in shifts:
        one, other = shift.left, shift.right
        stretches = found[shift.cause]
        last = stretches[-1] if stretches else None
        if last and (last.end, last.new_end) == (one.first, other.first):
            stretches[-1] = _Stretch(last.first, one.end, last.new_first, other.end)
        else:
            stretches.append(_Stretch(one.first, one.end, other.first, other.end))
    return found


def _renumbered(
    unit: Unit, stretches: dict[Unit, list[_Stretch]], where: _Where
) -> tuple[Renumbered, ...]:
    """What the insertion or removal of a row moved, or of any module in a run."""
    moved = [
        stretch
        for cause, caused in stretches.items()
        if cause.node is unit.node and unit.first <= cause.first < unit.end
        for stretch in caused
    ]
    if not moved:
        return ()
    old, new = _text(where.left), _text(where.right)
    return tuple(
        Renumbered(
            join(old, _indices(stretch.first, stretch.end)),
            join(new, _indices(stretch.new_first, stretch.new_end)),
        )
        for stretch in moved
    )


def _indices(first: int, end: int) -> str:
    return str(first) if end == first + 1 else f"{first}-{end - 1}"
