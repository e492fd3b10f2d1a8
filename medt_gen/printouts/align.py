"""Align two sequences: which items of one stand for which items of the other.

`align` finds the fewest insertions, removals and replacements by furthest-reaching
diagonals (Ukkonen, "Algorithms for approximate string matching", 1985), so it is fast
where little differs. Past `MOST_EDITS` it settles for less: equal items at equal
places, or items that occur once on both sides. So time stays linear in the length.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

MOST_EDITS = 250


@dataclass(frozen=True, slots=True)
class Match:
    """The indices of two equal items that stand for each other."""

    left: int
    right: int


Reach = dict[int, int]
"""For each diagonal (left minus right index), how far along the left side one gets."""


def align(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[Match]:
    """Which items are equal and stand for each other, both indices ascending."""
    head = common_length(left, right)
    tail = common_length(left[head:][::-1], right[head:][::-1])
    inner_left = left[head : len(left) - tail]
    inner_right = right[head : len(right) - tail]
    inner = _fewest_edits(inner_left, inner_right)
    if inner is None:
        inner = _settled(inner_left, inner_right)
    return [
        *(Match(k, k) for k in range(head)),
        *(Match(match.left + head, match.right + head) for match in inner),
        *(Match(len(left) - k, len(right) - k) for k in range(tail, 0, -1)),
    ]


def common_length(left: Sequence[Hashable], right: Sequence[Hashable]) -> int:
    """How many items both begin with."""
    length = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        length += 1
    return length


def _fewest_edits(
    left: Sequence[Hashable], right: Sequence[Hashable]
) -> list[Match] | None:
    """The equal items of a shortest edit; None when it has over `MOST_EDITS` edits."""
    shared = sum((Counter(left) & Counter(right)).values())
    if shared == 0:
        return []
    if max(len(left), len(right)) - shared > MOST_EDITS:
        return None
    reach: Reach = {0: _slide(left, right, 0, 0)}
    trail = [reach]
    goal = len(left) - len(right)
    while reach.get(goal, -1) < len(left):
        if len(trail) > MOST_EDITS:
            return None
        reach = _one_more(left, right, reach, len(trail))
        trail.append(reach)
    return _backtrack(trail, left, right)


def _slide(
    left: Sequence[Hashable], right: Sequence[Hashable], x: int, diagonal: int
) -> int:
    """Go along a diagonal as long as the items are equal."""
    end = min(len(left), len(right) + diagonal)
    while x < end and left[x] == right[x - diagonal]:
        x += 1
    return x


def _one_more(
    left: Sequence[Hashable], right: Sequence[Hashable], reach: Reach, edits: int
) -> Reach:
    """How far one gets on every diagonal with one edit more."""
    result: Reach = {}
    for diagonal in range(-edits, edits + 1):
        start = _after_edit(reach, diagonal, len(left), len(right))
        if start >= 0:
            result[diagonal] = _slide(left, right, start, diagonal)
    return result


def _after_edit(reach: Reach, diagonal: int, left: int, right: int) -> int:
    """The furthest place on a diagonal right behind an edit; -1 where there is none."""
    start = -1
    for old, step in ((diagonal, 1), (diagonal - 1, 1), (diagonal + 1, 0)):
        x = reach.get(old, -1)
        if x >= 0 and x + step <= left and x + step - diagonal <= right:
            start = max(start, x + step)
    return start


def _backtrack(
    trail: list[Reach], left: Sequence[Hashable], right: Sequence[Hashable]
) -> list[Match]:
    """The equal items along the path found; replacements go before the other edits."""
    matches: list[Match] = []
    x, diagonal = len(left), len(left) - len(right)
    for reach in [*trail[-2::-1], {}]:
        start = _after_edit(reach, diagonal, len(left), len(right)) if reach else 0
        while x > start:
            x -= 1
            matches.append(Match(x, x - diagonal))
        if reach.get(diagonal, -2) + 1 == x:
            x -= 1
        elif reach.get(diagonal - 1, -2) + 1 == x:
            x, diagonal = x - 1, diagonal - 1
        else:
            diagonal += 1
    return matches[::-1]


def _settled(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[Match]:
    """Equal items at equal places, where both are equally long; else unique items."""
    if len(left) == len(right):
        return [Match(k, k) for k in range(len(left)) if left[k] == right[k]]
    return _unique_items(left, right)


def _unique_items(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[Match]:
    """Items that occur once on each side, as many as stand in the same order."""
    once_left = {key for key, count in Counter(left).items() if count == 1}
    place = {key: j for j, key in enumerate(right)}
    once = {key for key, count in Counter(right).items() if count == 1} & once_left
    matches = [Match(i, place[key]) for i, key in enumerate(left) if key in once]
    return [matches[k] for k in increasing([match.right for match in matches])]


def increasing(numbers: Sequence[int]) -> list[int]:
    """Indices of a longest increasing subsequence."""
    ends: list[int] = []
    heads: list[int] = []
    before: list[int] = []
    for index, number in enumerate(numbers):
        length = bisect_left(ends, number)
        before.append(heads[length - 1] if length else -1)
        if length == len(ends):
            ends.append(number)
            heads.append(index)
        else:
            ends[length] = number
            heads[length] = index
    result: list[int] = []
    index = heads[-1] if heads else -1
    while index >= 0:
        result.append(index)
        index = before[index]
    return result[::-1]
