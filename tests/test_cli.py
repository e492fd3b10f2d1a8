"""The command line as a whole: help, slips in its own words, and the last net."""

from __future__ import annotations

import warnings

import pytest
from support import REFERENCE, python, run

import medt_gen
from medt_gen.commands import explain

WARNED = """\
medt-gen: 1
input: {channels: 3, size: 16}
params: {classes: 2}
blocks:
  Spare: {modules: {relu: ReLU}, forward: {out: x | relu}}
modules:
  conv: {type: Conv2d, out_channels: 3, kernel_size: 1}
  soft: {type: Softmax, dim: 1}
forward: {side: x | conv, out: x | conv}
"""
CODES = ["unused-parameter", "unused-block", "unused-module", "unused-value"]


@pytest.fixture
def warned(tmp_path):
    path = tmp_path / "warned.yaml"
    path.write_text(WARNED)
    return path


def test_alone_it_prints_the_help(capsys):
    status, out, err = run(capsys)
    assert (status, err) == (0, "")
    assert out.startswith("usage: medt-gen")
    assert "validate" in out


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["biuld", "medt"], "`build`"),
        (["valdate", "medt"], "`validate` or `evaluate`"),
        (["validate", "medt", "--sett", "a=1"], "`--set`"),
        (["build", "medt", "--agianst", "x"], "`--against`"),
        (["emit", "medt", "--attention", "definiton"], "`definition`"),
    ],
)
def test_a_slip_gets_the_nearest_word(capsys, arguments, meant):
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert f"did you mean {meant}?" in err


@pytest.mark.parametrize("command", ["validate", "build", "emit"])
def test_every_command_that_reads_a_spec_shows_what_it_warns_of(
    capsys, warned, command
):
    status, _, err = run(capsys, command, warned)
    assert status == 0
    assert sorted(code for code in CODES if f"warning[{code}]" in err) == sorted(CODES)
    assert err.endswith("4 warnings\n")


def test_what_is_emitted_is_not_mixed_with_warnings(capsys, warned):
    _, out, _ = run(capsys, "emit", warned)
    compile(out, "warned.py", "exec")


def test_load_warns_as_python_does(warned):
    with pytest.warns(medt_gen.SpecWarning) as caught:
        spec = medt_gen.load(warned)
    assert [str(item.message).split("[")[1].split("]")[0] for item in caught] == [
        item.code for item in spec.warnings
    ]
    assert {item.filename for item in caught} == {__file__}
    with warnings.catch_warnings():
        warnings.simplefilter("error", medt_gen.SpecWarning)
        medt_gen.load("medt")
        with pytest.raises(medt_gen.SpecWarning):
            medt_gen.load(warned)


def test_what_a_parent_declares_is_not_the_childs_to_use(tmp_path):
    (tmp_path / "parent.yaml").write_text(WARNED)
    (tmp_path / "child.yaml").write_text("medt-gen: 1\nextends: parent.yaml\n")
    with pytest.warns(medt_gen.SpecWarning):
        spec = medt_gen.load(tmp_path / "child.yaml")
    assert {item.code for item in spec.warnings} == {"unused-module", "unused-value"}


def test_a_mistake_of_ours_is_one_line_that_asks_for_a_report(capsys, monkeypatch):
    def broken(arguments):
        raise RuntimeError("a\nsurprise")

    monkeypatch.setattr(explain, "run", broken)
    status, out, err = run(capsys, "explain")
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert "RuntimeError: a\\nsurprise" in err
    assert "report" in err
    status, out, err = run(capsys, "explain", "--debug")
    assert (status, out) == (2, "")
    assert err.startswith("Traceback")
    assert "RuntimeError" in err


def test_recursion_without_end_is_caught_as_well(capsys, monkeypatch):
    def endless(arguments):
        return endless(arguments)

    monkeypatch.setattr(explain, "run", endless)
    status, _, err = run(capsys, "explain")
    assert status == 2
    assert err.startswith("medt-gen ")
    assert "Traceback" not in err


@pytest.mark.parametrize("option", ["--set=--", "--limit=--"])
def test_two_dashes_are_a_value_like_another(capsys, option):
    """Found as `set` case 207784: argparse makes a list of them."""
    status, _, err = run(capsys, "validate", "medt", option)
    assert status in (1, 2)
    assert "mistake of its own" not in err


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("(conv1): Conv2d", f"(conv{'1' * 5000}): Conv2d"),
        ("(soft): Softmax(dim=1)", "(soft): None"),
        ("(soft): Softmax(dim=1)", "(soft): None\n  (soft): Softmax(dim=1)"),
        ("(soft): Softmax(dim=1)", "(bn1): Tanh()\n  (soft): Softmax(dim=1)"),
    ],
)
def test_what_is_almost_a_known_printout_is_imported_or_refused(
    tmp_path, capsys, before, after
):
    """Found as `import` cases 201382 and 201965."""
    path = tmp_path / "printout.txt"
    text = (REFERENCE / "golden" / "axialunet.repr.txt").read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    status, _, err = run(capsys, "import", path)
    assert status in (0, 1)
    assert "mistake of its own" not in err


def test_help_stays_fast():
    """Neither rich nor jsonschema, nor what checks specs, is there for `--help`."""
    code = (
        "import sys\n"
        "from medt_gen.cli import main\n"
        "main([])\n"
        "print([name for name in ('torch', 'jsonschema', 'rich') if name in sys.modules])"
    )
    assert python(code).stdout.splitlines()[-1] == "[]"
