"""`medt-gen diff`: printouts, specs, checkpoints and emitted files, pair by pair."""

import json
from typing import get_args

import pytest
import torch
from support import GOLDEN, NAMES, REFERENCE, python, run

import medt_gen
from medt_gen.compare.comparison import FactKind, compare_descriptions
from medt_gen.compare.descriptions import read_description
from medt_gen.compare.report import as_json, as_lines

SEED = REFERENCE / "seed.txt"
DIFFERENT = {"axialunet": "gated", "gated": "logo", "logo": "medt", "medt": "logo"}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Each network as every kind of side."""
    folder = tmp_path_factory.mktemp("sides")
    for name in NAMES:
        spec = medt_gen.load(name)
        model = medt_gen.build(spec)
        (folder / f"{name}.py").write_text(medt_gen.emit(spec), encoding="utf-8")
        (folder / f"{name}.txt").write_text(str(model), encoding="utf-8")
        torch.save(model.state_dict(), folder / f"{name}.pt")
    return folder


def sides(files, name):
    return {
        "spec": name,
        "emitted file": str(files / f"{name}.py"),
        "printout": str(files / f"{name}.txt"),
        "checkpoint": str(files / f"{name}.pt"),
    }


@pytest.mark.parametrize("name", NAMES)
def test_all_sides_of_a_network_agree(files, name):
    every = {kind: read_description(path) for kind, path in sides(files, name).items()}
    for left in every.values():
        for right in every.values():
            found = compare_descriptions(left, right)
            assert found.equal, (left.kind, right.kind, found.modules, found.facts)
            assert found.compared
    assert [side.kind for side in every.values()] == list(every)


@pytest.mark.parametrize("name", ["axialunet", "logo"])
def test_no_side_agrees_with_another_network(files, name):
    ours = [read_description(path) for path in sides(files, name).values()]
    theirs = [read_description(path) for path in sides(files, DIFFERENT[name]).values()]
    for left in ours:
        for right in theirs:
            assert not compare_descriptions(left, right).equal, (left.kind, right.kind)


def test_old_printouts_agree_and_exactly_they_do_not(files, capsys):
    old = GOLDEN / "medt.repr.txt"
    assert run(capsys, "diff", old, files / "medt.txt")[0] == 0
    new_torch = "bias=True, track_running_stats" in (files / "medt.txt").read_text()
    status = run(capsys, "diff", "--exact", old, files / "medt.txt")[0]
    assert status == (1 if new_torch else 0)


def test_what_only_one_side_holds_is_listed(files):
    found = medt_gen.diff(files / "gated.txt", files / "gated.pt")
    text = "\n".join(found.not_compared)
    assert "layer1.0.hight_block.relative" in text
    assert "the input's size and the data flow" in text
    assert "classes, arguments" in text
    assert medt_gen.diff("gated", "gated").not_compared == ()


def test_a_checkpoint_of_another_size_differs(tmp_path):
    spec = medt_gen.load("axialunet", overrides=["input.size=64"])
    path = tmp_path / "small.pt"
    torch.save(medt_gen.build(spec).state_dict(), path)
    found = medt_gen.diff("axialunet", path)
    assert {item.kind for item in found.facts} == {"tensor"}
    assert found.facts[0].path == "layer1.0.hight_block.relative"
    assert (found.facts[0].left, found.facts[0].right) == ("[4, 127]", "[4, 63]")


def test_a_checkpoint_with_more_or_less_than_the_printout(files, tmp_path):
    state = medt_gen.build(medt_gen.load("gated")).state_dict()
    del state["adjust.bias"]
    state["extra.weight"] = torch.zeros(3)
    path = tmp_path / "other.pt"
    torch.save(state, path)
    found = medt_gen.diff(files / "gated.txt", path)
    assert [(i.path, i.left, i.right) for i in found.facts] == [
        ("extra.weight", None, "[3]"),
        ("adjust.bias", "[2]", None),
    ]


FLOW = """
medt-gen: 1
class: Net
input: {{channels: 3, size: {size}}}
modules:
  a: {{type: Conv2d, out_channels: 3, kernel_size: 3, padding: 1}}
  b: {{type: Conv2d, out_channels: 3, kernel_size: 3, padding: 1}}
forward:
  {name}: x | a | {step}
  out: {name} | b | add({name})
