"""An image with its true mask, read as a preparation says."""

from __future__ import annotations

import numpy as np

from medt_gen.images.preparation import Preparation, mask_classes, with_channels
from medt_gen.images.reading import read_image, read_pixels
from medt_gen.images.records import Case


def read_truth(case: Case, preparation: Preparation) -> np.ndarray:
    """The class of each pixel of a case's mask: [*size]; -1 where it is none."""
    mask = read_pixels(case.mask).values
    return mask_classes(mask, preparation.mask_rule, preparation.palette)


def read_pair(case: Case, preparation: Preparation) -> tuple[np.ndarray, np.ndarray]:
    """An image as it was read, with the network's channels, and its true classes.

    For cases that have been surveyed: their channels are known to fit.
    """
    values = with_channels(read_image(case.images).values, preparation.channels)
    assert values is not None
    return values, read_truth(case, preparation)
