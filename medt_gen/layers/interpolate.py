"""Interpolation of images [N, C, H, W] and volumes [N, C, D, H, W]."""

from torch import Tensor
from torch.nn import functional as F


def upsample(x: Tensor, factor: int | tuple[int, ...]) -> Tensor:
    """Enlarge x [N, C, *size] to [N, C, *(factor * size)], linearly along each axis."""
    size = [factor] * (x.dim() - 2) if isinstance(factor, int) else factor
    scale = tuple(float(axis) for axis in size)
    return F.interpolate(x, scale_factor=scale, mode=_LINEAR[len(scale)])


def resize(x: Tensor, like: Tensor) -> Tensor:
    """Resize x [N, C, *size] to the size of `like`, linearly along each axis."""
    size = like.shape[2:]
    return F.interpolate(x, size=size, mode=_LINEAR[len(size)])


_LINEAR = {2: "bilinear", 3: "trilinear"}
