"""Run a branch of a network on every patch of an image."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from medt_gen.layers.batch_norm import PatchNorm, is_hooked


def over_patches(
    branch: Callable[[Tensor], Tensor],
    image: Tensor,
    grid: tuple[int, ...],
    modules: Iterable[nn.Module] = (),
) -> Tensor:
    """Run `branch` on each patch of image [N, C, *size], and lay the results back.

    grid: the patches along each axis (ValueError if they do not tile it). The branch
    gets them as one batch, image by image, row by row (dropout draws in that order);
    one by one where `modules`, which normalise in it, would else couple them.
    """
    size, n = image.shape[2:], len(grid)
    if len(size) != n or any(a % count for a, count in zip(size, grid, strict=True)):
        raise ValueError(f"a grid of {grid} does not tile an image of {tuple(size)}")
    rows, inside = tuple(range(1, n + 1)), tuple(range(2, 2 * n + 1, 2))
    for axis in range(n):
        image = torch.unflatten(image, 2 + 2 * axis, (grid[axis], -1))
    patches = image.movedim(inside, rows).flatten(1, n)  # [N, P, C, *patch]
    inner = [module for top in modules for module in top.modules()]
    if any(_couples(module, patches.shape[1]) for module in inner):
        result = _one_by_one(branch, patches, inner)
    else:
        result = branch(patches.flatten(0, 1))
    result = result.view(-1, *grid, *result.shape[1:]).movedim(rows, inside)
    for axis in range(n):
        result = result.flatten(2 + axis, 3 + axis)
    return result


def _couples(module: nn.Module, patches: int) -> bool:
    """Whether what the module makes of a patch may depend on the rest of the batch."""
    if is_hooked(module):
        return True
    if isinstance(module, _NormBase) and module.training:
        return getattr(module, "patches", None) != patches
    if isinstance(module, _NormBase | nn.Conv1d):
        return getattr(module, "running_mean", module) is None
    torch_own = type(module).__module__.startswith("torch.nn.")
    return module.training and not torch_own and not list(module.children())


def _one_by_one(
    branch: Callable[[Tensor], Tensor], patches: Tensor, inner: list[nn.Module]
) -> Tensor:
    """[N, P, C, *patch] -> [N * P, C, *size]; meanwhile norms have one patch."""
    norms = [module for module in inner if isinstance(module, PatchNorm)]
    counts = [norm.patches for norm in norms]
    try:
        for norm in norms:
            norm.patches = 1
        return torch.stack([branch(p) for p in patches.unbind(1)], 1).flatten(0, 1)
    finally:
        for norm, count in zip(norms, counts, strict=True):
            norm.patches = count
