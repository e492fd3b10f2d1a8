"""The page's scripts are typed: tsc finds nothing, and its rule is `points.py`'s."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.desktop

HERE = Path(__file__).parent


def test_the_types_of_the_scripts():
    done = subprocess.run(
        ["npx", "--no-install", "tsc", "-p", "tsconfig.json"],
        cwd=HERE,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "")
