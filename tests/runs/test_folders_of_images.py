"""What is amiss in a folder of images is found before the first epoch, all at once."""

import json

import numpy as np
import pytest
from PIL import Image

from medt_gen.cli import main
from runs.folders import TINY, discs, save, two_classes

pytestmark = pytest.mark.training


def check(folder, *options, spec=TINY):
    return main(["train", spec, "--data", str(folder), "--check", *map(str, options)])


def told(capsys):
    return " ".join(capsys.readouterr().err.split())


def plain(size=(16, 16), seed=0):
    image, mask = discs(size, np.random.default_rng(seed))
    return image, (mask * 255).astype(np.uint8)


def test_images_and_masks(tmp_path, capsys):
    assert check(two_classes(tmp_path, 12)) == 0
    out = capsys.readouterr().out
    assert "images and masks: 8 train, 2 val, 2 test" in out
    assert "3 channels, 16x16, unit, fit crop" in out
    assert "masks are half: background, foreground" in out


def test_the_references_layout(tmp_path, capsys):
    for split, seed in (("train", 0), ("val", 10), ("test", 20)):
        for number in range(3):
            image, mask = plain(seed=seed + number)
            save(tmp_path / split, f"{number}", image, mask, "img", "labelcol")
    assert check(tmp_path, "--group", ".*") == 1
    assert "in both `train` and `val`" in told(capsys)
    for split in ("val", "test"):
        for part in ("img", "labelcol"):
            for path in (tmp_path / split / part).iterdir():
                path.rename(path.with_name(f"{split}{path.name}"))
    assert check(tmp_path) == 0
    assert "train, val, test: 3 train, 3 val, 3 test" in capsys.readouterr().out


def test_nnunets_raw_data(tmp_path, capsys):
    """A volume network of one channel, and the names of classes by dataset.json."""
    nibabel = pytest.importorskip("nibabel")
    rng = np.random.default_rng(0)
    for part in ("imagesTr", "labelsTr"):
        (tmp_path / part).mkdir()
    for number in range(4):
        values = rng.normal(size=(32, 32, 8)).astype(np.float32)
        label = rng.integers(0, 3, (32, 32, 8)).astype(np.uint8)
        affine = np.diag([0.7, 0.7, 3.0, 1.0])
        for name, data in (("imagesTr/a{}_0000", values), ("labelsTr/a{}", label)):
            path = tmp_path / (name.format(number) + ".nii.gz")
            nibabel.save(nibabel.Nifti1Image(data, affine), path)
    labels = {"background": 0, "liver": 1, "tumour": 2}
    document = {
        "labels": labels,
        "file_ending": ".nii.gz",
        "channel_names": {"0": "CT"},
    }
    (tmp_path / "dataset.json").write_text(json.dumps(document))
    options = ["--split", "50/50/0"]
    assert check(tmp_path, *options, spec="volume_segmenter") == 0
    out = capsys.readouterr().out
    assert "nnU-Net raw data: 2 train, 2 val, 0 test" in out
    assert "1 channel, 8x32x32, zscore, fit crop" in out
    assert "background, liver, tumour" in out


def test_all_that_is_amiss_is_listed(tmp_path, capsys):
    folder = two_classes(tmp_path, 8)
    (folder / "masks" / "p0_0.png").unlink()
    (folder / "images" / "p1_2.png").write_bytes(b"")
    broken = (folder / "images" / "p1_3.png").read_bytes()[:60]
    (folder / "images" / "p1_3.png").write_bytes(broken)
    Image.fromarray(np.full((16, 16), 7, np.uint8)).save(folder / "masks" / "p2_4.png")
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(folder / "masks" / "p2_5.png")
    assert check(folder) == 1
    text = told(capsys)
    for part in (
        "1 image in", "without a mask: `p0_0`", "p1_2.png: the file is empty",
        "p1_3.png: it can't be decoded", "the value 7 in a mask is no class",
        "p2_5.png: the mask is 9x9 and its image 16x16",
    ):  # fmt: skip
        assert part in text, part


def test_channels_and_classes_are_told_with_the_set_that_mends(tmp_path, capsys):
    for number in range(8):
        image, mask = plain(seed=number)
        image[..., 0] = 255 - image[..., 0]
        classes = (mask > 0) * (1 + number % 2)
        save(tmp_path, f"{number}", image, classes.astype(np.uint8))
    assert check(tmp_path, "--set", "input.channels=1") == 1
    text = told(capsys)
    assert "the network takes 1 channel, and all images have 3" in text
    assert "use --set input.channels=3" in text
    assert "the network gives 2 classes, and the masks have 3" in text
    assert "use --set params.classes=3" in text
    assert text.count("error[") == 2
    assert check(tmp_path, "--set", "params.classes=3") == 0


def test_masks_of_jpeg_are_told_as_what_they_are(tmp_path, capsys):
    for number in range(8):
        image, mask = plain(seed=number)
        for part, values in (("images", image), ("masks", mask)):
            (tmp_path / part).mkdir(exist_ok=True)
            Image.fromarray(values).save(tmp_path / part / f"{number}.jpg")
    assert check(tmp_path) == 1
    text = told(capsys)
    assert "are cut at 127 by --masks half" in text
    assert "params.classes" not in text
    assert check(tmp_path, "--masks", "half") == 0


