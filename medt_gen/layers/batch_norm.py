"""Batch normalisation with the statistics of each patch.

An image cut into P patches can go through a network as one batch of N * P patches, in the
order image by image (N-major). What a loop over the patches would compute is kept: each
patch is normalised by its own batch statistics, and the running statistics take one step
per patch, in order.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def update_running(
    norm: nn.modules.batchnorm._BatchNorm, mean: Tensor, var: Tensor
) -> None:
    """Move the running statistics of `norm` by one step for each row of `mean` and `var`.

    mean, var: [P, C], the batch mean and the unbiased batch variance of each patch.

    P steps r <- (1 - m) r + m b_p in a row are r <- (1 - m)^P r + sum_p m (1 - m)^(P-1-p) b_p.
    """
    assert norm.running_mean is not None and norm.running_var is not None
    assert norm.momentum is not None and norm.num_batches_tracked is not None
    patches, keep = len(mean), 1 - norm.momentum
    weights = [norm.momentum * keep ** (patches - 1 - p) for p in range(patches)]
    with torch.no_grad():
        for running, batch in ((norm.running_mean, mean), (norm.running_var, var)):
            step = batch.new_tensor(weights) @ batch
            running.mul_(keep**patches).add_(step)
        norm.num_batches_tracked += patches


def patch_batch_norm(
    x: Tensor, norm: nn.modules.batchnorm._BatchNorm, patches: int
) -> Tensor:
    """Normalise x [N * patches, C, *size] by `norm`, in training patch by patch.

    The view [N, patches * C, *size] gives every patch channels of its own.
    Raises ValueError if the batch is no multiple of `patches`.
    """
    if len(x) % patches:
        raise ValueError(
            f"a batch of {len(x)} does not hold {patches} patches an image"
        )
    channels = x.shape[1]
    mean = torch.zeros(patches * channels, dtype=norm.weight.dtype, device=x.device)
    var = torch.zeros_like(mean)
    y = F.batch_norm(
        x.reshape(-1, patches * channels, *x.shape[2:]),
        mean,
        var,
        norm.weight.repeat(patches),
        norm.bias.repeat(patches),
        training=True,
        momentum=1.0,  # the buffers receive the batch statistics themselves
        eps=norm.eps,
    )
    update_running(norm, mean.view(patches, channels), var.view(patches, channels))
    return y.view(x.shape)


class PatchBatchNorm2d(nn.BatchNorm2d):
    """BatchNorm2d over a batch of N * patches patches, N-major; it prints as BatchNorm2d.

    patches: how many patches an image has; with 1, and in eval mode, it is BatchNorm2d.
    """

    def __init__(self, num_features: int, *, patches: int = 1) -> None:
        super().__init__(num_features)
        self.patches = patches

    def forward(self, input: Tensor) -> Tensor:
        if self.patches == 1 or not self.training:
            return super().forward(input)
        return patch_batch_norm(input, self, self.patches)

    def _get_name(self) -> str:
        return "BatchNorm2d"
