"""The real run begins to learn: the whole of it is in docs/training.md."""

import json

import pytest

from medt_gen.cli import main
from tools.nuclei import otsu_dice, write_tiles

pytestmark = pytest.mark.training


def test_tiles_do_not_leak_and_are_learnt(tmp_path, capsys):
    data, out = tmp_path / "nuclei", tmp_path / "run"
    write_tiles(data)
    names = {
        split: {path.name for path in (data / split / "img").iterdir()}
        for split in ("train", "val", "test")
    }
    assert [len(names[split]) for split in names] == [40, 8, 16]
    columns = {split: {name[:2] for name in found} for split, found in names.items()}
    assert (
        not columns["train"] & columns["test"] and not columns["val"] & columns["test"]
    )
    options = (
        "--set input.channels=1 --set input.size=64 --epochs 12 --progress none "
        "--loss dice_cross_entropy --lr 0.003 --augment flip_vertical=0.5"
    ).split()
    given = ["--data", str(data), "--out", str(out)]
    assert main(["train", "gated", *given, *options]) == 0
    assert main(["evaluate", str(out), "--data", str(data), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)[0]
    assert found["part"] == "test" and len(found["images"]) == 32
    assert otsu_dice() == pytest.approx(0.7878, abs=1e-3)
    assert found["mean"]["dice"] > 0.7
