"""Which of the keys that are left stand for which, and by what rule.

What holds tensors is a unit: a module, then a single key. An edit of paths that turns
many units of one side into units of the other with equal shapes is a rule; the one that
turns the most goes first. What no name tells is told by shapes that occur once, then by
the order among neighbours.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from medt_gen.fitting.edits import (
    Edit,
    are_related,
    edit_between,
    likeness,
    rewritten,
)
from medt_gen.fitting.records import Ambiguity, Evidence
from medt_gen.printouts.align import align
from medt_gen.printouts.summary import pattern

_NEAREST = 12
_CLEARLY = 0.15
_ALIKE = 0.6
_MOST_RULES = 200

Signature = tuple[object, ...]


@dataclass(frozen=True)
class Unit:
    """A module that holds tensors, or a single key: its path, and what it holds.

    `origin` is the path that it had at first, `through` the rules that changed it.
    """

    path: str
    signature: Signature
    origin: str
    through: tuple[Edit, ...] = ()


@dataclass(frozen=True)
class Pairing:
    """Units of both sides that stand for each other, by one rule."""

    edit: Edit
    pairs: tuple[tuple[Unit, Unit], ...]
    evidence: Evidence


@dataclass
class _Votes:
    """The pairs of units that an edit would make, the nearest in order for each."""

    pairs: dict[Unit, Unit] = field(default_factory=dict)
    targets: set[Unit] = field(default_factory=set)
    distance: int = 0
    related: int = 0

    def add(self, source: Unit, target: Unit, distance: int) -> None:
        if source in self.pairs or target in self.targets:
            return
        self.pairs[source] = target
        self.targets.add(target)
        self.distance += distance
        self.related += are_related(source.path, target.path)


@dataclass(frozen=True)
class Renamed:
    """What was paired, and what can't be decided."""

    pairings: tuple[Pairing, ...]
    ambiguous: tuple[Ambiguity, ...]


def renamed(sources: Sequence[Unit], targets: Sequence[Unit]) -> Renamed:
    """Pair units of equal signatures."""
    found: list[Pairing] = []
    left, right = list(sources), list(targets)
    contested: set[str] = set()
    for _ in range(_MOST_RULES):
        pairing = _best_rule(left, right, contested)
        if pairing is None:
            break
        found.append(pairing)
        left, right = _without(left, right, pairing.pairs)
        left = _closer(left, right, pairing.edit)
    singles = _singles(left, right)
    found += singles
    for pairing in singles:
        left, right = _without(left, right, pairing.pairs)
    for pairs, evidence in ((_unique, _SHAPES), (_in_order, _ORDER)):
        matched = pairs(left, right)
        found += _by_pattern(matched, evidence)
        left, right = _without(left, right, matched)
    return Renamed(tuple(found), tuple(_undecided(left, right)))


_SHAPES: Evidence = "shapes"
_ORDER: Evidence = "order"


def _closer(left: list[Unit], right: list[Unit], edit: Edit) -> list[Unit]:
    """The units with their paths changed by a rule, where that leads to a target."""
    heads = {
        path[:end]
        for path in (unit.path for unit in right)
        for end in (*(k for k, c in enumerate(path) if c == "."), len(path))
    }
    return [_changed(unit, edit, heads) for unit in left]


def _changed(unit: Unit, edit: Edit, heads: set[str]) -> Unit:
    found = rewritten(edit, unit.path)
    if found is None or found[1] not in heads:
        return unit
    return replace(unit, path=found[0], through=(*unit.through, edit))


Pairs = Sequence[tuple[Unit, Unit]]


def _without(
    left: list[Unit], right: list[Unit], pairs: Pairs
) -> tuple[list[Unit], list[Unit]]:
    taken = {unit for pair in pairs for unit in pair}
    return [u for u in left if u not in taken], [u for u in right if u not in taken]


def _by_signature(units: Iterable[Unit]) -> dict[Signature, list[Unit]]:
    found: dict[Signature, list[Unit]] = defaultdict(list)
    for unit in units:
        found[unit.signature].append(unit)
    return found


