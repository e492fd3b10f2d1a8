"""Every message as users see it: command, output and exit code, kept as golden files.

`python -m tools.refresh messages` writes the files again; read them before you commit
them, aloud.
"""

from __future__ import annotations

import ast
from typing import get_args

import pytest
from support import ROOT

from medt_gen.messages.codes import Code
from medt_gen.messages.explanations import explanations, page
from tools.refresh.messages import (
    FOLDER,
    PRINTOUT_CASES,
    commands,
    complaint,
    golden_path,
    transcript,
)

COMMANDS = commands(ROOT)
EXPECTED = ROOT / FOLDER / "expected"

# Guards against defects of our own: no input is known that leads there.
UNREACHED = {"import-inexact"}


def golden(name: str) -> str:
    return golden_path(name, ROOT).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_message(name: str) -> None:
    assert transcript(COMMANDS[name], ROOT) == golden(name)


@pytest.mark.parametrize("name", sorted(PRINTOUT_CASES))
def test_message_of_a_printout(name: str) -> None:
    assert complaint(PRINTOUT_CASES[name]) == golden(name)


def test_no_golden_file_is_left_over() -> None:
    kept = {path.stem for path in EXPECTED.glob("*.txt")}
    assert kept == {*COMMANDS, *PRINTOUT_CASES}


CODES = get_args(Code)


def texts_in_source() -> set[str]:
    """Every text that stands in the package's Python, but for the list of codes."""
    found = set()
    for path in (ROOT / "medt_gen").rglob("*.py"):
        if path.name != "codes.py":
            nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            found |= {item.value for item in nodes if isinstance(item, ast.Constant)}
    return found


def test_every_code_is_explained_and_no_other() -> None:
    """mypy holds the callers to the type: a code outside of it can't be given."""
    assert sorted(CODES) == sorted(explanations())


def test_every_code_is_given_somewhere() -> None:
    assert set(CODES) <= texts_in_source()


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_is_in_a_golden_file(code: str) -> None:
    golden = [path.read_text(encoding="utf-8") for path in EXPECTED.glob("*.txt")]
    known = any(f"[{code}]" in text for text in golden)
    assert known is (code not in UNREACHED)


def test_the_page_of_all_codes_is_fresh() -> None:
    assert (ROOT / "docs" / "errors.md").read_text(encoding="utf-8") == page()
