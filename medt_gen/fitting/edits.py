"""How one path becomes another: the shortest change of its steps, and its likeness.

A change is an edit of neighbouring steps, such as `act` to `adn.A`. Numbers in it may
stand for any number, so that one edit serves all blocks: `bn*` to `norm*`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from medt_gen.printouts.align import common_length

_NUMBER = re.compile(r"\d+")
_STAR = re.compile(r"\*")

Steps = tuple[str, ...]


@dataclass(frozen=True)
class Edit:
    """Steps that are replaced by others.

    `before` and `after` are the steps with `*` for a number that is kept, or to which
    `shift` is added; an inserted or removed step has the step before it on both sides.
    """

    before: str
    after: str
    shift: int = 0


@lru_cache(maxsize=1 << 16)
def steps(path: str) -> Steps:
    """The steps of a path; the root's has none."""
    return tuple(path.split(".")) if path else ()


@lru_cache(maxsize=1 << 18)
def edit_between(source: str, target: str) -> Edit | None:
    """The change from one path to the other; None for equal paths."""
    one, other = steps(source), steps(target)
    head = common_length(one, other)
    tail = common_length(one[head:][::-1], other[head:][::-1])
    before, after = one[head : len(one) - tail], other[head : len(other) - tail]
    if not before and not after:
        return None
    if (not before or not after) and head:
        # What is inserted or removed is known by the step before it.
        before, after = (one[head - 1], *before), (one[head - 1], *after)
    return _generalised(before, after, one[:head])


def _generalised(before: Steps, after: Steps, parent: Steps) -> Edit:
    """The edit with kept numbers as `*`, or with one number shifted."""
    left, right = ".".join(before), ".".join(after)
    numbers, others = _NUMBER.findall(left), _NUMBER.findall(right)
    words, new_words = _NUMBER.sub("*", left), _NUMBER.sub("*", right)
    if numbers and numbers == others:
        return Edit(words, new_words)
    if len(numbers) != 1 or len(others) != 1:
        return Edit(left, right)
    shift = int(others[0]) - int(numbers[0])
    if words == new_words == "*" and parent:
        # A bare index is known by the step before it.
        owner = _NUMBER.sub("*", parent[-1])
        return Edit(f"{owner}.*", f"{owner}.*", shift)
    return Edit(words, new_words, shift)


def rewritten(edit: Edit, path: str) -> tuple[str, str] | None:
    """A path after an edit, and its beginning up to what was replaced.

    None where the edit does not apply.
    """
    match = _pattern(edit.before).search(path)
    if match is None:
        return None
    numbers = [int(number) + edit.shift for number in match.groups()]
    if min(numbers, default=0) < 0 or edit.after.count("*") != len(numbers):
        return None
    following = iter(numbers)
    after = _STAR.sub(lambda _: str(next(following)), edit.after)
    head = path[: match.start()] + after
    new = (head + path[match.end() :]).strip(".")
    return new, head.strip(".")


@lru_cache(maxsize=1 << 10)
def _pattern(before: str) -> re.Pattern[str]:
    body = re.escape(before).replace(r"\*", r"(\d+)")
    return re.compile(rf"(?:(?<=\.)|\A){body}(?=\.|\Z)")


@lru_cache(maxsize=1 << 18)
def are_related(source: str, target: str) -> bool:
    """Whether both paths begin or end with an equal step."""
    one, other = steps(source), steps(target)
    return bool(one and other and (one[0] == other[0] or one[-1] == other[-1]))


@lru_cache(maxsize=1 << 14)
def likeness(before: str, after: str) -> float:
    """From 0 to 1: how much the changed steps share in letters and numbers."""
    matcher = SequenceMatcher(None, before.lower(), after.lower(), autojunk=False)
    return matcher.ratio()
