"""Random changes of an image and its mask, by MONAI's transforms, by a given chance."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from medt_gen.predicting.windows import borders, resized

Maker = Callable[[float, Sequence[int]], Any]
"""A transform of a strength, for images of a size."""

_EVERY_SECOND = 0.5
_KEYS = ("image", "mask")
_MODES = ("bilinear", "nearest")


class Augmenter:
    """Fits an image and its mask to the network's size, and changes them at random.

    The same chance gives the same result, in every process.
    """

    def __init__(
        self, strengths: Mapping[str, float], size: Sequence[int], fit: str
    ) -> None:
        self.strengths = {name: x for name, x in strengths.items() if x}
        self.size = tuple(size)
        self.fit = fit
        self._compose: Any = None

    def __call__(
        self, image: np.ndarray, mask: np.ndarray, chance: np.random.SeedSequence
    ) -> tuple[np.ndarray, np.ndarray]:
        """[C, *size] and [*size], as the network takes them."""
        where, changes = chance.spawn(2)
        image, mask = self._fitted(image, mask, np.random.default_rng(where))
        if not self.strengths:
            return np.ascontiguousarray(image), np.ascontiguousarray(mask)
        compose = self._transforms()
        compose.set_random_state(seed=int(changes.generate_state(1)[0]))
        found = compose({"image": image, "mask": mask[None]})
        image, mask = (np.asarray(found[key]) for key in _KEYS)
        return np.ascontiguousarray(image), np.ascontiguousarray(mask[0])

    def _fitted(
        self, image: np.ndarray, mask: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        if mask.shape == self.size:
            return image, mask
        if self.fit == "resize":
            return resized(image, self.size), resized(mask[None], self.size)[0]
        image, mask = _with_border(image, mask, self.size)
        starts = [
            int(rng.integers(have - want + 1))
            for have, want in zip(mask.shape, self.size, strict=True)
        ]
        part = tuple(
            slice(start, start + want)
            for start, want in zip(starts, self.size, strict=True)
        )
        whole = (slice(None), *part)
        return image[whole], mask[part]

    def _transforms(self) -> Any:
        if self._compose is None:
            # Made where it is used: a worker makes its own.
            from monai.data import set_track_meta
            from monai.transforms import Compose

            set_track_meta(False)
            made = [_MAKERS[name](x, self.size) for name, x in self.strengths.items()]
            self._compose = Compose(made)
        return self._compose

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_compose": None}


def _with_border(
    image: np.ndarray, mask: np.ndarray, size: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """With a border of background where an axis is shorter than the network's."""
    missing = borders(mask.shape, size)
    if any(pair != (0, 0) for pair in missing):
        image = np.pad(image, [(0, 0), *missing])
        mask = np.pad(mask, missing)
    return image, mask


def _flip(from_last: int) -> Maker:
    def make(chance: float, size: Sequence[int]) -> Any:
        from monai.transforms import RandFlipd

        axis = len(size) - from_last
        return RandFlipd(_KEYS, prob=chance if axis >= 0 else 0.0, spatial_axis=axis)

    return make


def _rotate90(chance: float, size: Sequence[int]) -> Any:
    from monai.transforms import RandRotate90d

    plane = (len(size) - 2, len(size) - 1)
    return RandRotate90d(_KEYS, prob=chance, max_k=3, spatial_axes=plane)


def _affine(**ranges: Any) -> Any:
    from monai.transforms import RandAffined

    return RandAffined(
        _KEYS, prob=_EVERY_SECOND, mode=_MODES, padding_mode="border", **ranges
    )


def _rotate(degrees: float, size: Sequence[int]) -> Any:
    turn = math.radians(degrees)
    # About the first axis of a volume: in the plane of the other two.
    return _affine(rotate_range=turn if len(size) == 2 else (turn, 0.0, 0.0))


def _scale(fraction: float, size: Sequence[int]) -> Any:
    return _affine(scale_range=(fraction,) * len(size))


def _shift(fraction: float, size: Sequence[int]) -> Any:
    return _affine(translate_range=tuple(fraction * length for length in size))


def _brightness(most: float, size: Sequence[int]) -> Any:
    from monai.transforms import RandShiftIntensityd

    return RandShiftIntensityd("image", offsets=most, prob=_EVERY_SECOND)


def _contrast(most: float, size: Sequence[int]) -> Any:
    from monai.transforms import RandAdjustContrastd

    gamma = (1 - most, 1 + most)
    return RandAdjustContrastd("image", prob=_EVERY_SECOND, gamma=gamma)


def _noise(deviation: float, size: Sequence[int]) -> Any:
    from monai.transforms import RandGaussianNoised

    return RandGaussianNoised("image", prob=_EVERY_SECOND, std=deviation)


def _blur(pixels: float, size: Sequence[int]) -> Any:
    from monai.transforms import RandGaussianSmoothd

    widths = (0.0, pixels)
    return RandGaussianSmoothd(
        "image", sigma_x=widths, sigma_y=widths, sigma_z=widths, prob=_EVERY_SECOND
    )


_MAKERS: Mapping[str, Maker] = {
    "flip_horizontal": _flip(1),
    "flip_vertical": _flip(2),
    "flip_depth": _flip(3),
    "rotate90": _rotate90,
    "rotate": _rotate,
    "scale": _scale,
    "shift": _shift,
    "brightness": _brightness,
    "contrast": _contrast,
    "noise": _noise,
    "blur": _blur,
}
"""By the names of `medt_gen.catalog.augmentations`."""
