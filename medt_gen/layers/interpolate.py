"""Interpolation of images [N, C, H, W] and volumes [N, C, D, H, W]."""

from torch import Tensor
from torch.nn import functional as F


def upsample(x: Tensor, factor: float | tuple[float, ...]) -> Tensor:
    """Enlarge x [N, C, *size] to [N, C, *(factor * size)], linearly along each axis."""
    mode = "trilinear" if x.dim() == 5 else "bilinear"
    return F.interpolate(x, scale_factor=factor, mode=mode)


def resize(x: Tensor, like: Tensor) -> Tensor:
    """Resize x [N, C, *size] to the size of `like`, linearly along each axis."""
    mode = "trilinear" if x.dim() == 5 else "bilinear"
    return F.interpolate(x, size=like.shape[2:], mode=mode)
