"""Why two shapes of one key differ, as far as keys and shapes tell it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from medt_gen.fitting.records import Mismatch
from medt_gen.paths.keys import Shape, parent_path

_TABLE = re.compile(r"relative|rel_pos|pos_emb|pos_embed|position", re.IGNORECASE)
_INDEX = re.compile(
    r"(?:\A|\.)(?:attn_mask|relative_position_index|relative_coords_table"
    r"|flatten_index|position_ids|token_type_ids)\Z"
)
_MOST_OF = 0.5


def is_table(key: str) -> bool:
    """Whether a key is called as tables of positions are."""
    return _TABLE.search(key) is not None and not is_index(key)


def is_index(key: str) -> bool:
    """Whether a key is called as buffers are that follow from the sizes alone."""
    return _INDEX.search(key) is not None


def explained(mismatches: Sequence[Mismatch], order: Sequence[str]) -> dict[str, str]:
    """The reason of each mismatch, by its key; `order` are all keys of the network.

    What is not told by a rule has no entry.
    """
    factor = _common_factor(mismatches)
    found: dict[str, str] = {}
    for item in mismatches:
        reason = _reason(item, order, factor)
        if reason:
            found[item.key] = reason
    return found


def _reason(item: Mismatch, order: Sequence[str], factor: Fraction | None) -> str:
    stored, wanted = item.stored, item.wanted
    if is_index(item.key):
        return "follows from the size of the image, or of the window"
    if is_table(item.key) and (told := _table(stored, wanted)):
        return told
    if len(stored) != len(wanted):
        return f"{len(stored)} axes in the checkpoint, {len(wanted)} here"
    axes = [k for k, (a, b) in enumerate(zip(stored, wanted, strict=True)) if a != b]
    if factor is not None and _scaled(stored, wanted, factor):
        return f"another width: {float(factor):g} times the width here"
    if axes == [0] and _is_last(item.key, order):
        return (
            "another number of outputs, such as classes: "
            f"{stored[0]} in the checkpoint, {wanted[0]} here"
        )
    if axes == [1] and len(stored) > 2 and _is_first(item.key, order):
        return f"other input channels: {stored[1]} in the checkpoint, {wanted[1]} here"
    if axes and min(axes) >= 2:
        was, now = _by(stored[2:]), _by(wanted[2:])
        return f"another kernel: {was} in the checkpoint, {now} here"
    if axes in ([0], [1]) and len(stored) > 1:
        what = "outputs" if axes == [0] else "inputs"
        k = axes[0]
        return f"other {what}: {stored[k]} in the checkpoint, {wanted[k]} here"
    return ""


def _by(numbers: Sequence[int]) -> str:
    return " x ".join(map(str, numbers))


def _table(stored: Shape, wanted: Shape) -> str:
    """What a table of positions tells of the lengths of axes."""
    for one, two in zip(stored, wanted, strict=False):
        if one == two:
            continue
        if one % 2 and two % 2 and len(stored) == 2 and stored[0] == wanted[0]:
            return (
                f"relative positions of {(one + 1) // 2} places in the checkpoint, "
                f"of {(two + 1) // 2} here: another size of the image, or another span"
            )
        grids = [_grid(number) for number in (one, two)]
        if all(grids):
            return (
                f"positions of {grids[0]} places in the checkpoint, of {grids[1]} "
                "here: another size of the image, or another patch"
            )
        return (
            f"positions for {one} places in the checkpoint, for {two} here: another "
            "size of the image"
        )
    return ""


def _grid(number: int) -> str:
    """`14 x 14` of 196 or 197 (with a token of its own); empty for other numbers."""
    for extra in (0, 1, 2):
        side = math.isqrt(max(number - extra, 0))
        if side > 1 and side * side == number - extra:
            return f"{side} x {side}"
    return ""


def _is_last(key: str, order: Sequence[str]) -> bool:
    """Whether a key is of the last module that holds a weight."""
    last = next((k for k in reversed(order) if k.endswith(("weight", "bias"))), "")
    return parent_path(key) == parent_path(last)


def _is_first(key: str, order: Sequence[str]) -> bool:
    first = next((k for k in order if k.endswith("weight")), "")
    return parent_path(key) == parent_path(first)


def _common_factor(mismatches: Sequence[Mismatch]) -> Fraction | None:
    """The ratio by which the most of several shapes differ; None for a few."""
    ratios: Counter[Fraction] = Counter()
    for item in mismatches:
        ratios.update(set(_ratios(item.stored, item.wanted)))
    if len(mismatches) < 4 or not ratios:
        return None
    ratio, count = ratios.most_common(1)[0]
    return ratio if count > _MOST_OF * len(mismatches) else None


def _ratios(stored: Shape, wanted: Shape) -> list[Fraction]:
    if len(stored) != len(wanted):
        return []
    pairs = zip(stored, wanted, strict=True)
    return [Fraction(one, two) for one, two in pairs if one != two and two]


def _scaled(stored: Shape, wanted: Shape, factor: Fraction) -> bool:
    ratios = _ratios(stored, wanted)
    return bool(ratios) and all(ratio == factor for ratio in ratios)
