"""MedT on images and a network of volumes train, end to end."""

import csv

import numpy as np
import pytest

from medt_gen.cli import main
from runs.folders import two_classes

pytestmark = pytest.mark.training


def losses(out):
    with (out / "metrics.csv").open() as file:
        return [float(row["loss"]) for row in csv.DictReader(file)]


def test_medt_trains_two_epochs(tmp_path):
    data = two_classes(tmp_path / "data", 6, size=(128, 128))
    out = tmp_path / "run"
    options = "--epochs 2 --batch-size 2 --progress none --split 66/34/0".split()
    assert (
        main(["train", "medt", "--data", str(data), "--out", str(out), *options]) == 0
    )
    assert losses(out)[1] < losses(out)[0]


def test_volumes_train_two_epochs(tmp_path):
    nibabel = pytest.importorskip("nibabel")
    rng = np.random.default_rng(0)
    for number in range(4):
        label = np.zeros((36, 32, 10), np.uint8)
        label[4:20, 6:20, 2:6], label[24:30, 24:30, 2:8] = 1, 2
        volume = (rng.normal(size=label.shape) + label).astype(np.float32)
        for part, values in (("images", volume), ("masks", label)):
            (tmp_path / "data" / part).mkdir(parents=True, exist_ok=True)
            path = tmp_path / "data" / part / f"v{number}.nii.gz"
            nibabel.save(nibabel.Nifti1Image(values, np.diag([1, 1, 2, 1.0])), path)
    data, out = tmp_path / "data", tmp_path / "run"
    options = "--epochs 2 --batch-size 2 --progress none --split 50/50/0".split()
    given = ["--data", str(data), "--out", str(out)]
    assert main(["train", "volume_segmenter", *given, *options]) == 0
    assert losses(out)[1] < losses(out)[0]
    masks = tmp_path / "masks"
    assert main(["predict", str(out), str(data / "images"), "--out", str(masks)]) == 0
    assert nibabel.load(masks / "v0.nii.gz").shape == (36, 32, 10)
    assert main(["evaluate", str(out), "--data", str(data)]) == 0
