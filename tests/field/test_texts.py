"""Printouts as people have them: read right, or refused with the reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import run

import medt_gen
from medt_gen.compare.report import as_lines
from medt_gen.messages.diagnostics import InvalidInput
from medt_gen.printout import count_modules, find, parse, render, walk
from medt_gen.printouts.tree import count_remarks

FOLDER = Path(__file__).parent


def path(name: str) -> Path:
    (found,) = FOLDER.glob(f"{name}.*")
    return found


def text(name: str) -> str:
    with path(name).open(encoding="utf-8", newline="") as file:
        return file.read()


def differences(left: str, right: str) -> list[str]:
    """The lines of `diff` that name a difference."""
    found = medt_gen.diff(path(left), path(right))
    notes = ("compared", "not compared", "no difference")
    return [line for line in as_lines(found) if not line.startswith(notes)]


EQUAL = [
    ("f14-torch02", "f14-torch02-b"),
    ("f15-old", "f15-old-b"),
    ("f15-old-c", "f15-old-d"),
    ("f18-notes", "f18-notes-b"),
    ("f19-pyg", "f19-pyg-flat"),
    ("f20-ray", "f20-ray-b"),
    ("f20-ray-c", "f20-ray-d"),
    ("f21-lists", "f21-lists-b"),
    ("f23-keys", "f23-keys-flat"),
    ("f22-shared", "f27-crlf"),
]


@pytest.mark.parametrize(("left", "right"), EQUAL)
def test_one_model_in_two_forms_is_no_difference(left, right, capsys):
    assert run(capsys, "diff", path(left), path(right))[0] == 0
    assert run(capsys, "diff", path(right), path(left))[0] == 0


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (
            "f04-log",
            "f04-log-b",
            [
                "backbone.bottom_up.res2.0.conv1: out_channels: 64 -> 256",
                "backbone.bottom_up.res2.0.conv1.norm: num_features: 64 -> 256",
            ],
        ),
        ("f19-pyg", "f19-pyg-b", ["gcn.2: [1]: 64 -> 32"]),
        (
            "f23-keys",
            "f23-keys-b",
            ["dints_space.cell_tree.(5, 8).op.ops.0.conv: out_channels: 64 -> 48"],
        ),
        (
            "f24-lora",
            "f24-lora-b",
            [
                "base_model.model (Qwen2ForCausalLM) of the right side is compared",
                "model.layers.0-35.self_attn.q_proj: Linear(in_features=2048, "
                "out_features=2048, bias=True) -> lora.Linear with 10 modules",
            ],
        ),
    ],
)
def test_a_difference_is_one_line(left, right, expected, capsys):
    assert differences(left, right) == expected
    assert run(capsys, "diff", path(left), path(right))[0] == 1


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("f05-e3nn", [12]),
        ("f07-two", [7, 7]),
        ("f09-leaves", [1, 1, 1]),
        ("f12-tuple", [18]),
        ("f18-notes", [101]),
        ("f18-notes-c", [150]),
        ("f19-pyg", [7]),
        ("f19-pyg-flat", [7]),
        ("f22-shared", [22]),
        ("f26-notebook", [6]),
        ("f27-crlf", [22]),
    ],
)
def test_every_module_is_counted(name, counts):
    assert [count_modules(item.tree) for item in find(text(name))] == counts


def test_a_qscheme_that_only_the_second_tree_has_is_seen(capsys):
    status, out, _ = run(
        capsys, "diff", path("f07-two"), path("f07-two"), "--number", 1, "--number", 2
    )
    assert status == 1
    (line,) = [line for line in out.splitlines() if "qscheme" in line]
    assert line == (
        "fc[1-2]: qscheme: not printed -> torch.per_channel_affine, in 2 places"
    )


def test_text_of_a_layer_over_three_lines_is_one_value():
    (line,) = differences("f10-mx", "f10-mx-b")
    assert line.startswith("self_attn.q_proj: ")


def test_remarks_are_counted_and_kept_and_no_part_of_a_module():
    tree = parse(text("f18-notes"))
    assert count_remarks(tree) == 6
    assert text("f18-notes").count(render(tree)) == 1
    found = medt_gen.diff(path("f18-notes"), path("f18-notes-b"))
    assert "6 remarks behind rows on the left" in found.not_compared


def test_what_an_old_torch_does_not_print_is_said():
    found = medt_gen.diff(path("f15-old-c"), path("f15-old-d"))
    assert any("`bias` of Linear, 3 times" in line for line in found.not_compared)


def test_keys_of_a_graphs_sequential_are_keys():
    paths = [path for path, _ in walk(parse(text("f19-pyg")))]
    assert paths[2:6] == ["gcn.0", "gcn.1", "gcn.2", "gcn.3"]
    assert dict(walk(parse(text("f19-pyg"))))["gcn.0"].type == "GCNConv"


def test_a_notebook_is_read_by_its_outputs():
    (found,) = find(text("f26-notebook"), "f26.ipynb")
    assert (found.cell, found.line, found.flattened) == ("cell [3]", 1, False)
    empty = json.loads(text("f26-notebook"))
    empty["cells"][0]["outputs"] = []
    with pytest.raises(InvalidInput, match="is a notebook"):
        find(json.dumps(empty))


def test_line_ends_of_windows_do_not_flatten():
    assert "\r\n" in text("f27-crlf")
    (found,) = find(text("f27-crlf"))
    assert not found.flattened


@pytest.mark.parametrize(
    ("name", "form", "lacks"),
    [
        ("f25-tables", "torchinfo", "the arguments of the layers, and their names"),
        ("f25-tables-b", "Lightning", "all below its first level"),
        ("f25-tables-c", "Lightning", "all below its first level"),
        ("f25-tables-d", "torchsummary", "the arguments of the layers, and their name"),
        ("f33-error", "load_state_dict", "medt-gen fit"),
        ("f33-error-c", "state_dict's keys", "medt-gen fit"),
    ],
)
def test_what_is_no_printout_is_named(name, form, lacks):
    with pytest.raises(InvalidInput) as caught:
        find(text(name), name)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "printout-other"
    assert form in diagnostic.message
    assert lacks in f"{diagnostic.message} {diagnostic.help}"
    assert diagnostic.place is not None


@pytest.mark.parametrize(
    "name",
    [
        "f14-torch02",
        "f15-old",
        "f15-old-c",
        "f18-notes",
        "f21-lists",
        "f22-shared",
        "f23-keys",
        "f24-lora-b",
        "f26-notebook",
    ],
)
def test_a_spec_is_read_back(name, tmp_path, capsys):
    spec = tmp_path / "spec.yaml"
    status, out, err = run(capsys, "import", path(name), "-o", spec)
    assert status == 0
    assert "written" in out + err
    assert run(capsys, "diff", path(name), spec)[0] == 0


def test_what_may_be_one_module_and_what_is_assumed_is_said(tmp_path, capsys):
    _, out, _ = run(capsys, "import", path("f22-shared"))
    assert "# 22 modules as they are printed and declared here, 16 if" in out
    _, out, _ = run(capsys, "import", path("f15-old-c"))
    assert "# assumed: `bias=True` of Linear" in out
