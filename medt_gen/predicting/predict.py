"""Masks for image files, written beside each other under the images' own names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from medt_gen.files.writing import write_with
from medt_gen.images.layouts import CHANNEL, image_files, stem_of
from medt_gen.images.preparation import Preparation, mask_picture, with_channels
from medt_gen.images.reading import BadImage, read_image
from medt_gen.images.records import Pixels
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, UnreadableInput
from medt_gen.messages.wording import shown
from medt_gen.predicting.networks import first_logits
from medt_gen.predicting.overlays import overlay
from medt_gen.predicting.windows import Logits, whole_logits
from medt_gen.runs.weights import Trained


@dataclass(frozen=True)
class PredictOptions:
    """What is written, where; `flips` takes the mean over mirrored images."""

    out: Path
    flips: bool = False
    overlays: bool = False
    probabilities: bool = False
    force: bool = False
    device: str = "cpu"


@dataclass(frozen=True)
class Predicted:
    """What became of an image: the files that were written, or why there is none."""

    name: str
    files: tuple[Path, ...] = ()
    problem: Diagnostic | None = None


def find_images(paths: Sequence[Path], channels: int) -> list[tuple[Path, ...]]:
    """The images that are named, or in folders that are; of each its files.

    Files that end in _0000, _0001, ... are the channels of one image, where the network
    takes several. Raises UnreadableInput where there is none.
    """
    files: list[Path] = []
    for path in paths:
        found = image_files(path) if path.is_dir() else [path]
        if not found:
            text = f"there is no image in {shown(str(path), 500)}"
            raise UnreadableInput(Diagnostic("data", text))
        files += found
    grouped: dict[str, list[Path]] = defaultdict(list)
    for path in files:
        part = CHANNEL.fullmatch(stem_of(path)) if channels > 1 else None
        grouped[str(path.parent / part[1]) if part else str(path)].append(path)
    return [tuple(parts) for parts in grouped.values()]


def predict(
    trained: Trained, images: Sequence[tuple[Path, ...]], options: PredictOptions
) -> Iterator[Predicted]:
    """Write the mask of every image; one that can't be used is told, and left out.

    Raises InvalidInput where two images would be written to one name, or a file is
    there already, before anything is written.
    """
    names = _names(images)
    _check_targets(names, options)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        text = f"can't make {shown(str(options.out), 500)}: {error.strerror}"
        raise UnreadableInput(Diagnostic("unwritable", text)) from None
    network = first_logits(trained.model.to(options.device))
    for files, name in zip(images, names, strict=True):
        yield _predicted(network, files, name, trained.preparation, options)


def _names(images: Sequence[tuple[Path, ...]]) -> list[str]:
    names = []
    for files in images:
        stem = stem_of(files[0])
        part = CHANNEL.fullmatch(stem)
        several = len(files) > 1 and part is not None
        names.append(part[1] if several and part else stem)
    return names


def _check_targets(names: Sequence[str], options: PredictOptions) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        text = f"two images are called `{shown(twice[0])}`, and one mask would be lost"
        help = "predict them into two folders"
        raise InvalidInput(Diagnostic("not-overwritten", text, help=help))
    if options.force or not options.out.is_dir():
        return
    there = {stem_of(path) for path in options.out.iterdir()}
    kept = sorted(there & set(names))
    if kept:
        text = (
            f"{shown(str(options.out), 500)} has a file for `{shown(kept[0])}` already"
        )
        help = "choose another folder with --out, or replace it with --force"
        raise InvalidInput(Diagnostic("not-overwritten", text, help=help))


def _predicted(
    network: Logits,
    files: tuple[Path, ...],
    name: str,
    preparation: Preparation,
    options: PredictOptions,
) -> Predicted:
    try:
        pixels = read_fitting(files, preparation)
    except BadImage as error:
        text = f"{shown(str(files[0]), 500)}: {error}"
        return Predicted(name, problem=Diagnostic("data", text))
    logits = whole_logits(
        network, pixels.values, preparation, options.device, flips=options.flips
    )
    classes = logits.argmax(0).numpy()
    written = [_write_mask(classes, name, pixels, preparation, options)]
    if options.probabilities:
        path = options.out / f"{name}.probabilities.npz"
        values = logits.softmax(0).numpy()
        write_with(path, lambda where: _save_npz(where, values, preparation))
        written.append(path)
    if options.overlays:
        path = options.out / f"{name}.overlay.png"
        picture = overlay(pixels.values, classes)
        write_with(path, lambda where: _save_picture(where, picture))
        written.append(path)
    return Predicted(name, tuple(written))


def read_fitting(files: Sequence[Path], preparation: Preparation) -> Pixels:
    """An image with the channels and axes that the network takes; raises BadImage."""
    if not all(path.exists() for path in files):
        raise BadImage("there is no such file")
    pixels = read_image(files)
    values = with_channels(pixels.values, preparation.channels)
    if values is None:
        have, wanted = pixels.values.shape[0], preparation.channels
        raise BadImage(f"it has {have} channels, and the network takes {wanted}")
    axes = len(pixels.size)
    wanted = len(preparation.size) + (preparation.axis is not None)
    if axes not in {len(preparation.size), wanted}:
        raise BadImage(f"it has {axes} axes of space, and the network takes {wanted}")
    if preparation.fit == "strict" and pixels.size != preparation.size and axes == 2:
        size = "x".join(map(str, pixels.size))
        raise BadImage(f"it is {size}, and --fit strict takes the network's size alone")
    return Pixels(values, pixels.spacing, pixels.affine)


def _write_mask(
    classes: np.ndarray,
    name: str,
    pixels: Pixels,
    preparation: Preparation,
    options: PredictOptions,
) -> Path:
    if pixels.affine is not None:
        path = options.out / f"{name}.nii.gz"
        write_with(path, lambda where: _save_nifti(where, classes, pixels))
        return path
    picture = mask_picture(classes, preparation)
    if classes.ndim == 3:
        path = options.out / f"{name}.tif"
        write_with(path, lambda where: _save_stack(where, picture))
        return path
    path = options.out / f"{name}.png"
    write_with(path, lambda where: _save_picture(where, picture))
    return path


def _save_picture(where: str, picture: np.ndarray) -> None:
    from PIL import Image

    Image.fromarray(picture).save(where, format="PNG")


def _save_stack(where: str, picture: np.ndarray) -> None:
    import tifffile

    tifffile.imwrite(where, picture)


def _save_nifti(where: str, classes: np.ndarray, pixels: Pixels) -> None:
    import nibabel

    # Back from depth, height, width to the file's own x, y, z.
    values = np.ascontiguousarray(classes.astype(np.uint8).T)
    nibabel.save(nibabel.Nifti1Image(values, pixels.affine), where)


def _save_npz(where: str, values: np.ndarray, preparation: Preparation) -> None:
    names: Any = np.asarray(preparation.class_names)
    np.savez_compressed(where, probabilities=values, class_names=names)
