"""The golden messages: what users see of each mistake, from command to exit code."""

from __future__ import annotations

import io
import shlex
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from rich.console import Console

from medt_gen.cli import main
from medt_gen.messages.diagnostics import MedtGenError
from medt_gen.messages.render import print_diagnostics
from medt_gen.printout import find, parse, pick, render
from tools.refresh.artifacts import Artifact, with_left_over
from tools.refresh.folders import inside

FOLDER = Path("tests/messages")

# Parts of a longer story: they are read by other specs.
_PARTS = {"extends-cycle-back", "in-the-parent-base"}
_COMMANDS = {
    "extends-chain": "validate chain/spec00.yaml",
    "inferred-value": "validate --pedantic inferred-value.yaml",
    "dropped-argument": "validate --pedantic dropped-argument.yaml",
    "dropped-shown": "show dropped-argument.yaml",
    "left-over-option": "validate left-over-stride.yaml "
    "--set modules.layer2.block=$patch_block --set modules.layer3_p.block=Plain",
    "strict": "validate --strict unused-warnings.yaml",
    "json": "validate --format json shape-mismatch-add.yaml unused-warnings.yaml",
    "github": "validate --format github bad-name.yaml unused-warnings.yaml",
    "plugin": "validate ok.yaml --plugin my-layers",
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
    "import-open": "import open.txt",
    "open-module-build": "build open-module-unused.yaml",
    "open-module-set": "validate ok.yaml --set modules.conv.open=Thing",
    "checkpoint-damaged": "import broken.pth",
    "checkpoint-unknown": "import weights.pth",
    "import-ambiguous": "import keys.safetensors",
    "weights": "fit keys.safetensors medt -o new-weights.pt",
    "weights-none": "fit strange.txt medt",
    "fit": "fit keys.safetensors",
    "fit-against": "fit keys.safetensors ok.yaml",
    "import-options": "import ../../reference/golden/medt.repr.txt --input-size 100",
    "data": "train ok-images.yaml --data no/such/folder --out run",
    "run": "predict no/such/run image.png --out masks",
    "training-outputs": "train axial_resnet_small --data . --out run",
    "missing-extra": "train ok-images.yaml --data . --out run",
    "usage-out": "train ok-images.yaml --data .",
    "usage-split": "train ok-images.yaml --data . --out run --seed -1",
    "emitted-file": "diff edited_network.txt ok.yaml",
    "usage-explain": "explain shape-mismach",
    "explain": "explain patch-grid",
    "limit": "validate too-large-depth.yaml --limit modules=5",
    "trace": "validate trace-eight-steps.yaml --trace",
    "set-cause": "validate ok-skip.yaml --set title=null --set modules.down.stride=3",
    "set-other-place": "validate medt --set classes=4",
    "set-parameter": "validate medt --set params.classes=two --set params.heads=8",
    "set-block": "validate medt --set params.block=AxialBlok",
    "warnings-build": "build --json unused-warnings.yaml",
    "sizes-medt-64": "validate medt --set input.size=64",
    "sizes-medt-130": "validate medt --set input.size=130",
    "sizes-medt-grid": "validate medt --set forward.local.patches.grid=[3,3]",
    "sizes-medt-oblong": "validate medt --set input.size=[100,256]",
}
"""Messages that a spec in `specs/` alone does not bring forth."""

PRINTOUT_CASES: dict[str, Callable[[], object]] = {
    "printout-none": lambda: find("nothing here", "log.txt"),
    "printout-leaves": lambda: find("we put Dropout(p=0.1) there", "log.txt"),
    "printout-other": lambda: find(_TABLE, "log.txt"),
    "printout-notebook": lambda: find('{"cells": []}', "train.ipynb"),
    "printout-part": lambda: parse("  (a): ReLU()\n  (b): Tanh()\n)", "log.txt"),
    "printout-shortened": lambda: parse("Net(\n  (a): ReLU()\n  ...\n)", "log.txt"),
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
_TABLE = "Layer (type:depth-idx)     Param #\n\u251c\u2500Conv2d: 1-1     1,728\n"
_HUGE = "A( (a): " * 9_000 + "A()" + " )" * 9_000
"""Messages of the toolkit for printouts, which commands only pass on."""


def commands(root: Path) -> dict[str, str]:
    """The commands whose output is kept; every spec in `specs/` is validated."""
    specs = sorted((root / FOLDER / "specs").glob("*.yaml"))
    names = [path.stem for path in specs if path.stem not in _PARTS]
    return {name: f"validate {name}.yaml" for name in names} | _COMMANDS


def transcript(command: str, root: Path) -> str:
    """The command with what it writes and its exit code."""
    out, err = io.StringIO(), io.StringIO()
    with inside(root / FOLDER / "specs"), redirect_stdout(out), redirect_stderr(err):
        code = main(shlex.split(command))
    text = f"$ medt-gen {command}\n{out.getvalue()}{err.getvalue()}exit {code}\n"
    return text.replace(str(root), "(the project)")


def complaint(case: Callable[[], object]) -> str:
    """What a call of the toolkit raises, as it is shown."""
    try:
        case()
    except MedtGenError as error:
        console = Console(file=io.StringIO(), width=100)
        print_diagnostics(error.diagnostics, console)
        assert isinstance(console.file, io.StringIO)
        return f"{type(error).__name__}\n{console.file.getvalue()}"
    raise AssertionError("a case that is kept for its message raised none")


def golden_path(name: str, root: Path) -> Path:
    """Where a message is kept."""
    return root / FOLDER / "expected" / f"{name}.txt"


def golden_messages(root: Path) -> list[Artifact]:
    """Every message that is kept."""
    texts = {
        **{name: transcript(line, root) for name, line in commands(root).items()},
        **{name: complaint(case) for name, case in PRINTOUT_CASES.items()},
    }
    wanted = (Artifact(golden_path(name, root), text) for name, text in texts.items())
    return with_left_over(wanted, root / FOLDER / "expected", "*.txt")
