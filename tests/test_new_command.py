"""`medt-gen new`: a file that loads as it is, and shows what can be changed."""

from __future__ import annotations

import re

import pytest
from support import GALLERY, SPECS, networks, run

import medt_gen


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


@pytest.mark.parametrize("path", networks([*SPECS.glob("*.yaml"), *GALLERY]))
def test_a_new_spec_is_its_parent_until_it_is_changed(path, capsys, folder):
    parent = path.stem
    status, out, _ = run(capsys, "new", "mine.yaml", "--from", parent)
    assert status == 0
    assert "mine.yaml: written" in out
    mine, other = medt_gen.load("mine.yaml"), medt_gen.load(parent)
    assert mine.document == other.document
    # What stands in comments is what holds, and can be taken in.
    text = (folder / "mine.yaml").read_text()
    head, _, offered = text.partition("take away `# `.\n")
    opened = re.sub(r"^# ", "", offered, flags=re.M)
    (folder / "open.yaml").write_text(head + "\n" + opened)
    assert medt_gen.load("open.yaml").document["params"] == other.document["params"]
    assert medt_gen.load("open.yaml").document["input"] == other.document["input"]


def test_it_says_what_each_parameter_is(capsys, folder):
    run(capsys, "new", "mine.yaml", "--from", "medt")
    lines = (folder / "mine.yaml").read_text().splitlines()
    assert lines[:3] == [
        "# yaml-language-server: $schema=medt-gen.schema.json",
        "medt-gen: 1",
        "extends: medt",
    ]
    (classes,) = [line for line in lines if "classes:" in line]
    assert classes.split() == (
        "# classes: 2 # an integer: adjust.out_channels, adjust_p.out_channels".split()
    )
    (base,) = [line for line in lines if "base:" in line]
    assert base.endswith(
        "conv1.out_channels, conv3.out_channels, layer1.planes and 16 more"
    )


def test_what_is_set_is_written(capsys, folder):
    sets = ["--set", "params.classes=5", "--set", "modules.relu=GELU"]
    run(capsys, "new", "mine.yaml", "--from", "medt", *sets)
    assert (
        "params: {classes: 5}\nmodules: {relu: GELU}\n"
        in (folder / "mine.yaml").read_text()
    )
    expected = medt_gen.load(
        "medt", overrides=["params.classes=5", "modules.relu=GELU"]
    )
    assert medt_gen.load("mine.yaml").document == expected.document


@pytest.mark.parametrize(
    "overrides",
    [
        ["modules.relu=GELU", "modules.relu.approximate=tanh"],
        ["modules.relu.approximate=tanh", "modules.relu=GELU"],
        ["modules.relu.type=GELU", "modules.relu.approximate=tanh"],
        ["init.Conv2d.weight=xavier_normal()", "init.bn1.bias=ones()"],
        ["init={Conv2d.weight: zeros()}", "init.Conv2d.weight=ones()"],
        ["title=mine", "title=other"],
        ["training.gates=null"],
    ],
)
def test_changes_of_one_key_after_another_are_all_in_the_file(
    overrides, capsys, folder
):
    options = [part for option in overrides for part in ("--set", option)]
    assert run(capsys, "new", "mine.yaml", "--from", "medt", *options)[0] == 0
    expected = medt_gen.load("medt", overrides=overrides)
    assert medt_gen.load("mine.yaml").document == expected.document


def test_a_parent_of_one_s_own_is_named_from_the_new_file_on(capsys, folder):
    (folder / "sub").mkdir()
    run(capsys, "new", "mine.yaml", "--from", "medt")
    run(capsys, "new", "sub/other.yaml", "--from", "mine.yaml")
    assert "extends: ../mine.yaml" in (folder / "sub" / "other.yaml").read_text()
    run(capsys, "new", "beside.yaml", "--from", "./mine.yaml")
    assert "extends: ./mine.yaml" in (folder / "beside.yaml").read_text()


