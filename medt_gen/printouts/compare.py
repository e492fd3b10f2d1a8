"""Compare two printed trees: typed differences, each with its module path."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Literal

from medt_gen.messages.diagnostics import Diagnostic, InvalidInput
from medt_gen.paths.keys import join
from medt_gen.printouts.attributes import Values, values
from medt_gen.printouts.fingerprint import Fingerprints
from medt_gen.printouts.limits import MOST_TEXT
from medt_gen.printouts.pairing import Pairing, Unit, pair_rows
from medt_gen.printouts.tree import Node, headline

Kind = Literal["missing", "added", "moved", "renamed", "type", "attribute"]

_Path = tuple["_Path | None", str]
"""A path as a chain of names: joined only where a difference is found."""


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

    kind: Kind
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
    comparison = _Comparison(exact)
    comparison.prints.add(left)
    comparison.prints.add(right)
    comparison.run(left, right)
    return comparison.settled()


@dataclass(frozen=True)
class _Lonely:
    """A row that only one side has; `place` is its index among the differences."""

    place: int
    node: Node
    count: int


def _too_large() -> Diagnostic:
    return Diagnostic(
        code="printout-too-large",
        message=f"the paths of the differences take more than {MOST_TEXT >> 20} MiB",
        help="no real model is nested as deeply as these two",
    )


class _Comparison:
    def __init__(self, exact: bool) -> None:
        self.exact = exact
        self.prints = Fingerprints(exact=exact)
        self.found: list[Difference] = []
        self.size = 0
        self.lost: list[_Lonely] = []
        self.gained: list[_Lonely] = []

    def run(self, left: Node, right: Node) -> None:
        stack: list[tuple[Node, Node, _Path | None, _Path | None]] = [
            (left, right, None, None)
        ]
        while stack:
            one, other, path, new_path = stack.pop()
            if self.prints.equal(one) == self.prints.equal(other):
                continue
            if not self._own(one, other, path, new_path):
                continue
            pairing = pair_rows(one, other, self.prints)
            self._rows(pairing, path, new_path)
            stack.extend(
                (a.node, b.node, (path, a.name), (new_path, b.name))
                for a, b in reversed(pairing.pairs)
            )

    def _own(
        self, one: Node, other: Node, path: _Path | None, new_path: _Path | None
    ) -> bool:
        """Compare the modules themselves; returns whether their rows are to follow."""
        if not (one.type and other.type):
            self._add("attribute", path, new_path, headline(one), headline(other))
            return False
        if self.prints.type(one) == self.prints.type(other):
            self._attributes(one, other, path, new_path)
            return True
        leaves = not (one.children and other.children)
        self._add(
            "type",
            path,
            new_path,
            _bare(one) if leaves else one.type,
            _bare(other) if leaves else other.type,
        )
        return not leaves

    def _attributes(
        self, one: Node, other: Node, path: _Path | None, new_path: _Path | None
    ) -> None:
        compared, compared_other = self.prints.values(one), self.prints.values(other)
        if compared == compared_other:
            return
        keys, others = _numbered_keys(compared), _numbered_keys(compared_other)
        shown = {**keys, **_numbered_keys(values(one.type, one.attributes))}
        shown_other = {**others, **_numbered_keys(values(other.type, other.attributes))}
        before = len(self.found)
        for key in {**keys, **others}:
            if keys.get(key) != others.get(key):
                was, now = shown.get(key), shown_other.get(key)
                self._add("attribute", path, new_path, was, now, key)
        if len(self.found) == before:
            was, now = _in_line(compared), _in_line(compared_other)
            self._add("attribute", path, new_path, was, now, "order")

    def _rows(
        self, pairing: Pairing, path: _Path | None, new_path: _Path | None
    ) -> None:
        for a, b in pairing.renamed:
            was, now = headline(a.node), headline(b.node)
            self._add("renamed", (path, a.name), (new_path, b.name), was, now)
        for a, b in pairing.reordered:
            was, now = headline(a.node), headline(b.node)
            self._add("moved", (path, a.name), (new_path, b.name), was, now)
        shifts = _Shifts(pairing, path, new_path)
        for unit in pairing.left:
            self.lost.append(_Lonely(len(self.found), unit.node, unit.count))
            row = _row(unit)
            self._add("missing", (path, unit.name), None, row, None, after=shifts(unit))
        for unit in pairing.right:
            self.gained.append(_Lonely(len(self.found), unit.node, unit.count))
            row = _row(unit)
            self._add(
                "added", (new_path, unit.name), None, None, row, after=shifts(unit)
            )

    def _add(
        self,
        kind: Kind,
        path: _Path | None,
        new_path: _Path | None,
        left: str | None,
        right: str | None,
        attribute: str | None = None,
        after: tuple[Renumbered, ...] = (),
    ) -> None:
        old, new = _text(path), _text(new_path)
        self.size += len(old) + len(new)
        if self.size > MOST_TEXT:
            raise InvalidInput(_too_large())
        elsewhere = new if kind not in ("missing", "added") and new != old else None
        self.found.append(
            Difference(kind, old, left, right, elsewhere, attribute, after)
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
                target = self._take(same, item).place
                self.found[item.place] = self._moved(item.place, target)
                dropped.add(target)
        return [item for i, item in enumerate(self.found) if i not in dropped]

    def _key(self, item: _Lonely) -> tuple[int, int]:
        return self.prints.equal(item.node), item.count

    def _take(self, same: list[_Lonely], item: _Lonely) -> _Lonely:
        """The next equal row; of the same name where the next few have one."""
        for k in range(len(same) - 1, max(len(same) - 9, -1), -1):
            if same[k].node.name == item.node.name:
                return same.pop(k)
        return same.pop()

    def _moved(self, place: int, target: int) -> Difference:
        old, new = self.found[place], self.found[target]
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
        path, name = path
        names.append(name)
    return ".".join(reversed(names))


def _bare(node: Node) -> str:
    """What a module is, without its name."""
    return headline(replace(node, name="", count=1))


def _row(unit: Unit) -> str:
    return headline(replace(unit.node, name=unit.name, count=unit.count))


def _in_line(pairs: Values) -> str:
    return ", ".join(f"{key}={value}" for key, value in pairs)


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


class _Shifts:
    """For each insertion or removal, the stretches of siblings behind it."""

    def __init__(
        self, pairing: Pairing, path: _Path | None, new_path: _Path | None
    ) -> None:
        self.paths = path, new_path
        self.stretches: dict[tuple[int, int], list[list[int]]] = defaultdict(list)
        for cause, one, other in pairing.shifted:
            stretches = self.stretches[id(cause.node), cause.first]
            last = stretches[-1] if stretches else None
            if last and (last[1], last[3]) == (one.first, other.first):
                last[1] += one.count
                last[3] += other.count
            else:
                ends = one.first + one.count, other.first + other.count
                stretches.append([one.first, ends[0], other.first, ends[1]])

    def __call__(self, unit: Unit) -> tuple[Renumbered, ...]:
        caused = self._caused_by(unit)
        old, new = (_text(path) for path in self.paths) if caused else ("", "")
        return tuple(
            Renumbered(_stretch(old, start, end), _stretch(new, new_start, new_end))
            for start, end, new_start, new_end in caused
        )

    def _caused_by(self, unit: Unit) -> list[list[int]]:
        covered = range(unit.first, unit.first + unit.count)
        found: list[list[int]] = []
        for (node, first), stretches in self.stretches.items():
            if node == id(unit.node) and first in covered:
                found += stretches
        return found


def _stretch(parent: str, start: int, end: int) -> str:
    name = str(start) if end == start + 1 else f"{start}-{end - 1}"
    return join(parent, name)
