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
    """Whether a call of the module does more than its forward."""
    kinds = ("forward", "forward_pre", "backward", "backward_pre")
    return any(getattr(module, f"_{kind}_hooks") for kind in kinds)


class PatchNorm(_BatchNorm):
    """torch's BatchNorm, patch by patch; it prints as torch's.

    patches: how many a batch holds of each image; in training no other number will do
    (ValueError). With one patch, or in eval mode, it is torch's own.
    """

    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(self, num_features: int, *, patches: int = 1) -> None:
        super().__init__(num_features)
        self.patches = patches

    def forward(self, input: Tensor) -> Tensor:
        if self.patches == 1 or not self.training:
            return super().forward(input)
        if len(input) % self.patches:
            raise ValueError(f"{len(input)} is no multiple of {self.patches} patches")
        x = input.reshape(-1, self.patches, *input.shape[1:])
        if not self.closed_form:
            norm = super().forward
            return torch.stack([norm(patch) for patch in x.unbind(1)], 1).flatten(0, 1)
        affine = self.weight.repeat(self.patches), self.bias.repeat(self.patches)
        mean = self.running_mean.repeat(self.patches)
        var = self.running_var.repeat(self.patches)
        # Each patch has channels of its own; momentum 1 leaves its statistics.
        y = F.batch_norm(x.flatten(1, 2), mean, var, *affine, True, 1.0, self.eps)
        self.step(mean, var)
        return y.view(input.shape)

    @property
    def closed_form(self) -> bool:
        """Whether the running statistics follow from the patches' by `step`."""
        plain = self.affine and self.track_running_stats and not is_hooked(self)
        return plain and (self.momentum is not None or not self.training)

    @torch.no_grad()
    def step(self, mean: Tensor, var: Tensor) -> None:
        """Take one step of the running statistics for each patch's mean and variance.

        P steps r <- (1-m) r + m b are r <- (1-m)^P r + sum_p m (1-m)^(P-1-p) b_p.
        """
        m = self.momentum or 0.0
        weights = [m * (1 - m) ** (self.patches - 1 - p) for p in range(self.patches)]
        for running, batch in ((self.running_mean, mean), (self.running_var, var)):
            steps = batch.reshape(self.patches, -1).to(running.dtype)
            running.mul_((1 - m) ** self.patches).add_(
                steps.new_tensor(weights) @ steps
            )
        self.num_batches_tracked.add_(self.patches)

    def _get_name(self) -> str:
        return type(self).__name__.removeprefix("Patch")


class PatchBatchNorm1d(PatchNorm, nn.BatchNorm1d):
    """BatchNorm1d, patch by patch."""


class PatchBatchNorm2d(PatchNorm, nn.BatchNorm2d):
    """BatchNorm2d, patch by patch."""


class PatchBatchNorm3d(PatchNorm, nn.BatchNorm3d):
    """BatchNorm3d, patch by patch."""
