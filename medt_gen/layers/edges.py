"""Zeros around images, the middle of images, and shifts of groups of channels."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F


def pad_to(x: Tensor, multiple: int | tuple[int, ...]) -> Tensor:
    """Add zeros behind x [N, C, *size], so that each axis is a multiple."""
    rank = x.dim() - 2
    steps = (multiple,) * rank if isinstance(multiple, int) else multiple
    missing = [-size % step for size, step in zip(x.shape[2:], steps, strict=True)]
    # torch lists the last axis first, and what comes before an axis before the rest.
    edges = [edge for amount in reversed(missing) for edge in (0, amount)]
    return F.pad(x, edges)


def crop(x: Tensor, like: Tensor) -> Tensor:
    """Cut the middle out of x [N, C, *size], as large as `like`."""
    for dim in range(2, x.dim()):
        size = like.size(dim)
        x = x.narrow(dim, (x.size(dim) - size) // 2, size)
    return x


def shift(x: Tensor, dim: int, groups: int) -> Tensor:
    """Move groups of channels of x along `dim`, from -(groups // 2) places on.

    The middle group stays; zeros come in (the shifted blocks of UNeXt, Valanarasu and
    Patel, MICCAI 2022).
    """
    most, size = groups // 2, x.size(dim)
    edges = [0, 0] * (x.dim() - 1 - dim) + [most, most]
    padded = F.pad(x, edges)
    return _in_groups(
        padded, groups, lambda part, by: part.narrow(dim, most - by, size)
    )


def roll(x: Tensor, dim: int, groups: int) -> Tensor:
    """Move groups of channels as `shift` does; what goes out comes in behind."""
    return _in_groups(x, groups, lambda part, by: torch.roll(part, by, dim))


def _in_groups(x: Tensor, groups: int, move: Callable[[Tensor, int], Tensor]) -> Tensor:
    """Move each group of channels by its own number of places."""
    parts = x.chunk(groups, 1)
    moved = [move(part, by) for by, part in enumerate(parts, -(groups // 2))]
    return torch.cat(moved, 1)
