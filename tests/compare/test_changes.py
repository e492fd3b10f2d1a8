"""A diff of two specs says first what changed, as the one who changed it would."""

from __future__ import annotations

import json

import pytest
from support import GALLERY, SPECS, networks, run

import medt_gen
from medt_gen.compare.report import word_lines

VARIANTS = {path.stem: path for path in GALLERY}


def words(left, right):
    found = medt_gen.diff(left, right)
    return [line.removeprefix("changed: ") for line in word_lines(found)]


def changed(capsys, *options, left="medt", right="medt"):
    _, out, _ = run(capsys, "diff", left, right, *options)
    return [
        line.removeprefix("changed: ")
        for line in out.splitlines()
        if line.startswith("changed: ")
    ]


def test_an_argument_of_many_blocks_is_one_line_and_the_sums_follow(capsys):
    assert changed(capsys, "--set-b", "params.heads=4") == [
        "heads 8 -> 4 in 11 blocks",
        "parameters 1,560,140 -> 1,563,924 (+0.24%)",
        "multiply-adds 1,147,699,200 -> 1,161,330,688 (+1%)",
        "bytes of outputs 185,057,280 -> 126,730,240 (-32%)",
    ]


def test_a_parameter_with_many_consequences_is_named_first(capsys):
    lines = changed(capsys, "--set-a", "params.base=32", "--set-b", "params.base=16")
    assert lines[0] == "the parameter `base` 32 -> 16"
    assert "planes 32 -> 16, 64 -> 32, 128 -> 64 and 1 more in 11 blocks" in lines


SAID = {
    "input.size=256": "input size 128 x 128 -> 256 x 256",
    "input.channels=1": "input channels 3 -> 1",
    "training.gates.frozen_epochs=3": "epochs with frozen gates 10 -> 3",
    "forward.local.patches.grid=[2, 2]": "patches of local 4 x 4 -> 2 x 2",
    "modules.layer3_p.depth=6": "layer3_p has 4 -> 6 blocks",
    "modules.relu=GELU": "ReLU -> GELU in relu",
    "modules.conv1.kernel_size=5": "kernel_size 7 -> 5 in conv1",
    "params.block=AxialBlock": "AxialBlock_dynamic -> AxialBlock in layer1.0, layer2.0, "
    "layer2.1",
    "forward.out=whole | decoderf | adjust": "the flow of out",
    "init={Conv2d: zeros()}": "initial values of medt_net 1, Conv2d.weight none -> "
    "zeros()",
}


@pytest.mark.parametrize("option", SAID)
def test_each_kind_of_change_has_its_words(option, capsys):
    options = [option]
    if "kernel_size" in option:
        options.append("modules.conv1.padding=2")
    given = [text for item in options for text in ("--set-b", item)]
    assert changed(capsys, *given)[0] == SAID[option]


def test_what_changed_inside_of_a_block_is_told_once(tmp_path):
    base = (SPECS / "axialunet.yaml").read_text()
    other = tmp_path / "other.yaml"
    other.write_text(
        f"{base}\nblocks:\n  AxialBlock: {{extends: AxialBlock, modules: {{relu: GELU}}}}\n"
    )
    assert words("axialunet", other)[0] == "ReLU -> GELU in 8 layers of AxialBlock"


def test_added_and_removed_modules_are_named_with_their_types():
    lines = words("medt", VARIANTS["three_scales"])
    assert lines[0] == (
        "added: quarter_stem (Sequential), quarter_layer1 (Sequential), "
        "quarter_layer2 (Sequential) and 2 more"
    )
    assert "patches of quarters none -> 2 x 2" in lines
    assert words(VARIANTS["three_scales"], "medt")[0].startswith(
        "removed: quarter_stem"
    )


@pytest.mark.parametrize("path", networks(GALLERY))
def test_there_are_words_just_where_something_differs(path):
    assert words(path, path) == []
    for other in ("gated", "medt"):
        found = medt_gen.diff(path, other)
        assert bool(found.changes) == (not found.equal)


def test_other_kinds_of_sides_have_no_words(tmp_path):
    text = tmp_path / "medt.txt"
    text.write_text(str(medt_gen.build(medt_gen.load("medt"))))
    assert words("gated", text) == []


def test_json_has_the_changes_and_the_totals(capsys):
    _, out, _ = run(
        capsys, "diff", "medt", "medt", "--set-b", "params.heads=4", "--format", "json"
    )
    record = json.loads(out)
    assert {
        key: value
        for key, value in record["changes"][-1].items()
        if key not in ("path", "block")
    } == {"holder": "block", "name": "heads", "before": 8, "after": 4}
    assert [item["parameters"] for item in record["totals"]] == [1_560_140, 1_563_924]


@pytest.mark.parametrize("side", ["a", "b"])
def test_only_a_spec_can_be_changed(side, capsys, tmp_path):
    text = tmp_path / "medt.txt"
    text.write_text(str(medt_gen.build(medt_gen.load("medt"))))
    sides = (text, "medt") if side == "a" else ("medt", text)
    status, out, err = run(capsys, "diff", *sides, f"--set-{side}", "params.heads=4")
    assert (status, out) == (2, "")
    assert f"--set-{side} changes a spec, and " in err
    assert "is a printout" in err


@pytest.mark.parametrize("option", ["--set-a", "--set-b"])
def test_a_wrong_override_is_told_by_its_own_option(option, capsys):
    status, _, err = run(capsys, "diff", "medt", "medt", option, "params.haeds=4")
    assert status == 2
    assert err.startswith(f"{option}:1:8: error[unknown-path]")
    assert "did you mean `heads`?" in err
    _, _, err = run(capsys, "diff", "medt", "medt", option, "input.size=7")
    assert err.startswith(f"{option}:1:12: error[patch-grid]")


def test_training_and_initial_values_are_compared(capsys):
    status, out, _ = run(
        capsys, "diff", "medt", "medt", "--set-b", "training.gates.frozen_epochs=3"
    )
    assert status == 1
    assert "training frozen_epochs: 10 -> 3" in out
    assert "compared: initial values and the schedule of training" in out
