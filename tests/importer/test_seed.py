"""The seed's four printouts, flattened as they are, become the four specs again."""

import ast
import json

import numpy as np
import pytest
import torch
from reference.fill import fill_, images
from support import GOLDEN, NAMES, REFERENCE, run
from training import check_training_step

import medt_gen
from medt_gen.importer import Options, import_tree
from medt_gen.printout import compare, find, parse

SEED = REFERENCE / "seed.txt"


@pytest.fixture(params=enumerate(NAMES, 1), ids=NAMES, scope="module")
def read_back(request):
    number, name = request.param
    printouts = find(SEED.read_text(encoding="utf-8"))
    return name, import_tree(printouts[number - 1].tree, f"printout {number}")


def code_of(spec):
    """The emitted code without what does not compute: docstrings and the schedule."""
    tree = ast.parse(medt_gen.emit(spec))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [item for item in node.body if not _is_silent(item)]
    # The layers stand in the order in which they are named, by `set_epoch` too.
    return sorted(ast.dump(item) for item in tree.body)


def _is_silent(node):
    if isinstance(node, ast.FunctionDef):
        return node.name == "set_epoch"
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_it_is_the_code_of_the_spec_written_by_hand(read_back):
    """So every value measured on the one holds for the other."""
    name, found = read_back
    assert found.family
    assert code_of(found.spec) == code_of(medt_gen.load(name))


def test_it_prints_what_was_read(read_back):
    name, found = read_back
    printed = (GOLDEN / f"{name}.repr.txt").read_text(encoding="utf-8")
    assert compare(parse(printed), parse(str(medt_gen.build(found.spec)))) == []


def test_it_trains_as_the_reference(read_back):
    name, found = read_back
    facts = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    check_training_step(medt_gen.build(found.spec), facts)


def test_it_computes_the_reference_values(read_back):
    name, found = read_back
    model = fill_(medt_gen.build(found.spec)).eval()
    with torch.no_grad():
        output = model(images(2, 3, 128, 128))
    expected = np.load(GOLDEN / f"{name}.npz")["eval_output"]
    np.testing.assert_allclose(output.numpy(), expected, atol=2e-5, rtol=0)


def test_reading_it_again_changes_nothing(read_back):
    _, found = read_back
    again = import_tree(parse(str(medt_gen.build(found.spec))), "")
    assert again.text.split("\n")[1:] == found.text.split("\n")[1:]


def test_it_has_no_warnings_and_marks_what_it_assumes(read_back):
    name, found = read_back
    assert found.spec.warnings == ()
    marks = [line for line in found.text.split("\n") if "# assumed:" in line]
    assert len(marks) == (1 if name in ("axialunet", "gated") else 2)


def test_given_sizes_are_not_assumed():
    tree = find(SEED.read_text(encoding="utf-8"))[3].tree
    found = import_tree(tree, "", Options((256, 256), {"_p": (2, 2)}))
    assert "assumed" not in found.text
    assert found.spec.network.root.input.numbers == (3, 256, 256)
    assert "grid: [2, 2]" in found.text


def test_options_that_contradict_the_tree_are_refused(capsys):
    status, out, err = run(
        capsys, "import", SEED, "--number", 4, "--input-size", 64, "--grid", "4x4"
    )
    assert (status, out) == (1, "")
    assert "import-options" in err


@pytest.mark.parametrize("option", [["--grid", "4xx4"], ["--input-size", "-3"]])
def test_options_that_are_no_sizes_are_refused(capsys, option):
    status, _, err = run(capsys, "import", SEED, "--number", 4, *option)
    assert status == 2
    assert "usage" in err or "expected" in err


def test_the_command_writes_and_never_over_another_file(capsys, tmp_path):
    path = tmp_path / "medt.yaml"
    assert run(capsys, "import", SEED, "--number", 4, "-o", path)[0] == 0
    # When gates open is told by no printout.
    (fact,) = medt_gen.diff(path, "medt").facts
    assert (fact.kind, fact.left, fact.right) == ("training", None, "10")
    assert not medt_gen.diff(path, "medt").modules
    path.write_text("mine", encoding="utf-8")
    status, _, err = run(capsys, "import", SEED, "--number", 4, "-o", path)
    assert (status, path.read_text(encoding="utf-8")) == (1, "mine")
    assert "--force" in err
    assert run(capsys, "import", SEED, "--number", 4, "-o", path, "--force")[0] == 0


def test_a_text_with_several_asks_which(capsys):
    status, out, err = run(capsys, "import", SEED)
    assert (status, out) == (1, "")
    assert "printout-several" in err
