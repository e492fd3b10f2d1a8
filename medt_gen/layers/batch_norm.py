"""Batch normalisation with the statistics of each patch.

An image cut into P patches can go through a network as one batch of N * P patches, image
by image. What a loop over the patches would compute is kept: each patch is normalised by
its own batch statistics, and the running statistics take one step per patch, in order.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm


def is_hooked(module: nn.Module) -> bool:
    """Whether a call of the module does more than its forward."""
    forward = bool(module._forward_hooks or module._forward_pre_hooks)
    return forward or bool(module._backward_hooks or module._backward_pre_hooks)


class PatchNorm(_BatchNorm):
    """torch's BatchNorm, patch by patch; it prints as torch's.

    patches: how many a batch holds of each image. In training the length of a batch must
    be a multiple, else ValueError. With one patch, or in eval mode, it is torch's own.
    """

    def __init__(self, num_features: int, *, patches: int = 1) -> None:
        super().__init__(num_features)
        self.patches = patches

    def forward(self, input: Tensor) -> Tensor:
        """[N * patches, C, *size] -> the same"""
        if self.patches == 1 or not self.training:
            return super().forward(input)
        if len(input) % self.patches:
            raise ValueError(f"{len(input)} is no multiple of {self.patches} patches")
        x = input.reshape(-1, self.patches, *input.shape[1:])
        if self.running_mean is None or not self.closed_form:
            patches = [super(PatchNorm, self).forward(patch) for patch in x.unbind(1)]
            return torch.stack(patches, 1).flatten(0, 1)
        weight, bias = self.weight.repeat(self.patches), self.bias.repeat(self.patches)
        mean = self.running_mean.repeat(self.patches)
        var = torch.zeros_like(mean)
        # A patch has channels of its own; momentum 1 leaves its statistics in mean, var.
        y = F.batch_norm(x.flatten(1, 2), mean, var, weight, bias, True, 1.0, self.eps)
        self.step(mean, var)
        return y.view(input.shape)

    @property
    def closed_form(self) -> bool:
        """Whether its running statistics follow from each patch's by `step`."""
        plain = self.affine and self.track_running_stats and not is_hooked(self)
        return plain and (self.momentum is not None or not self.training)

    @torch.no_grad()
    def step(self, mean: Tensor, var: Tensor) -> None:
        """Move the running statistics by one step a patch.

        mean, var: patches * C numbers, each patch's batch mean and unbiased variance.
        P steps of r <- (1 - m) r + m b make (1 - m)^P r + sum_p m (1 - m)^(P - 1 - p) b_p.
        """
        momentum = self.momentum or 0.0
        keep = 1 - momentum
        weights = [momentum * keep**p for p in reversed(range(self.patches))]
        for running, batch in ((self.running_mean, mean), (self.running_var, var)):
            assert running is not None
            batch = batch.reshape(self.patches, -1).to(running.dtype)
            running.mul_(keep**self.patches).add_(batch.new_tensor(weights) @ batch)
        assert self.num_batches_tracked is not None
        self.num_batches_tracked.add_(self.patches)

    def _get_name(self) -> str:
        return type(self).__name__.removeprefix("Patch")


class PatchBatchNorm1d(PatchNorm, nn.BatchNorm1d):
    """BatchNorm1d, patch by patch."""


class PatchBatchNorm2d(PatchNorm, nn.BatchNorm2d):
    """BatchNorm2d, patch by patch."""


class PatchBatchNorm3d(PatchNorm, nn.BatchNorm3d):
    """BatchNorm3d, patch by patch."""
