"""Reads hostile inputs under an audit hook, and prints what they made Python do.

Run by test_audit.py in a process of its own: a hook can't be removed.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402

from medt_gen import emit, printout  # noqa: E402
from medt_gen.loading.load import load  # noqa: E402
from medt_gen.messages.diagnostics import MedtGenError  # noqa: E402
from medt_gen.messages.machine import as_github, as_json  # noqa: E402
from medt_gen.messages.render import print_diagnostics  # noqa: E402
from tools.fuzz.mutations import HOSTILE  # noqa: E402
from tools.fuzz.targets import printouts, specs  # noqa: E402

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# What reading a spec never does, by the names of CPython's audit events.
_FORBIDDEN = (
    "exec",
    "compile",
    "import",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.putenv",
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.spawn",
    "os.system",
    "pickle.find_class",
    "shutil.",
    "socket.",
    "subprocess.Popen",
    "ctypes.",
    "marshal.",
    "code.__new__",
    "urllib.Request",
)


def texts() -> Iterator[str]:
    """Every text of the golden messages, and hostile pieces in every line of a spec."""
    paths = sorted((ROOT / "tests" / "messages" / "specs").rglob("*.yaml"))
    assert paths, "the specs of the golden messages have moved"
    for path in paths:
        yield path.read_text(encoding="utf-8", errors="surrogateescape")
    lines = specs()[0].splitlines()
    for piece in HOSTILE:
        for index in range(0, len(lines), 5):
            changed = [*lines]
            changed[index] = changed[index].rpartition(" ")[0] + " " + piece
            yield "\n".join(changed)


def read(text: str) -> None:
    """Read `text` as a spec and as a printout; draw what is wrong with it."""
    for action in (lambda: load(text=text), lambda: printout.find(text)):
        try:
            action()
        except MedtGenError as error:
            console = Console(file=io.StringIO(), force_terminal=True)
            print_diagnostics(error.diagnostics, console)
            as_json(error.diagnostics)
            as_github(error.diagnostics)


def main() -> None:
    """Warm up, so that what is imported on first use is there; then watch."""
    for text in (
        *specs(),
        *printouts(),
        "modules: [",
        "1",
        "(0-1): 3 x A()",
        "a: \x00",
        "wide：1",
    ):
        read(text)
    emit(load("medt"))
    events: list[list[str]] = []
    watching = True

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if watching and (event.startswith(_FORBIDDEN) or _writes(event, arguments)):
            events.append([event, repr(arguments)[:200]])

    sys.addaudithook(hook)
    count = 0
    for text in texts():
        read(text)
        count += 1
    watching = False
    print(json.dumps({"texts": count, "events": events}))


def _writes(event: str, arguments: tuple[Any, ...]) -> bool:
    if event != "open":
        return False
    _, mode, flags = arguments
    return bool(set(mode or "") & set("wax+")) or bool((flags or 0) & _WRITING)


if __name__ == "__main__":
    main()