def test_two_classes_for_a_network_of_three(tmp_path, capsys):
    folder = two_classes(tmp_path, 8)
    assert check(folder, "--set", "params.classes=3") == 1
    text = told(capsys)
    assert "the network gives 3 classes, and the masks have 2" in text
    assert "use --set params.classes=2" in text
    assert text.count("error[") == 1


def test_gray_that_is_stored_as_colour_is_gray(tmp_path):
    for number in range(8):
        image, mask = plain(seed=number)
        save(tmp_path, f"{number}", np.repeat(image[..., :1], 3, 2), mask)
    assert check(tmp_path) == 0
    assert check(tmp_path, "--set", "input.channels=1") == 0


def test_sizes(tmp_path, capsys):
    folder = two_classes(tmp_path, 8, size=(20, 24))
    assert check(folder) == 0
    assert check(folder, "--fit", "resize") == 0
    capsys.readouterr()
    for fit in ("strict", "pad"):
        assert check(folder, "--fit", fit) == 1
        text = told(capsys)
        assert "takes images of 16x16, and all are 20x24" in text
        assert "use --set input.size=[20,24]" in text


def test_the_same_image_in_two_splits(tmp_path, capsys):
    folder = two_classes(tmp_path, 6)
    for part in ("images", "masks"):
        data = (folder / part / "p0_0.png").read_bytes()
        for number in range(6):
            (folder / part / f"copy{number}.png").write_bytes(data)
    assert check(folder) == 1
    assert "the same image is in" in told(capsys)


def test_groups_stay_whole_and_seeds_and_folds_differ(tmp_path):
    from medt_gen.images.layouts import find_cases
    from medt_gen.images.splits import SplitRule, split_cases
    from medt_gen.messages.problems import Problems

    folder = find_cases(two_classes(tmp_path, 40), r"p\d+", Problems())
    seen = []
    for fold in range(1, 6):
        found = split_cases(folder, SplitRule(fold=fold, folds=5), Problems())
        groups = [{case.group for case in found[name]} for name in ("train", "val")]
        assert not groups[0] & groups[1]
        assert len(groups[0] | groups[1]) == 20
        seen += [case.name for case in found["val"]]
    assert sorted(seen) == sorted(case.name for case in folder.cases[""])
    splits = [
        split_cases(folder, SplitRule(seed=n), Problems())["train"] for n in (0, 1)
    ]
    assert splits[0] != splits[1]


def test_palettes(tmp_path, capsys):
    for number in range(8):
        image, mask = plain(seed=number)
        coloured = np.where(mask[..., None] > 0, [255, 0, 0], [0, 0, 0])
        save(tmp_path, f"{number}", image, coloured.astype(np.uint8))
    assert check(tmp_path) == 1
    assert 'give the colour of each class: --palette "0,0,0 255,0,0 ..."' in told(
        capsys
    )
    assert check(tmp_path, "--palette", "0,0,0 255,0,0") == 0
    assert check(tmp_path, "--palette", "0,0,0 0,255,0") == 1
    assert "the colour 255,0,0 in a mask has no colour" in told(capsys)


def test_a_class_that_is_never_seen(tmp_path, capsys):
    for number in range(8):
        image, mask = plain(seed=number)
        save(tmp_path, f"{number}", image, (mask > 0).astype(np.uint8))
    assert check(tmp_path, "--set", "params.classes=3") == 1
    assert "no pixel of `class 2` in any mask of train" in told(capsys)


def test_numbers_of_other_types(tmp_path, capsys):
    folder = two_classes(tmp_path, 8)
    image = np.full((16, 16), 700, np.uint16)
    Image.fromarray(image).save(folder / "images" / "p0_0.png")
    assert check(folder) == 1
    assert "images are uint16 and uint8: `p0_0.png`" in told(capsys)


def test_dicom_is_out_of_scope(tmp_path, capsys):
    folder = two_classes(tmp_path, 8)
    (folder / "images" / "slice.dcm").write_bytes(b"DICM")
    assert check(folder) == 1
    assert "DICOM is not read: `slice.dcm`" in told(capsys)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--split", "70/30"], "write it as --split 70/15/15"),
        (["--fold", "6/5"], "write it as --fold 1/5"),
        (["--fold", "1/5", "--split", "70/15/15"], "two ways of splitting"),
        (["--group", "("], "--group is no regular expression"),
        (["--palette", "1,2"], "--palette takes two colours or more"),
        (["--loss", "dise"], "did you mean `dice`?"),
        (["--augment", "rotat=3"], "did you mean `rotate`, "),
        (
            ["--augment", "rotate=300"],
            "--augment takes a number from 0 to 180 for `rotate`, and this is 300",
        ),
        (["--lr", "-1"], "--lr is a number above 0, and this is -1"),
    ],
)
def test_options_of_another_form(tmp_path, capsys, options, part):
    folder = two_classes(tmp_path, 8)
    assert check(folder, *options) == 2
    assert part in told(capsys)


def test_a_network_without_classes(tmp_path, capsys):
    assert check(two_classes(tmp_path, 8), spec="axial_resnet_small") == 1
    assert "every output is a map of the same classes" in told(capsys)
