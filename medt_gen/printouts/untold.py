"""What an old torch does not print, and what so can't be compared with a newer one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from medt_gen.printouts.attributes import values
from medt_gen.printouts.tree import Node, postorder
from medt_gen.printouts.versions import printing


@dataclass(frozen=True)
class Untold:
    """An argument that no module of a class prints on one side, and some on the other.

    `count` is how many modules of the class that side has; a run counts once.
    """

    type: str
    argument: str
    side: str
    count: int


def untold_arguments(left: Node, right: Node) -> tuple[Untold, ...]:
    """Every argument that a side's torch did not print, though the other's did."""
    one, other = _told(left), _told(right)
    found: list[Untold] = []
    for side, ours, theirs in (("left", one, other), ("right", other, one)):
        for kind, count in ours.modules.items():
            for argument in sorted(printing(kind).untold):
                key = (kind, argument)
                if not ours.printed[key] and theirs.printed[key]:
                    found.append(Untold(kind, argument, side, count))
    return tuple(found)


def untold_pairs(items: tuple[Untold, ...]) -> frozenset[tuple[str, str]]:
    """The arguments alone, each with its class."""
    return frozenset((item.type, item.argument) for item in items)


@dataclass(frozen=True)
class _Told:
    """How many modules there are of each class, and how many print which argument."""

    modules: Counter[str]
    printed: Counter[tuple[str, str]]


def _told(root: Node) -> _Told:
    told = _Told(Counter(), Counter())
    for node in postorder(root):
        known = printing(node.type).untold if node.type else ()
        if not known:
            continue
        told.modules[node.type] += 1
        names = {name for name, _ in values(node.type, node.attributes)}
        told.printed.update((node.type, name) for name in known if name in names)
    return told
