"""Two trees as one: the rows of both sides in the left one's order.

Rows of the right alone stand where they belong.
"""

from __future__ import annotations

from dataclasses import replace

from medt_gen.printouts.fingerprint import Fingerprints
from medt_gen.printouts.pairing import Aligned, Unit, descends, pair_rows
from medt_gen.printouts.tree import Node


def merged(left: Node, right: Node, prints: Fingerprints) -> list[Aligned]:
    """All rows below two modules that stand for each other."""
    if not descends(left, right, prints):
        return []
    pairing = pair_rows(left, right, prints)
    places_left = {id(row): i for i, row in enumerate(prints.rows(left))}
    places_right = {id(row): i for i, row in enumerate(prints.rows(right))}
    result = [
        *(Aligned(pair.left, pair.right) for pair in pairing.pairs),
        *(Aligned(unit, None) for unit in pairing.left),
    ]
    result.sort(key=lambda item: _place(item.left, places_left))
    for unit in pairing.right:
        at = _insertion(result, _place(unit, places_right), places_right)
        result.insert(at, Aligned(None, unit))
    return result


def _place(unit: Unit | None, places: dict[int, int]) -> tuple[int, int]:
    return (places[id(unit.node)], unit.first) if unit else (-1, -1)


def _insertion(
    rows: list[Aligned], place: tuple[int, int], places: dict[int, int]
) -> int:
    """Right behind the last row that stands before `place` on the right side."""
    for i in range(len(rows) - 1, -1, -1):
        other = rows[i].right
        if other and _place(other, places) < place:
            return i + 1
    return 0


def is_equal(item: Aligned, prints: Fingerprints) -> bool:
    """Whether both sides have the row, and all below it, alike."""
    one, other = item.left, item.right
    if one is None or other is None:
        return False
    names = one.name == other.name or one.first >= 0
    return names and prints.equal(one.node) == prints.equal(other.node)


def reported(unit: Unit | None, prints: Fingerprints) -> Node | None:
    """The row as it is reported: a part of a run under its own indices."""
    if unit is None or unit.name == unit.node.name:
        return unit.node if unit else None
    found = replace(unit.node, name=unit.name, count=unit.count)
    prints.adopt(found, unit.node)
    return found


def is_changed(left: Node, right: Node, prints: Fingerprints) -> bool:
    """Whether two rows that stand for each other differ themselves, not only below."""
    equal = prints.type(left) == prints.type(right)
    own = equal and prints.values(left) == prints.values(right)
    return not own or left.name != right.name
