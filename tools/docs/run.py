"""Runs a page in a folder of its own: writes its files, and runs its commands."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from medt_gen.cli import main
from tools.docs.blocks import Block, Command, blocks_of, commands_of
from tools.refresh.folders import inside

ROOT = Path(__file__).parents[2]
WIDTH = "80"

# What a page prints may not hang on who runs it: pytest cuts less where CI is set, and
# colours and options come from the environment, too. Only this much of it is kept.
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "OMP_NUM_THREADS")


@dataclass(frozen=True)
class Ran:
    """A command of a page, and what it really printed and returned."""

    command: Command
    output: str
    code: int


def prepared(folder: Path) -> Path:
    """A folder as a page finds it: with the specs that stand in a checkout."""
    (folder / "specs").symlink_to(ROOT / "specs")
    return folder


def run_page(page: str, folder: Path) -> Iterator[Ran]:
    """Run the commands of a page in `folder`, one after the other."""
    for block in blocks_of(page):
        if block.not_run is not None:
            continue
        if block.file is not None:
            _write(block, folder)
        if block.language == "console":
            for command in commands_of(block):
                yield _ran(command, folder)


def _write(block: Block, folder: Path) -> None:
    assert block.file is not None
    path = folder / block.file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(block.text, encoding="utf-8")


def _ran(command: Command, folder: Path) -> Ran:
    words = shlex.split(command.line)
    if words[0] == "medt-gen":
        output, code = _in_process(words[1:], folder)
    elif words[0] == "cat":
        output, code = (folder / words[1]).read_text(encoding="utf-8"), 0
    elif words[0] in ("python", "pytest"):
        output, code = _in_another(words, folder)
    else:
        raise ValueError(f"a page can't run `{command.line}`")
    return Ran(command, output, code)


def _in_process(words: list[str], folder: Path) -> tuple[str, int]:
    """A command of ours, run right here: starting a process takes longer."""
    told = io.StringIO()
    with (
        inside(folder),
        patch.dict(os.environ, _environment(NO_COLOR="1"), clear=True),
        redirect_stdout(told),
        redirect_stderr(told),
    ):
        try:
            code = main(words)
        except SystemExit as end:
            code = int(end.code or 0)
    return told.getvalue(), code


def _environment(**added: str) -> dict[str, str]:
    """The environment of a command: the same wherever the pages are run."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "COLUMNS": WIDTH, **added}


def _in_another(words: list[str], folder: Path) -> tuple[str, int]:
    """Python, or pytest without what the project itself sets."""
    line = [sys.executable, *words[1:]]
    if words[0] == "pytest":
        line = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words[1:]]
    done = subprocess.run(
        line,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env=_environment(PYTHONPATH=str(ROOT)),
        check=False,
    )
    return done.stdout, done.returncode
