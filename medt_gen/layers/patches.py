"""Run a branch of a network on every patch of an image."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


def over_patches(
    branch: Callable[[Tensor], Tensor],
    image: Tensor,
    grid: tuple[int, ...],
    modules: Iterable[nn.Module] = (),
) -> Tensor:
    """Cut `image` into grid patches, run `branch` on each, and lay the results back.

    image: [N, C, *size]; grid: how many patches along each axis of size, so (4, 4) cuts
    an image into four rows of four; the branch sees [N, C, *(size / grid)].
    modules: what the branch runs and what its statistics depend on.
    Raises ValueError if the grid does not tile the image.
    """
    patches = _cut(image, grid)
    with _one_patch_at_a_time(modules):
        results = torch.stack([branch(patch) for patch in patches.unbind(1)], 1)
    return _lay_back(results, grid)


def _cut(image: Tensor, grid: tuple[int, ...]) -> Tensor:
    """[N, C, *size] -> [N, P, C, *(size / grid)], row by row."""
    size = image.shape[2:]
    if len(size) != len(grid) or any(s % g for s, g in zip(size, grid, strict=True)):
        raise ValueError(f"a grid of {grid} does not tile an image of {tuple(size)}")
    for axis, count in enumerate(grid):
        image = image.unflatten(2 + 2 * axis, (count, size[axis] // count))
    axes = range(2, 2 + 2 * len(grid), 2)
    image = image.movedim(tuple(axes), tuple(range(1, 1 + len(grid))))
    return image.flatten(1, len(grid))


def _lay_back(patches: Tensor, grid: tuple[int, ...]) -> Tensor:
    """[N, P, C, *size] -> [N, C, *(grid * size)], row by row."""
    image = patches.unflatten(1, grid)
    axes = range(2, 2 + 2 * len(grid), 2)
    image = image.movedim(tuple(range(1, 1 + len(grid))), tuple(axes))
    for axis in range(len(grid)):
        image = image.flatten(2 + axis, 3 + axis)
    return image


@contextmanager
def _one_patch_at_a_time(modules: Iterable[nn.Module]) -> Iterator[None]:
    """While it lasts, the patch-aware modules take what they get as one patch."""
    aware = [m for top in modules for m in top.modules() if hasattr(m, "patches")]
    counts = [module.patches for module in aware]
    try:
        for module in aware:
            module.patches = 1
        yield
    finally:
        for module, count in zip(aware, counts, strict=True):
            module.patches = count