"""


def written(folder, file, **words):
    path = folder / f"{file}.yaml"
    values = {"size": 8, "name": "first", "step": "relu()", **words}
    path.write_text(FLOW.format(**values), encoding="utf-8")
    return path


def test_flows_are_compared_by_what_they_compute(tmp_path):
    plain = written(tmp_path, "plain")
    assert medt_gen.diff(plain, written(tmp_path, "renamed", name="other")).equal
    found = medt_gen.diff(plain, written(tmp_path, "step", step="gelu()"))
    (item,) = found.facts
    assert (item.kind, item.path) == ("flow", "first")
    assert (item.left, item.right) == ("x | a | relu()", "x | a | gelu()")


def test_inputs_are_compared(tmp_path):
    small = written(tmp_path, "small", size=8)
    (item,) = medt_gen.diff(small, written(tmp_path, "large", size=16)).facts
    assert (item.kind, item.left, item.right) == (
        "input",
        "[N, 3, 8, 8]",
        "[N, 3, 16, 16]",
    )


def test_wrappers_are_looked_through(tmp_path, files):
    model = torch.nn.DataParallel(medt_gen.build(medt_gen.load("logo")))
    path = tmp_path / "wrapped.txt"
    path.write_text(str(model), encoding="utf-8")
    assert medt_gen.diff(path, files / "logo.txt").equal
    assert medt_gen.diff(path, files / "logo.pt").equal
    assert medt_gen.diff(path, path).equal


def test_the_command_answers_in_text(capsys, files):
    status, out, _ = run(capsys, "diff", "medt", SEED, "--number", 4)
    assert (status, out.split("\n")[0]) == (0, "no difference")
    status, out, _ = run(capsys, "diff", "logo", files / "medt.py")
    assert status == 1
    assert "layer*.*: AxialBlock -> AxialBlock_dynamic, in 3 places: layer1.0" in out


def test_the_command_answers_in_json(capsys, files):
    status, out, _ = run(capsys, "diff", "logo", files / "medt.pt", "--format", "json")
    record = json.loads(out)
    assert (status, record["equal"], record["right"]["kind"]) == (
        1,
        False,
        "checkpoint",
    )
    assert {
        "kind": "tensor",
        "path": "layer1.0.hight_block.f_qr",
        "left": None,
        "right": "[]",
    } in record["differences"]


def test_a_number_for_each_side(capsys):
    assert run(capsys, "diff", SEED, SEED, "--number", 1, "--number", 1)[0] == 0
    assert run(capsys, "diff", SEED, SEED, "--number", 3, "--number", 4)[0] == 1


def test_an_edited_file_speaks_for_no_spec(capsys, files, tmp_path):
    path = tmp_path / "edited.py"
    source = (files / "medt.py").read_text(encoding="utf-8")
    path.write_text(source.replace("stride=2", "stride=1", 1), encoding="utf-8")
    status, out, err = run(capsys, "diff", path, "medt")
    assert (status, out) == (2, "")
    assert "emitted-file" in err
    assert "edited" in err


def test_other_python_is_never_run(capsys, tmp_path):
    path = tmp_path / "mine.py"
    mark = tmp_path / "ran"
    path.write_text(f"open({str(mark)!r}, 'w')\n", encoding="utf-8")
    status, _, err = run(capsys, "diff", path, "medt")
    assert status == 2
    assert "medt-gen did not write it" in err
    assert not mark.exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("broken.yaml", "medt-gen: 1\nclass: 3\n"),
        ("cut.txt", "Net(\n  (a): ReLU("),
        ("none.txt", "no printout in here"),
        ("cut.pt", "PK\x03\x04"),
    ],
)
def test_a_side_that_can_not_be_read_is_2(capsys, tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    status, out, err = run(capsys, "diff", path, "medt")
    assert (status, out) == (2, "")
    assert "error[" in err
    assert run(capsys, "diff", "medt", tmp_path / "missing.yaml")[0] == 2


def test_runs_that_claim_too_much_are_refused(capsys, files, tmp_path):
    path = tmp_path / "huge.txt"
    path.write_text("Net(\n  (0-999999999): 1000000000 x ReLU()\n)", encoding="utf-8")
    status, _, err = run(capsys, "diff", path, files / "logo.pt")
    assert status == 2
    assert "too-large" in err
    assert run(capsys, "diff", path, path)[0] == 0


def test_torch_is_imported_for_checkpoints_alone(files, tmp_path):
    code = f"""
