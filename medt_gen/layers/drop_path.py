"""Stochastic depth: branches that are left out in training, image by image."""

from torch import Tensor, nn


def drop_branch(x: Tensor, p: float, *, by_image: bool, scaled: bool) -> Tensor:
    """Zeros in place of x [N, ...] with probability p (arXiv:1603.09382).

    by_image: whether each image is drawn for itself, and not the whole batch
    scaled: whether what stays is divided by 1 - p, so that the mean stays
    """
    shape = [x.shape[0] if by_image else 1] + [1] * (x.dim() - 1)
    stays = x.new_empty(shape).bernoulli_(1 - p)
    if scaled and p < 1:
        stays.div_(1 - p)
    return x * stays


class StochasticDepth(nn.Module):
    """x, or in training sometimes zeros; it prints as torchvision's.

    p: the probability of zeros
    mode: "row" draws for each image, "batch" once for all of them
    """

    def __init__(self, p: float, mode: str) -> None:
        super().__init__()
        self.p, self.mode = p, mode

    def forward(self, x: Tensor) -> Tensor:
        """[N, ...] -> [N, ...]"""
        if not self.training or self.p == 0:
            return x
        return drop_branch(x, self.p, by_image=self.mode == "row", scaled=True)

    def extra_repr(self) -> str:
        return f"p={self.p}, mode={self.mode}"


class DropPath(nn.Module):
    """x, or in training sometimes zeros, image by image; it prints as timm's.

    drop_prob: the probability of zeros
    scale_by_keep: whether what stays is scaled up, so that the mean stays
    """

    def __init__(self, drop_prob: float = 0.0, scale_by_keep: bool = True) -> None:
        super().__init__()
        self.drop_prob, self.scale_by_keep = drop_prob, scale_by_keep

    def forward(self, x: Tensor) -> Tensor:
        """[N, ...] -> [N, ...]"""
        if not self.training or self.drop_prob == 0:
            return x
        scaled = self.scale_by_keep
        return drop_branch(x, self.drop_prob, by_image=True, scaled=scaled)

    def extra_repr(self) -> str:
        return f"drop_prob={round(self.drop_prob, 3):0.3f}"
