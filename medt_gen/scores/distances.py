"""Distances between the surfaces of masks, as MONAI takes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def surface_distances(
    predicted: np.ndarray,
    truth: np.ndarray,
    classes: int,
    spacing: Sequence[float] | None,
) -> list[tuple[float | None, float | None]]:
    """For each class the 95% Hausdorff distance and the mean surface distance.

    Both are symmetric, in units of `spacing`, or in pixels without it; None where a
    mask has nothing of the class, and for the background.
    """
    import warnings

    import torch
    from monai.metrics import (
        compute_average_surface_distance,
        compute_hausdorff_distance,
    )

    found: list[tuple[float | None, float | None]] = [(None, None)]
    given = None if spacing is None else list(spacing)
    for number in range(1, classes):
        pair = [(mask == number) for mask in (predicted, truth)]
        if not all(mask.any() for mask in pair):
            found.append((None, None))
            continue
        one, other = (torch.from_numpy(mask)[None, None] for mask in pair)
        with warnings.catch_warnings():
            # MONAI 1.6 warns of an argument of its own making.
            warnings.simplefilter("ignore", FutureWarning)
            hausdorff = compute_hausdorff_distance(
                one, other, include_background=True, percentile=95, spacing=given
            )
            surface = compute_average_surface_distance(
                one, other, include_background=True, symmetric=True, spacing=given
            )
        found.append((float(hausdorff), float(surface)))
    return found
