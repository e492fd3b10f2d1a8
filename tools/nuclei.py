"""A data set of nuclei, from the one image with its mask that stardist's package ships.

    pip install --no-deps stardist && python tools/nuclei.py FOLDER

512 x 512 pixels of a microscope image are cut into 64 tiles of 64 x 64. Whole columns
of tiles go to training (five), validation (one) and test (two), so that no tile has a
neighbour's pixels; all of them come from one picture all the same. Also says how well
Otsu's threshold does on the test tiles.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from medt_gen.scores.counts import count_pixels

_TILE = 64
_SPLITS = {"train": range(5), "val": range(5, 6), "test": range(6, 8)}


def read_picture() -> tuple[np.ndarray, np.ndarray]:
    """The image of 8 bits, and where nuclei are."""
    import tifffile

    found = find_spec("stardist")
    if found is None or found.origin is None:
        sys.exit("pip install --no-deps stardist: its package ships the image")
    folder = Path(found.origin).parent / "data" / "images"
    image = tifffile.imread(folder / "img2d.tif")
    mask = tifffile.imread(folder / "mask2d.tif")
    return image.astype(np.uint8), mask > 0


def otsu_threshold(image: np.ndarray) -> int:
    """The gray value that parts an image into two with the largest variance between.

    Otsu, IEEE Trans. Systems, Man, and Cybernetics 9(1), 1979.
    """
    counts = np.bincount(image.ravel(), minlength=256).astype(np.float64)
    below = counts.cumsum()
    above = below[-1] - below
    total = (counts * np.arange(256)).cumsum()
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = total / below - (total[-1] - total) / above
        between = np.nan_to_num(below * above * apart**2)
    return int(between.argmax())


def write_tiles(folder: Path) -> None:
    """Write the tiles, as the reference has them: train/img, train/labelcol, ..."""
    from PIL import Image

    image, mask = read_picture()
    for split, columns in _SPLITS.items():
        for part in ("img", "labelcol"):
            (folder / split / part).mkdir(parents=True, exist_ok=True)
        for column in columns:
            for row in range(image.shape[0] // _TILE):
                rows = slice(row * _TILE, (row + 1) * _TILE)
                place = rows, slice(column * _TILE, (column + 1) * _TILE)
                name = f"c{column}r{row}.png"
                Image.fromarray(image[place]).save(folder / split / "img" / name)
                label = (mask[place] * 255).astype(np.uint8)
                Image.fromarray(label).save(folder / split / "labelcol" / name)


def otsu_dice() -> float:
    """The mean Dice of Otsu's threshold over the test tiles.

    The threshold is that of the columns that are trained on.
    """
    image, mask = read_picture()
    threshold = otsu_threshold(image[:, : _SPLITS["train"].stop * _TILE])
    scores = []
    for column in _SPLITS["test"]:
        for row in range(image.shape[0] // _TILE):
            rows = slice(row * _TILE, (row + 1) * _TILE)
            place = rows, slice(column * _TILE, (column + 1) * _TILE)
            found = (image[place] > threshold).astype(np.int64)
            dice = count_pixels(found, mask[place].astype(np.int64), 2)[1].dice
            if dice is not None:
                scores.append(dice)
    return float(np.mean(scores))


def main() -> None:
    """Write the tiles, and say what a threshold scores."""
    if len(sys.argv) != 2:
        sys.exit("python tools/nuclei.py FOLDER")
    folder = Path(sys.argv[1])
    write_tiles(folder)
    print(f"64 tiles in {folder}; Otsu's threshold has a Dice of {otsu_dice():.4f}")


if __name__ == "__main__":
    main()