def test_what_does_not_load_is_not_left_behind(capsys, folder):
    (folder / "pyproject.toml").unlink()
    (folder / "sub").mkdir()
    run(capsys, "new", "mine.yaml", "--from", "medt")
    status, _, err = run(capsys, "new", "sub/other.yaml", "--from", "mine.yaml")
    assert status == 1
    assert "outside-root" in err
    assert not list((folder / "sub").iterdir())
    (folder / "sub" / "other.yaml").write_text("mine")
    run(capsys, "new", "sub/other.yaml", "--from", "mine.yaml", "--force")
    assert (folder / "sub" / "other.yaml").read_text() == "mine"


def test_a_file_that_holds_something_else_is_kept(capsys, folder):
    (folder / "mine.yaml").write_text("mine")
    status, _, err = run(capsys, "new", "mine.yaml", "--from", "medt")
    assert (status, (folder / "mine.yaml").read_text()) == (1, "mine")
    assert "--force" in err
    assert run(capsys, "new", "mine.yaml", "--from", "medt", "--force")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x", "--from", "medt"], "specs end in `.yaml`"),
        (["x.yaml", "--from", "medtt"], "did you mean `medt`?"),
        (
            ["x.yaml", "--from", "medt", "--set", "params.haeds=3"],
            "did you mean `heads`?",
        ),
        (["x.yaml", "--from", "medt", "--set", "params.heads=3"], "shape-mismatch"),
        (["no/x.yaml", "--from", "medt"], "can't write no/x.yaml"),
        (["x.yaml"], "--from"),
        (["\0.yaml", "--from", "medt"], "can't write"),
        (["n" * 300 + ".yaml", "--from", "medt"], "can't write"),
        (
            [
                "x.yaml",
                "--from",
                "residual_unet",
                "--set",
                "modules.input_layer.modules.0.out_channels=64",
            ],
            "an item of a list",
        ),
        (
            [
                "x.yaml",
                "--from",
                "medt",
                "--set",
                "modules.conv1={type: Conv2d, out_channels: 64, kernel_size: 3, stride: 2,"
                " padding: 1}",
            ],
            "`modules.conv1.bias` would be another",
        ),
    ],
)
def test_what_can_not_be_begun_is_told_and_nothing_is_written(
    arguments, said, capsys, folder
):
    status, out, err = run(capsys, "new", *arguments)
    assert status in (1, 2)
    assert out == ""
    assert said in err
    assert sorted(path.name for path in folder.iterdir()) == ["pyproject.toml"]


@pytest.mark.parametrize(
    "command",
    [
        ["new", "d.yaml", "--from", "medt"],
        ["schema", "-o", "d.yaml"],
        ["emit", "medt", "-o", "d.yaml"],
        ["build", "medt", "-o", "d.yaml"],
    ],
)
def test_a_folder_is_no_file_to_write(command, capsys, folder):
    (folder / "d.yaml").mkdir()
    status, out, err = run(capsys, *command)
    assert (status, out) == (2, "")
    assert "can't write d.yaml: Is a directory" in err


def test_an_editor_s_schema_is_named_until_it_is_there(capsys, folder):
    _, out, _ = run(capsys, "new", "mine.yaml", "--from", "medt")
    assert "medt-gen schema -o medt-gen.schema.json" in out
    assert run(capsys, "schema", "-o", "medt-gen.schema.json") == (0, "", "")
    _, out, _ = run(capsys, "new", "other.yaml", "--from", "medt")
    assert "schema" not in out


def test_a_schema_is_written_over_a_schema_alone(capsys, folder):
    target = folder / "s.json"
    target.write_text('{"title": "medt-gen spec", "old": 1}'.replace(": ", ": "))
    assert run(capsys, "schema", "-o", target)[0] == 0
    assert target.read_text() == run(capsys, "schema")[1]
    target.write_text("mine")
    status, _, err = run(capsys, "schema", "-o", target)
    assert (status, target.read_text()) == (1, "mine")
    assert "--force" in err
    assert run(capsys, "schema", "-o", target, "--force")[0] == 0
    assert run(capsys, "schema", "-o", folder / "no" / "s.json")[0] == 2
