"""Many differences as few: equal ones in many places, and what follows from others.

What changes alike in the blocks `layer1.0` and `layer1.1` is one entry with a count;
what changes inside of every module whose class changed belongs to that change.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

from medt_gen.printouts.compare import Difference

_INDEX = re.compile(r"\d+(?:-\d+)?")
_NUMBER = re.compile(r"\d+(?:-\d+)?(?![^.]*\d)")
"""The last number in a name: that of `layer1`, of `0`, or of the run `0-3`."""

_NUMBERED = re.compile(r"(.*?)(\d+(?:-\d+)?)(\D*)", re.DOTALL)
_NAMED = 3


@dataclass(frozen=True)
class Entry:
    """Equal differences in several places: the first of them, and where they are.

    Attributes:
        first: the first difference in printed order.
        places: how many differences are alike.
        path, new_path: those of the first, with `[0-3]` or `*` where the places differ
            in a number; `new_path` is None where it is no other.
        examples: the first places, where `*` stands for more than one number.
        following: what follows from it: entries whose paths are relative to it.
    """

    first: Difference
    places: int
    path: str
    new_path: str | None
    following: tuple[Entry, ...] = ()
    examples: tuple[str, ...] = ()


def summarised(differences: Sequence[Difference]) -> list[Entry]:
    """The differences as entries, in the order in which each comes first."""
    causes = _Causes(differences)
    own = [item for item in differences if not causes.explains(item)]
    return [
        replace(entry, following=tuple(causes.following(entry.first)))
        for entry in _grouped(own)
    ]


def _grouped(differences: Iterable[Difference]) -> list[Entry]:
    alike: dict[Hashable, list[Difference]] = defaultdict(list)
    for place, item in enumerate(differences):
        alike[place if item.renumbered else _likeness(item)].append(item)
    return [_entry(items) for items in alike.values()]


def _likeness(item: Difference) -> Hashable:
    """The same for differences that are equal but for the indices in their paths."""
    new = item.new_path
    texts = (item.left, item.right)
    if item.kind in ("missing", "added", "moved", "renamed"):
        # The row begins with its own name, which may be an index.
        texts = (_without_index(item.left), _without_index(item.right))
    return (
        item.kind,
        item.attribute,
        *texts,
        pattern(item.path),
        None if new is None else pattern(new),
    )


def _without_index(row: str | None) -> str | None:
    if row is None:
        return None
    name, colon, rest = row.partition(":")
    return f"{_INDEX.sub('*', name)}{colon}{rest}"


def pattern(path: str) -> str:
    """A path with `*` for the number in each of its names: the same for like paths."""
    return _NUMBER.sub("*", path)


def _entry(items: list[Difference]) -> Entry:
    paths = [item.path for item in items]
    new = [item.new_path for item in items if item.new_path is not None]
    path = common_path(paths)
    return Entry(
        items[0],
        len(items),
        path,
        common_path(new) if len(new) == len(items) else items[0].new_path,
        examples=tuple(paths[:_NAMED]) if "*" in path else (),
    )


def common_path(paths: Sequence[str]) -> str:
    """One path for several that differ in numbers: `layer1.[0-2].conv`, `layer*.*`."""
    if len(set(paths)) == 1:
        return paths[0]
    columns = list(zip(*(path.split(".") for path in paths), strict=True))
    varying = sum(len(set(column)) > 1 for column in columns)
    return ".".join(_common_name(column, exact=varying == 1) for column in columns)


def _common_name(names: Sequence[str], *, exact: bool) -> str:
    """`layer1`, `layer2` as `layer[1-2]`, or as `layer*` where that is not all."""
    if len(set(names)) == 1:
        return names[0]
    matches = [_NUMBERED.fullmatch(name) for name in names]
    first = matches[0]
    alike = {(match[1], match[3]) for match in matches if match}
    if first is None or len(alike) != 1:
        return "*"
    numbers = f"[{_ranges([match[2] for match in matches if match])}]" if exact else "*"
    return f"{first[1]}{numbers}{first[3]}"


def _ranges(names: Sequence[str]) -> str:
    """`0`, `1`, `2`, `5` as `0-2,5`."""
    found: list[list[int]] = []
    for name in names:
        first, _, last = name.partition("-")
        start, end = int(first), int(last or first)
        if found and found[-1][1] + 1 == start:
            found[-1][1] = end
        else:
            found.append([start, end])
    return ",".join(f"{a}-{b}" if a != b else str(a) for a, b in found)


@dataclass(frozen=True)
class _Change:
    """The change of a class into another."""

    left: str | None
    right: str | None


class _Causes:
    """Which differences follow from the change of a class around them.

    They do where the same differs in every module whose class changed so.
    """

    def __init__(self, differences: Sequence[Difference]) -> None:
        self.changed = {
            item.path: _Change(item.left, item.right)
            for item in differences
            if item.kind == "type" and item.path
        }
        self.sizes: dict[_Change, int] = defaultdict(int)
        for change in self.changed.values():
            self.sizes[change] += 1
        self.inside: dict[_Change, dict[Hashable, list[Difference]]] = {}
        self.cause: dict[Difference, str] = {}
        for item in differences:
            self._sort_in(item)

    def _sort_in(self, item: Difference) -> None:
        path = item.path
        while "." in path and not item.renumbered:
            path = path.rpartition(".")[0]
            if path in self.changed:
                change = self.changed[path]
                alike = self.inside.setdefault(change, defaultdict(list))
                alike[_relative_likeness(item, path)].append(item)
                self.cause[item] = path
                return

    def explains(self, item: Difference) -> bool:
        """Whether a difference follows from another one."""
        cause = self.cause.get(item)
        if cause is None:
            return False
        change = self.changed[cause]
        alike = self.inside[change][_relative_likeness(item, cause)]
        return len(alike) == self.sizes[change]

    def following(self, item: Difference) -> list[Entry]:
        """What follows from the change of a class, once for all its places."""
        if self.changed.get(item.path) != _Change(item.left, item.right):
            return []
        groups: dict[Hashable, list[Difference]] = defaultdict(list)
        for alike in self.inside.get(self.changed[item.path], {}).values():
            first = alike[0]
            if self.explains(first):
                new_path = self._inner_new_path(first)
                key = (first.kind, first.attribute, first.left, first.right, new_path)
                groups[key].append(first)
        return [self._relative_entry(items) for items in groups.values()]

    def _relative_entry(self, items: list[Difference]) -> Entry:
        names = [item.path.removeprefix(f"{self.cause[item]}.") for item in items]
        new_path = self._inner_new_path(items[0])
        return Entry(items[0], len(items), ", ".join(names), new_path)

    def _inner_new_path(self, item: Difference) -> str | None:
        """The path on the right, relative to the module whose class changed."""
        if item.new_path is None:
            return None
        depth = self.cause[item].count(".") + 1
        return ".".join(item.new_path.split(".")[depth:])


def _relative_likeness(item: Difference, cause: str) -> Hashable:
    inner = item.path.removeprefix(f"{cause}.")
    return inner, item.kind, item.attribute, item.left, item.right