import sys
sys.modules["torch"] = None
from medt_gen.cli import main
assert main(["diff", {str(files / "medt.py")!r}, {str(files / "medt.txt")!r}]) == 0
assert main(["diff", "medt", {str(SEED)!r}, "--number", "4"]) == 0
output = {str(tmp_path / "i.yaml")!r}
assert main(["import", {str(SEED)!r}, "--number", "3", "-o", output]) == 0
"""
    result = python(code)
    assert result.returncode == 0, result.stderr


SMALLER = """\
medt-gen: 1
extends: axialunet
input: {size: 64}
init: {Conv2d: zeros()}
training: {gates: {frozen_epochs: 3}}
params: {block: AxialBlock_dynamic}
"""


def traced(folder, operation):
    """What a graph of torch.fx prints."""
    path = folder / f"{operation}.txt"
    code = f"def forward(self, x):\n    out = torch.{operation}(x)\n    return out\n"
    more = "# To see more debug info, please use `graph_module.print_readable()`"
    path.write_text(f"Net(\n  (a): ReLU()\n)\n\n\n\n{code}    \n{more}")
    return path


@pytest.mark.parametrize("kind", get_args(FactKind))
def test_every_kind_of_fact_can_differ_and_is_called_so(tmp_path, kind):
    smaller = tmp_path / "smaller.yaml"
    smaller.write_text(SMALLER, encoding="utf-8")
    plain, other = written(tmp_path, "plain"), written(tmp_path, "o", step="gelu()")
    left, right = (plain, other) if kind == "flow" else ("gated", smaller)
    if kind == "code":
        left, right = traced(tmp_path, "relu"), traced(tmp_path, "tanh")
    found = medt_gen.diff(left, right)
    assert kind in {item.kind for item in found.facts}
    assert any(line.startswith(f"{kind}") for line in as_lines(found))
    assert kind in {item["kind"] for item in as_json(found)["differences"]}


def test_code_of_a_traced_graph_is_compared_or_said_to_be_left_out(tmp_path):
    relu, tanh = traced(tmp_path, "relu"), traced(tmp_path, "tanh")
    found = medt_gen.diff(relu, tanh)
    (fact,) = found.facts
    assert (fact.path, fact.left) == ("line 2", "    out = torch.relu(x)")
    plain = tmp_path / "plain.txt"
    plain.write_text("Net(\n  (a): ReLU()\n)\n")
    found = medt_gen.diff(relu, plain)
    assert found.equal
    assert "the code of a traced graph on the left" in found.not_compared


INNER = "Net(\n  (a): ReLU()\n  (b): Tanh()\n)"
WRAPPED = "Adapter(\n  (base): Holder(\n    (model): {}\n  )\n)"


def in_files(folder, *texts):
    paths = [folder / f"{place}.txt" for place in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def indented(text, by):
    return text.replace("\n", "\n" + " " * by)


def test_a_network_inside_of_the_other_is_found(tmp_path, capsys):
    bare, outer = in_files(tmp_path, INNER, WRAPPED.format(indented(INNER, 4)))
    for left, right, side in ((bare, outer, "right"), (outer, bare, "left")):
        status, out, _ = run(capsys, "diff", left, right)
        first = f"base.model (Net) of the {side} side is compared"
        assert (status, out.split("\n")[:2]) == (0, [first, "no difference"])


def test_what_stands_beside_a_part_is_said_and_counts(tmp_path, capsys):
    lightning = f"Lit(\n  (model): {indented(INNER, 2)}\n  (loss): Dice()\n)"
    bare, outer = in_files(tmp_path, INNER, lightning)
    status, out, _ = run(capsys, "diff", bare, outer)
    assert status == 1
    assert "not compared: what stands beside model on the right: loss" in out
    assert not medt_gen.diff(bare, outer).is_whole


def test_an_equal_root_wins_over_parts(tmp_path):
    inner = INNER.replace("(b): Tanh()", "(b): Net(\n    (c): ReLU()\n  )")
    left, right = in_files(tmp_path, INNER, inner)
    found = medt_gen.diff(left, right)
    assert found.parts == ()
    assert not found.equal


def test_two_parts_of_the_class_are_not_chosen_between(tmp_path):
    twice = "Pair(\n  (a): {0}\n  (b): {0}\n)".format(indented(INNER, 2))
    left, right = in_files(tmp_path, INNER, twice)
    assert medt_gen.diff(left, right).parts == ()


def test_a_part_is_named_by_its_path(tmp_path, capsys):
    twice = "Pair(\n  (a): {0}\n  (b): {0}\n)".format(indented(INNER, 2))
    left, right = in_files(tmp_path, INNER, twice.replace("Tanh", "ReLU", 1))
    status, out, _ = run(capsys, "diff", left, right, "--at", "B:b")
    assert "no difference" in out
    assert status == 1
    status, out, _ = run(capsys, "diff", right, right, "--at", "A:a", "--at", "B:b")
    assert "b: ReLU() -> Tanh()" in out
    status, _, err = run(capsys, "diff", right, right, "--at", "a")
    assert (status, "write `--at A:a`" in err) == (2, True)
    status, _, err = run(capsys, "diff", right, right, "--at", "c")
    assert (status, "nothing stands there on either side" in err) == (2, True)
    status, _, err = run(capsys, "diff", left, right, "--at", "B:c")
    assert (status, "nothing stands there in" in err) == (2, True)


def test_long_lists_are_cut_with_a_count(tmp_path, capsys):
    names = [chr(97 + k // 26) + chr(97 + k % 26) for k in range(60)]
    rows = [f"  ({name}): Linear({k}, 1)" for k, name in enumerate(names)]
    text = "\n".join(["Net(", *rows, ")"])
    left, right = in_files(tmp_path, text, text.replace(", 1)", ", 2)"))
    _, out, _ = run(capsys, "diff", left, right)
    assert "... and 20 lines more: --all shows them" in out
    _, out, _ = run(capsys, "diff", left, right, "--all")
    assert sum(line.endswith(": 1 -> 2") for line in out.splitlines()) == 60
