"""Input sizes near the given one for which a spec resolves.

The sizes that work are multiples of some number, from the strides and the grids, above
some least size. A few multiples of round numbers find one; then the divisors of that
one are tried for a nearer one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from math import gcd

Size = tuple[int, ...]
Works = Callable[[Size], bool]

# Codes of errors that another input size may cure.
DEPEND_ON_SIZE = frozenset({"shape-mismatch", "patch-grid", "one-value-norm"})

_STEPS = (8, 16, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 384, 448, 512)
_LEAST_UNIT = 8
_LARGEST_INPUT = 16_384


def working_sizes(size: Size, works: Works) -> list[Size]:
    """The nearest smaller and the nearest larger size for which `works` holds.

    The proportions stay where the axes have a common factor of 8 or more; otherwise
    every axis is rounded by itself. About fifty sizes are tried at most.
    """
    if not size or max(size) > _LARGEST_INPUT:
        return []
    check = cache(works)
    found = [_nearest(size, check, up=up) for up in (False, True)]
    return [item for item in found if item is not None]


def _nearest(size: Size, works: Works, *, up: bool) -> Size | None:
    for step in _STEPS:
        candidate = _rounded(size, step, up=up)
        if candidate is not None and works(candidate):
            return _nearer(size, candidate, step, works, up=up)
    return None


def _nearer(size: Size, known: Size, step: int, works: Works, *, up: bool) -> Size:
    """The first candidate that works, from the nearest on, at worst `known`."""
    nearer = {
        candidate
        for divisor in _divisors(step)
        if (candidate := _rounded(size, divisor, up=up)) is not None
    }
    for candidate in sorted(nearer, key=sum, reverse=not up):
        if candidate == known or works(candidate):
            return candidate
    return known


def _divisors(number: int) -> Iterator[int]:
    return (item for item in range(1, number) if number % item == 0)


def _rounded(size: Size, step: int, *, up: bool) -> Size | None:
    """`size` with every axis at a multiple of `step`; None where that is no change."""
    unit = gcd(*size)
    if unit >= _LEAST_UNIT:
        part = _next_multiple(unit, step) if up else _last_multiple(unit, step)
        found = tuple(axis // unit * part for axis in size)
    elif up:
        found = tuple(_next_multiple(axis - 1, step) for axis in size)
    else:
        found = tuple(_last_multiple(axis + 1, step) for axis in size)
    return found if found != size and min(found) > 0 else None


def _next_multiple(number: int, step: int) -> int:
    return (number // step + 1) * step


def _last_multiple(number: int, step: int) -> int:
    return (number - 1) // step * step
