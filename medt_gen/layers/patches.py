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
    """Cut `image` into grid patches, run `branch` on each, and lay the results back.

    image: [N, C, *size]; grid: how many patches along each axis, so (4, 4) cuts an image
    into four rows of four. The branch gets all patches as one batch [N * P, C, *patch],
    image by image, row by row; or one after another, where a patch's result could depend
    on the others: `modules` are those of the branch that normalise (without them, the
    batch is one batch). Dropout draws in another order than one after another.
    Raises ValueError if the grid does not tile the image.
    """
    size = image.shape[2:]
    if len(size) != len(grid) or any(a % n for a, n in zip(size, grid, strict=True)):
        raise ValueError(f"a grid of {grid} does not tile an image of {tuple(size)}")
    rows, whole = tuple(range(1, len(grid) + 1)), tuple(range(2, 2 * len(grid) + 1, 2))
    for axis, count in zip(
        reversed(range(2, image.dim())), reversed(grid), strict=True
    ):
        image = torch.unflatten(image, axis, (count, -1))
    patches = image.movedim(whole, rows).flatten(1, len(grid))  # [N, P, C, *patch]
    inner = [module for top in modules for module in top.modules()]
    if any(_couples(module, patches.shape[1]) for module in inner):
        result = _one_by_one(branch, patches, inner)
    else:
        result = branch(patches.flatten(0, 1))
    result = result.view(-1, *grid, *result.shape[1:]).movedim(rows, whole)
    for axis in range(2, 2 + len(grid)):
        result = result.flatten(axis, axis + 1)
    return result


def _couples(module: nn.Module, patches: int) -> bool:
    """Whether a result of the module may depend on the other patches of the batch."""
    if is_hooked(module):
        return True
    if isinstance(module, PatchNorm):
        return module.training and module.patches != patches
    if isinstance(module, _NormBase):
        return module.training or module.running_mean is None
    known = type(module).__module__.startswith("torch.nn.") or isinstance(
        module, nn.Conv1d
    )
    return module.training and not known and not any(module.children())


def _one_by_one(
    branch: Callable[[Tensor], Tensor], patches: Tensor, inner: list[nn.Module]
) -> Tensor:
    """[N, P, C, *patch] -> [N * P, C', *size]; norms take each batch as it comes."""
    norms = [module for module in inner if isinstance(module, PatchNorm)]
    counts = [norm.patches for norm in norms]
    try:
        for norm in norms:
            norm.patches = 1
        results = [branch(patch) for patch in patches.unbind(1)]
    finally:
        for norm, count in zip(norms, counts, strict=True):
            norm.patches = count
    return torch.stack(results, 1).flatten(0, 1)
