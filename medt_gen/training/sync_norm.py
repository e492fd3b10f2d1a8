"""Batch normalisation over the images of all processes.

By definition: with the sum s, the sum of squares q and the count n of a channel over
all processes, mean = s / n and var = q / n - mean^2. The sums are taken of what lies
above the running mean, which all processes share, so that nothing cancels.
torch.nn.SyncBatchNorm is for GPUs, and does not know patches.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from medt_gen.layers.batch_norm import PatchNorm, take_steps
from medt_gen.training.processes import summed

_KNOWN = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


class _Sum(torch.autograd.Function):
    """The sum over all processes, forwards and backwards."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        return summed(values.clone())

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return summed(gradients[0].contiguous())


class SyncNorm(PatchNorm):
    """A batch norm whose statistics are those of all processes, patch by patch.

    `patches` is how many of each image a batch holds; `idle` is whether this process
    only keeps time: then its images do not count.
    """

    patches: int = 1
    idle: bool = False

    def forward(self, input: Tensor) -> Tensor:
        """[N, C, *size], or [N, C], as torch's norm of that name takes it."""
        if not self.training:
            return super().forward(input)
        grouped = input.reshape(-1, self.patches * self.num_features, *input.shape[2:])
        axes = [axis for axis in range(grouped.dim()) if axis != 1]
        shape = [1, -1, *(1 for _ in grouped.shape[2:])]
        counted = 0.0 if self.idle else float(grouped.numel() // grouped.shape[1])
        shift = self._shift(grouped)
        above = grouped - shift.view(shape)
        part = 0.0 if self.idle else 1.0
        sums = torch.cat(
            [
                part * above.sum(axes),
                part * above.square().sum(axes),
                above.new_tensor([counted]),
            ]
        )
        whole: Tensor = _Sum.apply(sums)  # type: ignore[no-untyped-call]
        channels = grouped.shape[1]
        total, squares, count = whole[:channels], whole[channels:-1], whole[-1]
        mean = total / count
        var = squares / count - mean.square()
        scaled = (above - mean.view(shape)) / (var.view(shape) + self.eps).sqrt()
        unbiased = var * count / (count - 1).clamp_min(1)
        take_steps(self, (mean + shift).detach(), unbiased.detach())
        return self._affine(scaled.view(input.shape))

    def _shift(self, grouped: Tensor) -> Tensor:
        if self.running_mean is None:
            return grouped.new_zeros(grouped.shape[1])
        # take_steps changes it in place, after what needs it has been computed.
        return self.running_mean.detach().clone().repeat(self.patches)

    def _affine(self, scaled: Tensor) -> Tensor:
        if not self.affine:
            return scaled
        shape = [1, -1, *(1 for _ in scaled.shape[2:])]
        return scaled * self.weight.view(shape) + self.bias.view(shape)

    def _check_input_dim(self, input: Tensor) -> None:
        """Any number of axes: the norm that it stands for has checked them."""


def with_sync_norms(model: nn.Module) -> int:
    """Let every batch norm of a model take the statistics of all; how many there are.

    Parameters, buffers and their names stay the same.
    """
    found = [
        (module, name, norm)
        for module in model.modules()
        for name, norm in module.named_children()
        if isinstance(norm, _KNOWN)
    ]
    made: dict[nn.Module, SyncNorm] = {}
    for parent, name, norm in found:
        if norm not in made:
            made[norm] = _synced(norm)
        setattr(parent, name, made[norm])
    return len(made)


def _synced(norm: nn.Module) -> SyncNorm:
    """A norm with the same tensors: they stay those that an optimiser knows."""
    new = SyncNorm.__new__(SyncNorm)
    new.__dict__ = {**vars(norm)}
    return new


@contextmanager
def idle_norms(model: nn.Module, *, idle: bool) -> Iterator[None]:
    """While a process only keeps time, its images count in no statistic."""
    norms = [item for item in model.modules() if isinstance(item, SyncNorm)]
    for norm in norms:
        norm.idle = idle
    try:
        yield
    finally:
        for norm in norms:
            norm.idle = False
