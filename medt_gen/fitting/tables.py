"""Tables of positions carried to other lengths, and first layers to other channels.

A table is interpolated linearly between its ends, in float64: one that is linear in the
position is carried exactly, and an axis whose length stays is not touched.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from medt_gen.paths.keys import Shape


def resized(table: Tensor, shape: Shape) -> Tensor | None:
    """The table with the lengths of `shape`; None where that is no matter of lengths.

    Relative tables are (features, 2 span - 1), or ((2 h - 1) (2 w - 1), heads) in
    windows; learned grids (1, C, H, W), or (1, tokens, C) with up to two tokens before
    the grid.
    """
    if table.dim() != len(shape) or not table.is_floating_point():
        return None
    axes = [
        k for k, (a, b) in enumerate(zip(table.shape, shape, strict=True)) if a != b
    ]
    if not axes or len(axes) > 3:
        return None
    if (
        len(axes) == 1
        and (grid := _as_grid(table, axes[0], shape[axes[0]])) is not None
    ):
        return grid
    exact = table.to(torch.float64)
    for axis in axes:
        exact = _along(exact, axis, shape[axis])
    return exact.to(table.dtype)


def _along(table: Tensor, axis: int, length: int) -> Tensor:
    """The table with `length` places along an axis; the ends stay the ends."""
    last = table.shape[axis] - 1
    if length == 1 or last == 0:
        index = torch.zeros(length, dtype=torch.int64) + (
            last // 2 if length == 1 else 0
        )
        return table.index_select(axis, index)
    places = torch.arange(length, dtype=torch.float64) * last / (length - 1)
    low = places.floor().clamp(max=last - 1).to(torch.int64)
    part = (places - low).reshape([-1 if k == axis else 1 for k in range(table.dim())])
    left = table.index_select(axis, low)
    right = table.index_select(axis, low + 1)
    return left + (right - left) * part


def _as_grid(table: Tensor, axis: int, length: int) -> Tensor | None:
    """A list of places that is a square grid row by row, tokens before it aside."""
    listed = (table.dim() == 2 and axis == 0) or (table.dim() == 3 and axis == 1)
    if not listed:
        return None
    for tokens in (0, 1, 2):
        old, new = _side(table.shape[axis] - tokens), _side(length - tokens)
        if old and new:
            return _grid(table, axis, tokens, (old, new))
    return None


def _side(places: int) -> int | None:
    side = math.isqrt(max(places, 0))
    return side if side > 1 and side * side == places else None


def _grid(table: Tensor, axis: int, tokens: int, sides: Sequence[int]) -> Tensor:
    old, new = sides
    head = table.narrow(axis, 0, tokens)
    rest = table.narrow(axis, tokens, old * old).to(torch.float64)
    square = (*rest.shape[:axis], old, old, *rest.shape[axis + 1 :])
    grid = rest.reshape(square)
    grid = _along(_along(grid, axis, new), axis + 1, new).flatten(axis, axis + 1)
    return torch.cat([head, grid.to(table.dtype)], dim=axis)


def adapted(weight: Tensor, channels: int) -> Tensor | None:
    """The first layer's weight (out, in, ...) for other input channels.

    From 3 to 1 the channels are summed, from 1 to 3 repeated and divided by 3, so that
    the answer to a gray image stays; None for others.
    """
    before = weight.shape[1]
    if (before, channels) == (3, 1):
        return weight.sum(dim=1, keepdim=True)
    if (before, channels) == (1, 3):
        return weight.repeat_interleave(3, dim=1) / 3
    return None
