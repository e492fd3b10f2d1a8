"""Batch normalisation with the statistics of each patch.

An image cut into P patches can go through a network as one batch of N * P patches,
image by image. What a loop over the patches would compute is kept: each patch is
normalised by its own batch statistics, and the running statistics take one step per
patch, in order.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm


def is_hooked(module: nn.Module) -> bool:
    """Whether a call of the module does more than the forward of its class."""
    kinds = ("forward", "forward_pre", "backward", "backward_pre")
    hooks = [getattr(module, f"_{kind}_hooks") for kind in kinds]
    hooks += [vars(nn.modules.module)[f"_global_{kind}_hooks"] for kind in kinds]
    return any(hooks) or "forward" in vars(module)


def patches_of(norm: nn.Module) -> int:
    """How many patches of an image a norm knows in a batch; torch's know one."""
    patches: int = getattr(norm, "patches", 1)
    return patches


@torch.no_grad()
def take_steps(norm: _BatchNorm, mean: Tensor, var: Tensor) -> None:
    """Take the steps r <- (1 - m) r + m b_p of the running statistics at once.

    b_p are the mean and the unbiased variance of patch p, and mean and var hold P of
    them; P steps go 1 - (1-m)^P of the way to their average with weights (1-m)^(P-1-p).
    Without a momentum they go to the average of all batches.
    """
    if not norm.track_running_stats:
        return
    momentum = norm.momentum
    patches = mean.numel() // norm.num_features
    tracked = norm.get_buffer("num_batches_tracked").add_(patches)
    decay = 1.0 if momentum is None else 1.0 - momentum
    way = patches / tracked if momentum is None else 1.0 - decay**patches
    weights = mean.new_tensor([[decay**p] for p in reversed(range(patches))])
    for name, batch in (("running_mean", mean), ("running_var", var)):
        running = norm.get_buffer(name)
        average = (weights * batch.view(patches, -1)).sum(0) / weights.sum()
        running += way * (average - running)


class PatchNorm(_BatchNorm):
    """torch's BatchNorm, patch by patch; it prints as torch's.

    patches: how many a batch holds of each image; in training no other number will do
    (ValueError). With one patch, or in eval mode, it is torch's own.
    """

    def __init__(self, num_features: int, *, patches: int = 1) -> None:
        super().__init__(num_features)
        self.patches = patches

    def forward(self, input: Tensor) -> Tensor:
        if self.patches == 1 or not self.training or not input.numel():
            return super().forward(input)
        if input.shape[0] % self.patches:
            raise ValueError(f"{len(input)} is no multiple of {self.patches} patches")
        # Each patch has channels of its own; momentum 1 leaves its statistics.
        x = input.reshape(-1, self.patches * self.num_features, *input.shape[2:])
        mean, var = self.weight.new_zeros(2, x.shape[1])
        affine = self.weight.repeat(self.patches), self.bias.repeat(self.patches)
        y = F.batch_norm(x, mean, var, *affine, True, 1.0, self.eps)
        take_steps(self, mean, var)
        return y.view(input.shape)

    def _get_name(self) -> str:
        return type(self).__name__.removeprefix("Patch")


class PatchBatchNorm1d(PatchNorm, nn.BatchNorm1d):
    """BatchNorm1d, patch by patch."""


class PatchBatchNorm2d(PatchNorm, nn.BatchNorm2d):
    """BatchNorm2d, patch by patch."""


class PatchBatchNorm3d(PatchNorm, nn.BatchNorm3d):
    """BatchNorm3d, patch by patch."""


def with_patch_norms(layer: nn.Module, patches: int) -> nn.Module:
    """A new layer, with norms of its own that know so many patches of an image."""
    for name, norm in layer.named_children():
        if isinstance(norm, nn.BatchNorm1d):
            setattr(layer, name, PatchBatchNorm1d(norm.num_features, patches=patches))
        elif isinstance(norm, nn.BatchNorm2d):
            setattr(layer, name, PatchBatchNorm2d(norm.num_features, patches=patches))
    return layer
