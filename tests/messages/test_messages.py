"""Every message as users see it: command, output and exit code, kept as golden files.

`MEDT_GEN_UPDATE=1 pytest tests/messages` writes the files again; read them before
you commit them, aloud.
"""

from __future__ import annotations

import ast
import io
import os
import shlex
from pathlib import Path
from typing import get_args

import pytest
from rich.console import Console

from medt_gen.cli import main
from medt_gen.messages.codes import Code
from medt_gen.messages.diagnostics import MedtGenError
from medt_gen.messages.explanations import explanations, page
from medt_gen.messages.render import print_diagnostics
from medt_gen.printout import find, parse, pick, render

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SPECS = HERE / "specs"
EXPECTED = HERE / "expected"

# Parts of a longer story: they are read by other specs.
PARTS = {"extends-cycle-back", "in-the-parent-base"}
COMMANDS = {
    path.stem: f"validate {path.name}"
    for path in sorted(SPECS.glob("*.yaml"))
    if path.stem not in PARTS
} | {
    "extends-chain": "validate chain/spec00.yaml",
    "inferred-value": "validate --pedantic inferred-value.yaml",
    "strict": "validate --strict unused-warnings.yaml",
    "json": "validate --format json shape-mismatch-add.yaml unused-warnings.yaml",
    "github": "validate --format github bad-name.yaml unused-warnings.yaml",
    "set-syntax": "validate ok.yaml --set input.size",
    "set-empty": "validate ok.yaml --set title=",
    "set-yaml": "validate ok.yaml --set 'input.size=[1'",
    "set-tag": "validate ok.yaml --set 'title=!!python/name:os.system'",
    "set-wrong-value": "validate ok.yaml --set modules.conv.kernel_size=0",
    "set-expression": "validate ok.yaml --set 'modules.conv.out_channels=$n + 1'",
    "unknown-path": "validate ok.yaml --set inputs.size=3 --set modules.cnv.bias=true",
    "unknown-path-list": "validate key-not-a-string.yaml --set input.size=16",
    "unknown-path-item": "validate wrong-value-size.yaml --set input.size.3=16",
    "unreadable-missing": "validate no/such/file.yaml",
    "unreadable-name": "validate medtt",
    "unreadable-checkpoint": "diff ok.yaml no/such.pt",
    "unreadable-folder": "validate empty-folder",
    "unreadable-device": "validate /dev/null",
    "usage-limit": "validate ok.yaml --limit speed=9",
    "usage-check": "emit ok.yaml --check",
    "usage-number": "build ok.yaml --number 2",
    "not-overwritten": "emit ok.yaml -o edited.txt",
    "unwritable": "emit ok.yaml -o no/such/folder/ok.py",
    "not-in-catalog": "import strange.txt",
    "checkpoint-damaged": "import broken.pth",
    "checkpoint-unknown": "import weights.pth",
    "import-ambiguous": "import keys.safetensors",
    "import-options": "import ../../reference/golden/medt.repr.txt --input-size 100",
    "emitted-file": "diff edited_network.txt ok.yaml",
    "usage-explain": "explain shape-mismach",
    "explain": "explain patch-grid",
    "limit": "validate too-large-depth.yaml --limit modules=5",
    "sizes-medt-64": "validate medt --set input.size=64",
    "sizes-medt-130": "validate medt --set input.size=130",
    "sizes-medt-grid": "validate medt --set forward.local.patches.grid=[3,3]",
    "sizes-medt-oblong": "validate medt --set input.size=[100,256]",
}


PRINTOUT_CASES = {
    "printout-none": lambda: find("nothing here", "log.txt"),
    "printout-cut-off": lambda: parse("Net(\n  (relu): ReLU(\n", "log.txt"),
    "printout-broken": lambda: parse("Net(\n  (a): ReLU()\n and so on\n)", "log.txt"),
    "printout-run": lambda: parse("Net(\n  (0-3): 5 x ReLU()\n)", "log.txt"),
    "printout-ambiguous": lambda: parse("Net( (a): ReLU() (a): ReLU() )", "log.txt"),
    "printout-several": lambda: pick(find(_TWO), None, None),
    "printout-number": lambda: pick(find(_TWO), 3, None),
    "printout-class": lambda: pick(find(_TWO), None, "Other"),
    "printout-too-large": lambda: render(parse(_HUGE)),
}
_TWO = "A(\n  (r): ReLU()\n)\n\nB(\n  (r): ReLU()\n)\n"
_HUGE = "A( (a): " * 9_000 + "A()" + " )" * 9_000


# Guards against defects of our own: no input is known that leads there.
UNREACHED = {"import-inexact"}


def transcript(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """The command with what it writes and its exit code."""
    code = main(shlex.split(command))
    out, err = capsys.readouterr()
    text = f"$ medt-gen {command}\n{out}{err}exit {code}\n"
    return text.replace(str(ROOT), "(the project)")


def check(name: str, text: str) -> None:
    """Compare with the golden file, or write it when asked to."""
    path = EXPECTED / f"{name}.txt"
    if os.environ.get("MEDT_GEN_UPDATE"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_message(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(SPECS)
    check(name, transcript(COMMANDS[name], capsys))


@pytest.mark.parametrize("name", sorted(PRINTOUT_CASES))
def test_message_of_a_printout(name: str) -> None:
    with pytest.raises(MedtGenError) as caught:
        PRINTOUT_CASES[name]()
    console = Console(file=io.StringIO(), width=100)
    print_diagnostics(caught.value.diagnostics, console)
    check(name, f"{type(caught.value).__name__}\n{console.file.getvalue()}")


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
