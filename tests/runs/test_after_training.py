"""What a run is good for: masks of any image, scores, the network itself."""

import csv
import json

import numpy as np
import pytest
import torch
from PIL import Image

import medt_gen
from medt_gen.cli import main
from medt_gen.images.preparation import prepared_image
from medt_gen.images.reading import read_image
from runs.folders import TINY, discs, save, two_classes

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return two_classes(tmp_path_factory.mktemp("data"), 14)


@pytest.fixture(scope="module")
def run(tmp_path_factory, data):
    out = tmp_path_factory.mktemp("runs") / "run"
    options = "--epochs 12 --lr 0.02 --loss dice_cross_entropy --progress none".split()
    assert main(["train", TINY, "--data", str(data), "--out", str(out), *options]) == 0
    return out


def predicted(run, images, out, *options, code=0):
    assert (
        main(["predict", str(run), *map(str, images), "--out", str(out), *options])
        == code
    )


def test_what_a_run_holds(run):
    names = {path.name for path in run.iterdir()}
    assert names == {
        "spec.yaml", "run.json", "split.json", "metrics.csv", "log.jsonl", "state.pt",
        "best.safetensors", "last.safetensors", "curves.png", "report.html", "overlays",
    }  # fmt: skip
    with (run / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    assert "height_block.f_qr" in rows[0]
    record = json.loads((run / "run.json").read_text())
    assert record["preparation"]["class_names"] == ["background", "foreground"]
    assert record["started"]["versions"]["torch"]
    listed = json.loads((run / "split.json").read_text())
    assert all(len(x["sha256"]) == 64 for rows in listed.values() for x in rows)


def test_a_run_is_a_network_and_a_spec(run, capsys):
    best, last = medt_gen.build(run), medt_gen.build(str(run), weights="last")
    assert not best.training
    assert str(best) == str(medt_gen.build(medt_gen.load(run)))
    assert [*best.state_dict()] == [*last.state_dict()]
    for command in ("build", "summary"):
        assert main([command, str(run)]) == 0
        assert "height_block" in capsys.readouterr().out
    page = run.parent / "page.html"
    assert main(["view", str(run), "-o", str(page)]) == 0
    with pytest.raises(TypeError, match="or the folder of a run, which 'medt' is not"):
        medt_gen.build("medt")


def test_masks_are_those_of_the_network(run, data, tmp_path):
    images = sorted((data / "images").iterdir())
    predicted(
        run, [data / "images"], tmp_path / "masks", "--overlays", "--probabilities"
    )
    model = medt_gen.build(run)
    for path in images[:3]:
        image = prepared_image(read_image([path]).values, _preparation(run))
        with torch.no_grad():
            logits = model(torch.from_numpy(image)[None])[0]
        found = np.asarray(Image.open(tmp_path / "masks" / f"{path.stem}.png"))
        assert np.array_equal(found, logits.argmax(0).numpy().astype(np.uint8) * 255)
        stored = np.load(tmp_path / "masks" / f"{path.stem}.probabilities.npz")
        torch.testing.assert_close(
            torch.from_numpy(stored["probabilities"]), logits.softmax(0)
        )
        overlay = Image.open(tmp_path / "masks" / f"{path.stem}.overlay.png")
        assert overlay.size == (16, 16)


def _preparation(run):
    from medt_gen.runs.folder import read_record

    return read_record(run).preparation


@pytest.mark.parametrize("size", [(16, 16), (40, 23), (9, 30)])
def test_images_of_any_size(run, tmp_path, size):
    image, _ = discs((max(size), max(size)), np.random.default_rng(0))
    path = tmp_path / "image.png"
    Image.fromarray(image[: size[0], : size[1]]).save(path)
    for options in ([], ["--flips", "--force"]):
        predicted(run, [path], tmp_path / "masks", *options)
        found = np.asarray(Image.open(tmp_path / "masks" / "image.png"))
        assert found.shape == size
        assert set(np.unique(found)) <= {0, 255}


def test_masks_are_not_overwritten(run, data, tmp_path, capsys):
    path = next((data / "images").iterdir())
    predicted(run, [path], tmp_path)
    predicted(run, [path], tmp_path, code=1)
    assert "error[not-overwritten]" in capsys.readouterr().err
    predicted(run, [path], tmp_path, "--force")


def test_one_bad_image_is_told_and_the_rest_is_done(run, data, tmp_path, capsys):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no image")
    good = sorted((data / "images").iterdir())[:2]
    predicted(run, [good[0], bad, good[1], "no/such.png"], tmp_path / "masks", code=1)
    captured = capsys.readouterr()
    assert "2 masks in" in captured.out
    assert "bad.png: it can't be decoded" in captured.err
    assert "such.png: there is no such file" in captured.err
    assert len(list((tmp_path / "masks").iterdir())) == 2


def test_weights_without_their_preparation_are_refused(run, data, tmp_path, capsys):
    from safetensors.torch import load_file, save_file

    bare = tmp_path / "bare.safetensors"
    save_file(load_file(run / "best.safetensors"), bare)
    image = next((data / "images").iterdir())
    predicted(bare, [image], tmp_path / "masks", code=2)
    assert "does not say what its network is" in " ".join(
        capsys.readouterr().err.split()
    )
    given = ["--spec", TINY, "--prepared-as", str(run)]
    predicted(bare, [image], tmp_path / "masks", *given)
    predicted(run / "best.safetensors", [image], tmp_path / "same")
    one, other = (
        (tmp_path / x / f"{image.stem}.png").read_bytes() for x in ("masks", "same")
    )
    assert one == other


def test_no_run_is_one_line(tmp_path, capsys):
    predicted(tmp_path / "none", ["a.png"], tmp_path / "masks", code=2)
    assert "error[run]: can't use" in capsys.readouterr().err
    predicted(tmp_path, ["a.png"], tmp_path / "masks", code=2)
    assert "not the folder of a run" in " ".join(capsys.readouterr().err.split())


def test_evaluation(run, data, tmp_path, capsys):
    page, table = tmp_path / "page.html", tmp_path / "table.csv"
    command = ["evaluate", str(run), "--data", str(data)]
    assert main([*command, "--html", str(page), "--csv", str(table)]) == 0
    out = capsys.readouterr().out
    assert "images of test" in out and "HD95 (pixels)" in out
    assert page.read_text().count("<figure>") >= 1
    with table.open() as file:
        rows = list(csv.DictReader(file))
    listed = json.loads((run / "split.json").read_text())
    assert {row["image"] for row in rows} == {x["name"] for x in listed["test"]}
    assert main([*command, "--json", "--part", "val"]) == 0
    found = json.loads(capsys.readouterr().out)[0]
    best = max(
        csv.DictReader((run / "metrics.csv").open()), key=lambda r: float(r["dice"])
    )
    assert found["mean"]["dice"] == pytest.approx(float(best["dice"]), abs=1e-6)


def test_several_runs_and_the_references_metrics(run, data, capsys):
    command = ["evaluate", str(run), str(run), "--data", str(data)]
    assert main([*command, "--part", "all"]) == 0
    assert "mean over 2 runs" in capsys.readouterr().out
    assert main([*command, "--metrics", "reference", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found[0]["mean"]) == {"dice", "iou", "precision", "recall"}


def test_volumes_keep_their_place_and_go_slice_by_slice(tmp_path, capsys):
    nibabel = pytest.importorskip("nibabel")
    rng = np.random.default_rng(0)
    affine = np.array([[0, 0.8, 0, 3], [0.7, 0, 0, 1], [0, 0, 2.5, -4], [0, 0, 0, 1.0]])
    for number in range(6):
        volume, label = np.zeros((2, 16, 20, 5))
        label[4:9, 6:12, 1:4] = 1
        volume = (rng.normal(size=label.shape) + 3 * label).astype(np.float32)
        for part, values in (("images", volume), ("masks", label.astype(np.uint8))):
            (tmp_path / "data" / part).mkdir(parents=True, exist_ok=True)
            path = tmp_path / "data" / part / f"v{number}.nii.gz"
            nibabel.save(nibabel.Nifti1Image(values, affine), path)
    out = tmp_path / "run"
    options = (
        "--set input.channels=1 --epochs 2 --progress none --split 60/20/20".split()
    )
    given = ["--data", str(tmp_path / "data"), "--out", str(out)]
    assert main(["train", TINY, *given, *options]) == 0
    predicted(out, [tmp_path / "data" / "images"], tmp_path / "masks")
    mask = nibabel.load(tmp_path / "masks" / "v0.nii.gz")
    assert mask.shape == (16, 20, 5)
    assert np.allclose(mask.affine, affine)
    assert main(["evaluate", str(out), "--data", str(tmp_path / "data")]) == 0
    assert "(mm)" in capsys.readouterr().out


def test_the_references_way(tmp_path):
    """BGR, 0..1, masks above 127, strict sizes, and gates that are closed for 11."""
    for split, seed in (("train", 0), ("val", 10)):
        for number in range(4):
            image, mask = discs((16, 16), np.random.default_rng(seed + number))
            gray = np.where(mask, 200, 90).astype(np.uint8)
            save(
                tmp_path / "data" / split,
                f"{split}{number}",
                image,
                gray,
                "img",
                "labelcol",
            )
    out = tmp_path / "run"
    options = "--preset reference --epochs 13 --progress none --batch-size 4".split()
    given = ["--data", str(tmp_path / "data"), "--out", str(out)]
    assert main(["train", TINY, *given, *options]) == 0
    found = _preparation(out)
    assert (found.channel_order, found.normalization, found.divisor) == (
        "bgr",
        "unit",
        255,
    )
    assert (found.mask_rule, found.fit) == ("half", "strict")
    with (out / "metrics.csv").open() as file:
        gates = [row["height_block.f_qr"] for row in csv.DictReader(file)]
    assert (
        len(set(gates[:11])) == 1 and gates[11] != gates[10] and gates[12] != gates[11]
    )


def test_the_order_of_colours_is_kept(run):
    values = np.arange(3, dtype=np.uint8).reshape(3, 1, 1).repeat(4, 1)
    from dataclasses import replace

    bgr = replace(_preparation(run), channel_order="bgr")
    assert prepared_image(values, bgr)[:, 0, 0] * 255 == pytest.approx([2, 1, 0])


def test_several_outputs_train_together(tmp_path):
    data = two_classes(tmp_path / "data", 8, size=(64, 64))
    out = tmp_path / "run"
    options = (
        "--set input.size=64 --epochs 1 --progress none --output-weights [1,0.5,0.25]"
    )
    given = ["--data", str(data), "--out", str(out), *options.split()]
    assert main(["train", "deep_supervision", *given]) == 0
    predicted(out, [data / "images"], tmp_path / "masks")


@pytest.mark.parametrize("fit", ["crop", "pad", "resize"])
def test_other_sizes_are_fitted(tmp_path, fit):
    size = (12, 14) if fit == "pad" else (22, 30)
    data, out = two_classes(tmp_path / "data", 8, size=size), tmp_path / "run"
    given = ["--data", str(data), "--out", str(out), "--fit", fit, "--epochs", "2"]
    assert main(["train", TINY, *given, "--progress", "none"]) == 0
    predicted(out, [data / "images"], tmp_path / "masks")
    found = np.asarray(Image.open(tmp_path / "masks" / "p0_0.png"))
    assert found.shape == size


@pytest.mark.parametrize("precision", ["bf16", "64"])
def test_other_precisions(tmp_path, data, precision):
    out = tmp_path / "run"
    given = ["--data", str(data), "--out", str(out), "--epochs", "2"]
    options = ["--precision", precision, "--progress", "none", "--loss", "focal"]
    assert main(["train", TINY, *given, *options]) == 0
    predicted(out, [data / "images"], tmp_path / "masks")


def test_folds_have_a_mean_and_a_spread(tmp_path, data, capsys):
    runs = []
    for fold in ("1/2", "2/2"):
        out = tmp_path / fold.replace("/", "-")
        given = ["--data", str(data), "--out", str(out), "--fold", fold]
        assert main(["train", TINY, *given, "--epochs", "1", "--progress", "none"]) == 0
        runs.append(str(out))
    parts = [
        json.loads((tmp_path / x / "split.json").read_text()) for x in ("1-2", "2-2")
    ]
    seen = [{item["name"] for item in part["val"]} for part in parts]
    assert not seen[0] & seen[1] and len(seen[0] | seen[1]) == 14
    capsys.readouterr()
    assert main(["evaluate", *runs, "--data", str(data)]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert out.count("images of val") == 2 and "mean over 2 runs" in out


def test_groups_of_a_run_are_those_of_its_scores(tmp_path, data, capsys):
    out = tmp_path / "run"
    given = ["--data", str(data), "--out", str(out), "--group", r"p\d+"]
    assert main(["train", TINY, *given, "--epochs", "1", "--progress", "none"]) == 0
    capsys.readouterr()
    assert main(["evaluate", str(out), "--data", str(data), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)[0]["images"]
    assert {row["group"] for row in rows} == {
        row["image"].split("_")[0] for row in rows
    }


def test_patience_and_every_augmentation(tmp_path, data, capsys):
    out = tmp_path / "run"
    augment = (
        "flip_horizontal=0.5 flip_vertical=0.5 rotate90=0.5 rotate=10 scale=0.1 "
        "shift=0.1 brightness=0.1 contrast=0.2 noise=0.02 blur=1"
    )
    options = [x for name in augment.split() for x in ("--augment", name)]
    options += (
        "--tensorboard --epochs 30 --patience 2 --lr 1e-9 --optimizer adamw".split()
    )
    given = ["--data", str(data), "--out", str(out), "--progress", "json"]
    assert main(["train", TINY, *given, *options]) == 0
    lines = [
        json.loads(x) for x in capsys.readouterr().out.splitlines() if x[:1] == "{"
    ]
    assert sum(item["event"] == "epoch" for item in lines) < 30
    assert (
        json.loads((out / "log.jsonl").read_text().splitlines()[-1])["why"]
        == "patience"
    )
    assert list((out / "tensorboard").iterdir())