def _votes(left: list[Unit], right: list[Unit]) -> dict[Edit, _Votes]:
    """Every edit that turns a unit into one of those that stand near it.

    Near is what comes at the same part of the order: of the file, or of the names.
    """
    votes: dict[Edit, _Votes] = defaultdict(_Votes)
    theirs = _by_signature(right)
    for signature, ours in _by_signature(left).items():
        others = theirs.get(signature, [])
        _vote(ours, others, votes)
        by_name = sorted(others, key=_natural)
        if by_name != others:
            _vote(sorted(ours, key=_natural), by_name, votes)
    return votes


def _vote(ours: list[Unit], others: list[Unit], votes: dict[Edit, _Votes]) -> None:
    for rank, source in enumerate(ours):
        middle = rank * len(others) // len(ours)
        first = max(0, min(middle - _NEAREST // 2, len(others) - _NEAREST))
        for place in range(first, min(first + _NEAREST, len(others))):
            target = others[place]
            edit = edit_between(source.path, target.path)
            if edit is not None or source.path != source.origin:
                votes[edit or _NOTHING].add(source, target, abs(place - rank))


_NOTHING = Edit("", "")
"""What is left to change of a unit that other rules have changed to its target."""


def _natural(unit: Unit) -> tuple[tuple[int, str], ...]:
    """A key by which `b10` comes behind `b9`."""
    return tuple(
        (int(part), "") if part.isdecimal() else (-1, part)
        for part in re.split(r"(\d+)", unit.path)
    )


def _best_rule(
    left: list[Unit], right: list[Unit], contested: set[str]
) -> Pairing | None:
    """The edit that turns the most units into others, if names have a part in it.

    `contested` are units of which the order has decided; more of them may come.
    """
    votes = _votes(left, right)
    if _NOTHING in votes:
        return Pairing(_NOTHING, tuple(votes[_NOTHING].pairs.items()), "names")
    counts = {len(vote.pairs) for vote in votes.values()}
    for count in sorted(counts - {1}, reverse=True):
        level = {edit: vote for edit, vote in votes.items() if len(vote.pairs) >= count}
        named = {edit: vote for edit, vote in level.items() if _by_name(edit, vote)}
        if named:
            return _likeliest(named, level, left, right, contested)
    return None


def _singles(left: list[Unit], right: list[Unit]) -> list[Pairing]:
    """Pairs by edits that no other unit shares: each the clearly most alike of both."""
    votes = _votes(left, right)
    pairs = [
        (likeness(source.path, target.path), edit, source, target)
        for edit, vote in votes.items()
        if _by_name(edit, vote)
        for source, target in vote.pairs.items()
    ]
    best: dict[Unit, list[float]] = defaultdict(list)
    for alike, _, source, target in pairs:
        best[source].append(alike)
        best[target].append(alike)
    return [
        Pairing(edit, ((source, target),), "names")
        for alike, edit, source, target in pairs
        if _is_clear(alike, best[source]) and _is_clear(alike, best[target])
    ]


def _is_clear(alike: float, others: list[float]) -> bool:
    """Whether one pair of a unit is more alike than all its others."""
    ranked = sorted(others, reverse=True)
    second = ranked[1] if len(ranked) > 1 else -1.0
    return alike == ranked[0] and alike - second >= _CLEARLY


def _by_name(edit: Edit, vote: _Votes) -> bool:
    """Whether names have a part in an edit: in the paths, or in what it changes."""
    return bool(vote.related) or likeness(edit.before, edit.after) >= _ALIKE


def _likeliest(
    votes: dict[Edit, _Votes],
    level: dict[Edit, _Votes],
    left: list[Unit],
    right: list[Unit],
    contested: set[str],
) -> Pairing | None:
    """The edit whose two sides are most alike, if no other one is as likely."""

    def rank(edit: Edit) -> tuple[float, int, int]:
        alike = round(likeness(edit.before, edit.after), 2)
        return alike, -votes[edit].distance, -len(edit.before + edit.after)

    edit = max(votes, key=rank)
    best = votes[edit]
    pairs = tuple(best.pairs.items())
    enough = likeness(edit.before, edit.after) - _CLEARLY
    rivals = [
        vote
        for other, vote in level.items()
        if other != edit
        and _competes(vote, best)
        and likeness(other.before, other.after) > enough
    ]
    if not rivals and not _names(pairs) & contested:
        return Pairing(edit, pairs, "names")
    if not _orderly(pairs, left, right):
        return None
    for vote in (best, *rivals):
        contested |= _names(tuple(vote.pairs.items()))
    return Pairing(edit, pairs, "order")


def _names(pairs: Pairs) -> set[str]:
    """The units of both sides by what they are called at first."""
    sources = {f"from {source.origin}" for source, _ in pairs}
    return sources | {f"to {target.path}" for _, target in pairs}


def _competes(vote: _Votes, best: _Votes) -> bool:
    """Whether other pairs of the same units have as many votes."""
    if len(vote.pairs) < len(best.pairs):
        return False
    return bool(vote.pairs.keys() & best.pairs.keys() or vote.targets & best.targets)


def _orderly(pairs: Pairs, left: list[Unit], right: list[Unit]) -> bool:
    """Whether the order decides: as many units of a signature on either side."""
    ours, theirs = _by_signature(left), _by_signature(right)
    signatures = {source.signature for source, _ in pairs}
    return all(len(ours[item]) == len(theirs[item]) for item in signatures)


def _unique(left: list[Unit], right: list[Unit]) -> list[tuple[Unit, Unit]]:
    """Units of a signature that occurs once on either side."""
    theirs = _by_signature(right)
    return [
        (units[0], theirs[signature][0])
        for signature, units in _by_signature(left).items()
        if len(units) == 1 and len(theirs.get(signature, ())) == 1
    ]


def _in_order(left: list[Unit], right: list[Unit]) -> list[tuple[Unit, Unit]]:
    """Units in their order, of signatures that occur equally often on either side."""
    ours, theirs = _by_signature(left), _by_signature(right)
    equal = {key for key in ours if len(ours[key]) == len(theirs.get(key, ()))}
    one = [unit for unit in left if unit.signature in equal]
    other = [unit for unit in right if unit.signature in equal]
    matches = align([u.signature for u in one], [u.signature for u in other])
    return [(one[match.left], other[match.right]) for match in matches]


def _by_pattern(pairs: Pairs, evidence: Evidence) -> list[Pairing]:
    """Pairs that no common edit has led to, those of one pattern together."""
    groups: dict[Edit, list[tuple[Unit, Unit]]] = defaultdict(list)
    for source, target in pairs:
        edit = edit_between(source.path, target.path)
        key = Edit(pattern(source.path), pattern(target.path)) if edit is None else edit
        groups[key].append((source, target))
    return [Pairing(edit, tuple(items), evidence) for edit, items in groups.items()]


def _undecided(left: list[Unit], right: list[Unit]) -> list[Ambiguity]:
    """Units of equal signatures of which one side has more than the other."""
    theirs = _by_signature(right)
    return [
        Ambiguity(
            tuple(unit.origin for unit in units),
            tuple(unit.path for unit in theirs[signature]),
        )
        for signature, units in _by_signature(left).items()
        if theirs.get(signature)
    ]


def units_of(
    shapes: Mapping[str, object], modules: Iterable[str] | None = None
) -> list[Unit]:
    """The modules that hold these keys, in order, each with its leaves and shapes.

    With `modules` given, every key of it is a unit of its own.
    """
    if modules is not None:
        return [Unit(key, (shapes[key],), key) for key in modules]
    leaves: dict[str, list[tuple[str, object]]] = defaultdict(list)
    for key, shape in shapes.items():
        path, _, leaf = key.rpartition(".")
        leaves[path].append((leaf, shape))
    return [
        Unit(path, tuple(sorted(items, key=repr)), path)
        for path, items in leaves.items()
    ]
