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
    size, parts = tuple(image.shape[2:]), [image]
    if len(size) != len(grid) or any(a % n for a, n in zip(size, grid, strict=True)):
        raise ValueError(f"a grid of {grid} does not tile an image of {size}")
    for dim, count in enumerate(grid, 2):
        parts = [part for whole in parts for part in whole.chunk(count, dim)]
    inner = [module for top in modules for module in top.modules()]
    if any(_couples(module, len(parts)) for module in inner):
        norms = {m: m.patches for m in inner if isinstance(m, PatchNorm)}
        try:
            for norm in norms:
                norm.patches = 1
            parts = [branch(part) for part in parts]
        finally:
            for norm, count in norms.items():
                norm.patches = count
    else:
        batch = branch(torch.stack(parts, 1).flatten(0, 1))
        parts = list(batch.view(image.size(0), len(parts), *batch.shape[1:]).unbind(1))
    for dim, n in reversed(list(enumerate(grid, 2))):
        parts = [torch.cat(parts[i : i + n], dim) for i in range(0, len(parts), n)]
    return parts[0]


def _couples(module: nn.Module, patches: int) -> bool:
    """Whether what the module makes of a patch may depend on the rest of the batch."""
    if isinstance(module, _NormBase):
        alone = not module.training or getattr(module, "patches", None) == patches
        return is_hooked(module) or module.running_mean is None or not alone
    torch_own = type(module).forward.__module__.startswith("torch.nn.")
    return is_hooked(module) or not (torch_own or list(module.children()))
