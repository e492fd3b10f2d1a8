"""Folders of small images for the tests of training, and runs as other processes."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from support import ROOT

TINY = str(ROOT / "tests" / "runs" / "specs" / "tiny.yaml")
PLAIN = str(ROOT / "tests" / "runs" / "specs" / "plain.yaml")
KILLED = ROOT / "tests" / "runs" / "killed.py"


def discs(size, rng):
    """An image [H, W, 3] of 8 bits with bright discs, and their mask."""
    y, x = np.mgrid[: size[0], : size[1]]
    mask = np.zeros(size, bool)
    for _ in range(2):
        middle = [rng.integers(3, length - 3) for length in size]
        mask |= (y - middle[0]) ** 2 + (x - middle[1]) ** 2 < rng.integers(3, 6) ** 2
    image = rng.normal(80, 15, (*size, 3))
    image[mask] += 90
    return np.clip(image, 0, 255).astype(np.uint8), mask


def save(folder, name, image, mask, images="images", masks="masks"):
    for part, values in ((images, image), (masks, mask)):
        path = folder / part / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(values).save(path)


def two_classes(folder, count=12, size=(16, 16), seed=0):
    """A folder with `images` and `masks`, 0 and 255."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        image, mask = discs(size, rng)
        save(folder, f"p{number // 2}_{number}", image, (mask * 255).astype(np.uint8))
    return folder


def process(*arguments, code=0, **options):
    """`medt-gen` as a process; its exit code is checked."""
    command = [sys.executable, "-m", "medt_gen", *map(str, arguments)]
    return ended(command, code, **options)


def killed(what, count, *arguments):
    """`medt-gen` in a process that is killed."""
    given = [what, str(count), "--", *map(str, arguments)]
    return ended([sys.executable, str(KILLED), *given], -9)


def ended(command, code, **options):
    result = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, timeout=300, **options
    )
    assert result.returncode == code, result.stdout + result.stderr
    return result


def events(folder, kind=None):
    lines = (Path(folder) / "log.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    return [item for item in found if kind in (None, item["event"])]


def outcome(folder):
    """What has to be equal to the bit: weights, and the table of all epochs."""
    return {
        name: (Path(folder) / name).read_bytes()
        for name in ("best.safetensors", "last.safetensors", "metrics.csv")
    }
