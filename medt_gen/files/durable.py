"""Bytes that survive a crash: written beside, synced, and put in place in one step."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from medt_gen.files.writing import unwritable


def write_durably(path: Path, data: bytes) -> None:
    """Write `data` to `path`: after a crash there is the old file, or the new one.

    The bytes are on the disk before the name is, and the name is before this returns.
    Raises UnreadableInput where that fails; then `path` is as it was.
    """
    name = None
    try:
        handle, name = tempfile.mkstemp(
            prefix=f".{path.name}.", suffix=".part", dir=path.parent
        )
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        os.replace(name, path)  # noqa: PTH105 - one call, as a crash test counts them
        _sync_folder(path.parent)
    except OSError as error:
        raise unwritable(path, error) from None
    finally:
        if name is not None:
            Path(name).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """A new name in a folder is on the disk when the folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def append_durably(path: Path, line: str) -> None:
    """Add a line to a log, and sync it. Raises UnreadableInput where that fails."""
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise unwritable(path, error) from None


def sweep(folder: Path) -> None:
    """Remove what a killed process had begun to write."""
    for part in folder.glob(".*.part"):
        part.unlink(missing_ok=True)
