"""A mask over its image, as a picture that a person can judge."""

from __future__ import annotations

import numpy as np

# Okabe and Ito's colours differ for every kind of sight; the background has none.
COLOURS = (
    (0, 0, 0), (230, 159, 0), (86, 180, 233), (0, 158, 115),
    (240, 228, 66), (0, 114, 178), (213, 94, 0), (204, 121, 167),
)  # fmt: skip
_SHARE = 0.45


def gray_or_colour(values: np.ndarray) -> np.ndarray:
    """An image [C, H, W] as [H, W, 3] of 8 bits; of a volume the middle slice."""
    if values.ndim == 4:
        values = values[:, values.shape[1] // 2]
    shown = values[:3] if values.shape[0] >= 3 else np.repeat(values[:1], 3, axis=0)
    numbers = shown.astype(np.float64)
    if values.dtype != np.uint8:
        low, high = np.percentile(numbers, (0.5, 99.5))
        numbers = (numbers - low) / max(high - low, 1e-12) * 255
    return np.moveaxis(np.clip(numbers, 0, 255).astype(np.uint8), 0, -1)


def overlay(values: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """An image [C, *size] with the classes [*size] in colours over it: [H, W, 3]."""
    picture = gray_or_colour(values).astype(np.float64)
    flat = classes[classes.shape[0] // 2] if classes.ndim == 3 else classes
    colours = np.asarray(COLOURS, np.float64)[flat % len(COLOURS)]
    mixed = (1 - _SHARE) * picture + _SHARE * colours
    found: np.ndarray = np.where((flat > 0)[..., None], mixed, picture)
    return found.astype(np.uint8)


def side_by_side(
    values: np.ndarray, truth: np.ndarray, predicted: np.ndarray
) -> np.ndarray:
    """The image, the true mask over it, and the predicted one: [H, 3 W + gaps, 3]."""
    parts = [gray_or_colour(values), overlay(values, truth), overlay(values, predicted)]
    gap = np.full((parts[0].shape[0], 4, 3), 255, np.uint8)
    return np.concatenate([parts[0], gap, parts[1], gap, parts[2]], axis=1)
