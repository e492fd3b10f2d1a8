"""Completion and versions: what a shell asks, and what is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from support import run

import medt_gen

ASK = """
eval "$(medt-gen completion bash)"
COMP_LINE="$1"; COMP_POINT=${#COMP_LINE}; COMP_TYPE=9
COMP_WORDS=($1); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_python_argcomplete medt-gen
printf '%s\\n' "${COMPREPLY[@]}"
"""


def completed(line, folder):
    """What bash offers for a line."""
    bash = shutil.which("bash")
    assert bash is not None
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [bash, "--norc", "-c", ASK, "bash", line],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={**os.environ, "PATH": path},
    )
    return done.stdout.split()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("medt-gen su", "summary"),
        ("medt-gen build --js", "--json"),
        ("medt-gen explain upsa", "upsample"),
        ("medt-gen build three_sc", "three_scales"),
        ("medt-gen build min", "mine.yaml"),
        ("medt-gen new x.yaml --from plain", "plain_unet"),
    ],
)
def test_bash_completes(line, offered, tmp_path):
    (tmp_path / "mine.yaml").touch()
    assert completed(line, tmp_path) == [offered]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_its_lines(shell, capsys):
    status, out, _ = run(capsys, "completion", shell)
    assert status == 0
    assert f"medt-gen completion {shell}" in out.splitlines()[0]
    assert "_ARGCOMPLETE" in out


def test_without_the_library_it_is_named(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "argcomplete", None)
    monkeypatch.setitem(sys.modules, "argcomplete.shell_integration", None)
    status, out, err = run(capsys, "completion", "bash")
    assert (status, out) == (2, "")
    assert "pip install 'medt-gen[completion]'" in err


def test_versions_are_those_that_are_installed(capsys):
    status, out, _ = run(capsys, "--version")
    assert status == 0
    assert out.startswith(f"medt-gen {medt_gen.__version__}, torch ")
    assert metadata.version("torch") in out


def test_a_version_without_torch(capsys, monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr("medt_gen.cli.metadata.version", missing)
    assert "without torch" in run(capsys, "--version")[1]
