"""The folder of a run, as far as it stands for the spec that it was trained from."""

from __future__ import annotations

from pathlib import Path

SPEC = "spec.yaml"
RECORD = "run.json"


def is_run(folder: Path) -> bool:
    """Whether a folder is that of a run."""
    try:
        return (folder / RECORD).is_file() and (folder / SPEC).is_file()
    except (OSError, ValueError):
        # No name of a file: reading it will say so.
        return False


def spec_of_run(name: str) -> str:
    """The spec in the folder of a run; any other name as it is."""
    return str(Path(name) / SPEC) if is_run(Path(name)) else name
