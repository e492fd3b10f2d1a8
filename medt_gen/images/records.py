"""What a folder of images holds, as records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np

SplitName = Literal["train", "val", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "val", "test")


@dataclass(frozen=True)
class Case:
    """One image with its mask: a file for all channels, or one for each.

    `group` is what may not be in two splits at once, such as a patient.
    """

    name: str
    images: tuple[Path, ...]
    mask: Path
    group: str

    @property
    def files(self) -> tuple[Path, ...]:
        """All of its files."""
        return (*self.images, self.mask)


@dataclass(frozen=True)
class Folder:
    """The cases of a folder by split, or of no split yet under "".

    `layout` says which of the three it is, and `classes` the names of the classes
    where the folder says them.
    """

    layout: str
    cases: dict[str, tuple[Case, ...]]
    classes: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Pixels:
    """An image as it was read.

    Attributes:
        values: [channels, *size]; a volume has the size (depth, height, width).
        spacing: millimetres between pixels along each axis, None where not known.
        affine: of a NIfTI file, from its own axes to millimetres.
    """

    values: np.ndarray
    spacing: tuple[float, ...] | None = None
    affine: np.ndarray | None = None

    @property
    def size(self) -> tuple[int, ...]:
        """Its axes of space."""
        return tuple(self.values.shape[1:])


@dataclass(frozen=True)
class CaseFacts:
    """What was found in the files of a case.

    `digest` is a hash of its files, `pixels` one of the image's values alone, and
    `classes` the values of its mask.
    """

    case: Case
    digest: str
    pixels: str
    size: tuple[int, ...]
    channels: int
    dtype: str
    low: float
    high: float
    spacing: tuple[float, ...] | None
    classes: tuple[int, ...]
