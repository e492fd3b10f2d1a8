"""Nothing in an input is executed, imported by name, opened for writing or sent."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

WATCHED = Path(__file__).parent / "watched.py"


def test_reading_does_nothing_but_read() -> None:
    done = subprocess.run(
        [sys.executable, str(WATCHED)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["events"] == []
    assert result["texts"] > 200


def test_the_hook_would_see_it() -> None:
    """The watch itself works: the same hook sees a file that is opened for writing."""
    script = (
        "import runpy, sys\n"
        f"names = runpy.run_path({str(WATCHED)!r})\n"
        "assert names['_writes']('open', ('f', 'w', 0))\n"
        "assert names['_writes']('open', ('f', None, 1))\n"
        "assert not names['_writes']('open', ('f', 'r', 0))\n"
        "seen = []\n"
        "sys.addaudithook(lambda event, _: seen.append(event))\n"
        "eval('1 + 1'); import wave\n"
        "assert {'compile', 'exec', 'import'} <= set(seen)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_torch_is_not_imported_to_check_a_spec() -> None:
    script = (
        "import sys, medt_gen\n"
        "medt_gen.load('medt')\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
