"""An image of any size through a network of one size: windows, borders, scaling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from medt_gen.images.preparation import Preparation, prepared_image

Logits = Callable[[Tensor], Tensor]
"""From images [N, C, *size] of the network's size to logits [N, classes, *size]."""

_OVERLAP = 0.5
_AT_ONCE = 4


def image_logits(
    network: Logits, image: Tensor, size: Sequence[int], fit: str
) -> Tensor:
    """The logits [classes, *own size] of one image [C, *own size].

    `crop` and `strict` lay windows over it that overlap by half, and weigh them by a
    Gaussian, so that a border counts less; `pad` puts it into the middle of a window of
    zeros; `resize` scales it, and scales the logits back.
    """
    own = tuple(image.shape[1:])
    if own == tuple(size):
        return network(image[None])[0].float()
    if fit == "resize":
        mode = "trilinear" if len(size) == 3 else "bilinear"
        scaled = F.interpolate(image[None], tuple(size), mode=mode, align_corners=False)
        found = network(scaled).float()
        return F.interpolate(found, own, mode=mode, align_corners=False)[0]
    if fit == "pad" and all(a <= b for a, b in zip(own, size, strict=True)):
        return _padded(network, image, size)
    from monai.inferers import sliding_window_inference

    found = sliding_window_inference(
        image[None], tuple(size), _AT_ONCE, network, overlap=_OVERLAP, mode="gaussian"
    )
    assert isinstance(found, Tensor)
    return found[0].float()


def borders(own: Sequence[int], size: Sequence[int]) -> list[tuple[int, int]]:
    """How much is missing before and behind each axis, the middle in the middle."""
    return [
        (max(b - a, 0) // 2, max(b - a, 0) - max(b - a, 0) // 2)
        for a, b in zip(own, size, strict=True)
    ]


def resized(values: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """[C, *size] at another size: numbers between pixels, or the nearest of classes."""
    whole = values.dtype.kind in "iu"
    tensor = torch.from_numpy(np.ascontiguousarray(values)).float()[None]
    if whole:
        found = F.interpolate(tensor, tuple(size), mode="nearest-exact")
    else:
        mode = "trilinear" if len(size) == 3 else "bilinear"
        found = F.interpolate(tensor, tuple(size), mode=mode, align_corners=False)
    return found[0].numpy().astype(values.dtype)


def _padded(network: Logits, image: Tensor, size: Sequence[int]) -> Tensor:
    missing = borders(image.shape[1:], size)
    # torch counts from the last axis on.
    flat = [length for pair in reversed(missing) for length in pair]
    found = network(F.pad(image, flat)[None])[0].float()
    for axis, ((before, _), length) in enumerate(
        zip(missing, image.shape[1:], strict=True), 1
    ):
        found = found.narrow(axis, before, length)
    return found


def slices_of(values: np.ndarray, axis: int | None) -> list[np.ndarray]:
    """A volume [C, D, H, W] as its slices along an axis, else the one image."""
    if axis is None or values.ndim == 3:
        return [values]
    return [np.take(values, place, axis + 1) for place in range(values.shape[axis + 1])]


def whole_logits(
    network: Logits,
    values: np.ndarray,
    preparation: Preparation,
    device: torch.device | str = "cpu",
    *,
    flips: bool = False,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """The logits of an image as it was read, at its own size: [classes, *own size].

    A volume goes through a network of images slice by slice. `flips` takes the mean of
    the probabilities of all mirrored images, as their logarithm.
    """
    prepared = prepared_image(values, preparation)
    found = []
    with torch.inference_mode():
        for part in slices_of(prepared, preparation.axis):
            image = torch.from_numpy(np.ascontiguousarray(part)).to(device, dtype)
            found.append(_with_flips(network, image, preparation, flips=flips).cpu())
    if len(found) == 1 and (preparation.axis is None or values.ndim == 3):
        return found[0]
    assert preparation.axis is not None
    return torch.stack(found, preparation.axis + 1)


def _with_flips(
    network: Logits, image: Tensor, preparation: Preparation, *, flips: bool
) -> Tensor:
    size, fit = preparation.size, preparation.fit
    if not flips:
        return image_logits(network, image, size, fit)
    axes = range(1, image.dim())
    total: Tensor | None = None
    ways = [
        [axis for axis, chosen in zip(axes, choice, strict=True) if chosen]
        for choice in product((False, True), repeat=len(axes))
    ]
    for way in ways:
        found = image_logits(network, image.flip(way), size, fit).flip(way)
        part = found.softmax(0)
        total = part if total is None else total + part
    assert total is not None
    return (total / len(ways)).clamp_min(1e-12).log()
