"""`python -m tools.mutants TOOL FOLDER`: run a sample, and show what survives.

TOOL is the folder of cosmic-ray's commands, FOLDER keeps its sessions. Files of the
checkout are changed while it runs, and put back.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from tools.mutants.sample import keep_sample, mutants_of, shares

ROOMS = {
    "resolve": "tests/resolve tests/messages tests/spec",
    "emitter": "tests/emitter",
    "layers": "tests/layers",
}
"""The rooms whose mutants are made, and the tests of each."""

# Every run is the same: no order by last failures, and no examples kept or random.
_PYTEST = "-m pytest -x -q -p no:cacheprovider --hypothesis-profile=ci"
_CONFIG = """\
[cosmic-ray]
module-path = "medt_gen/{room}"
timeout = {timeout}
excluded-modules = []
test-command = "{python} {pytest} {tests}"

[cosmic-ray.distributor]
name = "local"
"""


def main() -> int:
    """Make the sample, run it, and print each survivor."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants")
    parser.add_argument("tool", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=100, help="mutants of all rooms")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--timeout", type=int, default=300, help="seconds for one")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    for room in ROOMS:
        _prepare(given, room)
    sessions = {room: given.folder / f"{room}.sqlite" for room in ROOMS}
    counts = {room: len(mutants_of(path)) for room, path in sessions.items()}
    for room, size in shares(counts, given.size).items():
        print(f"{room}: {size} of {counts[room]:,} mutants", flush=True)
        keep_sample(sessions[room], size, given.seed)
        _cosmic_ray(given, "exec", room)
        shown = ("--surviving-only", "--show-diff", sessions[room])
        subprocess.run([given.tool / "cr-report", *shown], check=True)
    return 0


def _prepare(given: argparse.Namespace, room: str) -> None:
    """A session with all mutants of a room."""
    config = _CONFIG.format(
        room=room,
        timeout=given.timeout,
        python=sys.executable,
        pytest=_PYTEST,
        tests=ROOMS[room],
    )
    given.folder.joinpath(f"{room}.toml").write_text(config, encoding="utf-8")
    _cosmic_ray(given, "init", room)


def _cosmic_ray(given: argparse.Namespace, command: str, room: str) -> None:
    files = (given.folder / f"{room}.toml", given.folder / f"{room}.sqlite")
    # Interpreters that tests start in other folders have to find the mutant, too.
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    tool = given.tool / "cosmic-ray"
    subprocess.run([tool, command, *files], env=environment, check=True)


if __name__ == "__main__":
    sys.exit(main())
