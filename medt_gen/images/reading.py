"""Image files as arrays: PNG, JPEG, BMP, TIFF and NIfTI."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from medt_gen.images.records import Pixels

_PALETTE = "P"
_MOST_CHANNELS = 4


class BadImage(Exception):
    """A file that is no image, or not one that is read; its text completes a line."""


def read_image(paths: Sequence[Path]) -> Pixels:
    """An image as [channels, *size]; of several files, each is its own channels.

    Raises BadImage for what can't be decoded.
    """
    parts = [read_pixels(path) for path in paths]
    sizes = {part.size for part in parts}
    if len(sizes) > 1:
        listed = " and ".join(sorted("x".join(map(str, size)) for size in sizes))
        raise BadImage(f"its channels have other sizes: {listed}")
    values = np.concatenate([part.values for part in parts])
    return Pixels(values, parts[0].spacing, parts[0].affine)


def read_pixels(path: Path) -> Pixels:
    """One file as [channels, *size]; raises BadImage for what can't be decoded."""
    try:
        if path.stat().st_size == 0:
            raise BadImage("the file is empty")
        name = path.name.lower()
        if name.endswith((".nii", ".nii.gz")):
            found = _nifti(path)
        elif name.endswith((".tif", ".tiff")):
            found = Pixels(_channels_first(_tiff(path)))
        else:
            found = Pixels(_channels_first(_picture(path)))
    except BadImage:
        raise
    except Exception as error:
        # Whatever a damaged file makes a decoder raise, the file is at fault.
        text = str(error).strip().split("\n")[0] or type(error).__name__
        raise BadImage(f"it can't be decoded: {text[:120]}") from None
    if found.values.size == 0:
        raise BadImage("it holds no pixels")
    if found.values.dtype.kind == "f" and not np.isfinite(found.values).all():
        raise BadImage("it holds values that are no numbers (NaN or infinite)")
    return found


def _picture(path: Path) -> np.ndarray:
    from PIL import Image

    with Image.open(path) as image:
        image.load()
        # Of a palette, the numbers themselves: of a mask they are the classes.
        if image.mode in ("1", "LA", "PA", "CMYK", "YCbCr", "HSV", "LAB"):
            image = image.convert({"1": "L", "LA": "L"}.get(image.mode, "RGB"))
        return np.asarray(image)


def _tiff(path: Path) -> np.ndarray:
    import tifffile

    with tifffile.TiffFile(path) as file:
        series = file.series[0]
        values = series.asarray()
        axes = series.axes
    if axes.startswith("S") and values.ndim == 3:
        values = np.moveaxis(values, 0, -1)
    if values.ndim == 4:
        raise BadImage(f"it has the axes {axes}: of stacks with channels none is read")
    return np.asarray(values)


def _channels_first(values: np.ndarray) -> np.ndarray:
    """[H, W] or [H, W, C] of a picture, [D, H, W] of a stack: as [C, *size]."""
    if values.ndim == 2:
        return values[None]
    if values.ndim == 3 and values.shape[-1] <= _MOST_CHANNELS:
        return np.moveaxis(values, -1, 0)
    if values.ndim == 3:
        return values[None]
    raise BadImage(f"it has {values.ndim} axes, and 2 or 3 are read")


def _nifti(path: Path) -> Pixels:
    """A volume as [C, D, H, W]: NIfTI's axes x, y, z are width, height and depth."""
    import nibabel

    file: Any = nibabel.load(path)
    values = np.asarray(file.dataobj)
    zooms = tuple(float(zoom) for zoom in file.header.get_zooms())
    if values.ndim == 3:
        values = values[..., None]
    if values.ndim != 4:
        raise BadImage(f"it has {values.ndim} axes, and 3 or 4 are read")
    spacing = tuple(reversed(zooms[:3]))
    if values.dtype.byteorder == ">":
        values = values.astype(values.dtype.newbyteorder("="))
    return Pixels(np.ascontiguousarray(values.T), spacing, np.asarray(file.affine))
