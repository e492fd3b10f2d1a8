"""Guards for inputs that are meant to do harm."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from medt_gen.cli import main

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

# A hang ends the test; the bounds that matter are counted, not timed.
_PATIENCE = 120


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    def alarm(number: int, frame: FrameType | None) -> None:
        pytest.fail(f"still running after {_PATIENCE} seconds")

    before = signal.signal(signal.SIGALRM, alarm)
    signal.alarm(_PATIENCE)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Runs medt-gen in an empty folder; gives the exit code and all that is written."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str]:
        code = main(arguments)
        out, err = capsys.readouterr()
        return code, out + err

    return run


@pytest.fixture
def calls() -> Callable[[Callable[[], Any]], int]:
    """Counts the function calls that something takes: its work, whatever the clock."""

    def count(action: Callable[[], Any]) -> int:
        total = 0

        def profile(frame: FrameType, event: str, argument: Any) -> None:
            nonlocal total
            total += event in ("call", "c_call")

        sys.setprofile(profile)
        try:
            action()
        finally:
            sys.setprofile(None)
        return total

    return count
