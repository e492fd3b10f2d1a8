"""`python -m tools.refresh`: it finds what is stale in a copy, and renews only that."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support import ROOT

from tools.refresh.__main__ import PARTS, main

COPIED = (
    "specs",
    "docs",
    "generated",
    "tests/messages",
    "tests/network/printouts",
    "tests/emitter/classes",
    "tests/figures/structure",
    "tests/reference/golden",
    "medt_gen/spec/medt-gen.schema.json",
    "pyproject.toml",
)
ORACLE = "tests/reference/golden/gated.json"
EXPECTED = "tests/messages/expected"
PRINTOUTS = "tests/network/printouts"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What is generated, and what it is made of."""
    for name in COPIED:
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    return tmp_path


def differing(root: Path) -> set[str]:
    """The files under `root` that are not as in the repository."""
    files = [path.relative_to(root) for path in root.rglob("*") if path.is_file()]
    return {
        str(path)
        for path in files
        if not (ROOT / path).is_file()
        or (ROOT / path).read_bytes() != (root / path).read_bytes()
    }


def make_stale(path: Path) -> None:
    path.write_text(
        path.read_text(encoding="utf-8").replace("a", "e"), encoding="utf-8"
    )


STALE = {
    "pages": [
        "medt_gen/spec/medt-gen.schema.json",
        "docs/errors.md",
    ],
    "emitted": ["generated/gated.py"],
    "messages": [f"{EXPECTED}/bad-name.txt", f"{EXPECTED}/printout-run.txt"],
    "printouts": [f"{PRINTOUTS}/medt.txt", f"{PRINTOUTS}/medt.txt.json"],
    "classes": ["tests/emitter/classes/patches.txt"],
    "figures": ["docs/figures/medt.svg", "tests/figures/structure/gated-1.txt"],
}


LONG = ("printouts", "messages", "emitted")


@pytest.mark.parametrize(
    "part",
    [
        # All networks are built, or all messages made, several times.
        pytest.param(part, marks=[pytest.mark.slow] * (part in LONG))
        for part in PARTS
        # Pages are run: what is stale there is an output, and no other letter.
        if part != "docs"
    ],
)
def test_what_is_stale_is_listed_and_then_renewed(part, copy, capsys):
    for name in STALE[part]:
        make_stale(copy / name)
    make_stale(copy / ORACLE)
    assert main(["--check", part], copy) == 1
    listed = capsys.readouterr().out.splitlines()
    assert listed[:-1] == [f"stale      {name}" for name in STALE[part]]
    assert differing(copy) == {*STALE[part], ORACLE}, "--check writes nothing"
    assert main([part], copy) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in STALE[part])
    assert differing(copy) == {ORACLE}, "an oracle from outside is never written"


def test_a_stale_output_of_a_page_is_listed_and_then_renewed(
    tmp_path, capsys, monkeypatch
):
    page = tmp_path / "page.md"
    right = "```console\n$ medt-gen validate medt\nmedt: ok, medt_net, {}\n```\n"
    page.write_text(right.format("3 parameters"), encoding="utf-8")
    monkeypatch.setattr("tools.refresh.docs.run_pages", lambda root: [page])
    assert main(["--check", "docs"], tmp_path) == 1
    assert "stale      page.md" in capsys.readouterr().out
    assert main(["docs"], tmp_path) == 0
    assert page.read_text(encoding="utf-8") == right.format("1,560,140 parameters")


def test_a_missing_file_is_written_and_one_that_nothing_makes_is_removed(copy, capsys):
    (copy / "generated/medt.py").rename(copy / "generated/gone.py")
    assert main(["--check", "emitted"], copy) == 1
    assert capsys.readouterr().out.splitlines()[:-1] == [
        "missing    generated/medt.py",
        "left over  generated/gone.py",
    ]
    assert main(["emitted"], copy) == 0
    assert differing(copy) == set()
    assert not (copy / "generated/gone.py").exists()


def test_only_what_stands_between_the_comments_of_a_page_is_written(copy, capsys):
    page = copy / "docs/language.md"
    text = page.read_text(encoding="utf-8")
    stale = text.replace("How many channels the input has.", "Colours.")
    page.write_text(f"{stale}\nA new sentence.\n", encoding="utf-8")
    assert main(["pages"], copy) == 0
    assert page.read_text(encoding="utf-8") == f"{text}\nA new sentence.\n"


@pytest.mark.slow
def test_a_printout_of_another_torch_is_fresh(copy, capsys):
    """Which defaults are printed depends on torch's version: both are right."""
    path = copy / PRINTOUTS / "medt.txt"
    other = path.read_text(encoding="utf-8").replace(
        "affine=True, bias=True", "affine=True"
    )
    path.write_text(other, encoding="utf-8")
    assert main(["--check", "printouts"], copy) == 0
    assert capsys.readouterr().out.endswith("generated files are fresh\n")


@pytest.mark.slow
def test_nothing_that_is_generated_is_stale(capsys):
    assert main(["--check"]) == 0, capsys.readouterr().out


def test_ci_asks_for_all_of_it():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "python -m tools.refresh --check\n" in script


def test_an_unknown_part_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["colours"])
    assert ended.value.code == 2
    assert "pages, emitted, messages, printouts, classes" in capsys.readouterr().err
