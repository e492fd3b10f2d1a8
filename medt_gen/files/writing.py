"""Writing text in one step: a file is there as a whole, or as it was."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, UnreadableInput
from medt_gen.messages.wording import shown

_MOST_BYTES = 1 << 24
_MOST_SHOWN = 500

OTHER_OUTPUT = "another file with -o"
"""What else can be chosen where a file that is there is not replaced."""


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` in one step; raises UnreadableInput when that fails."""
    try:
        _replace(path, text)
    except OSError as error:
        raise unwritable(path, error) from None


def write_with(path: Path, write: Callable[[str], object]) -> None:
    """Let `write` fill a file beside `path`, and put it there in one step.

    Raises UnreadableInput when that fails; then `path` is as it was.
    """
    target = Path(os.path.realpath(path))
    try:
        handle, name = tempfile.mkstemp(
            prefix=f".{target.name}.",
            suffix="".join(target.suffixes),
            dir=target.parent,
        )
        os.close(handle)
    except OSError as error:
        raise unwritable(path, error) from None
    try:
        write(name)
        _copy_mode(target, name)
        Path(name).replace(target)
    except OSError as error:
        raise unwritable(path, error) from None
    finally:
        Path(name).unlink(missing_ok=True)


def unwritable(path: Path, error: OSError | ValueError) -> UnreadableInput:
    """Why a file could not be written."""
    reason = getattr(error, "strerror", None) or str(error)
    return UnreadableInput(Diagnostic("unwritable", f"can't write {path}: {reason}"))


def not_overwritten(path: str | Path, why: str, other: str) -> InvalidInput:
    """That a file is kept, and `why`; `other` says what to choose instead of it."""
    return InvalidInput(
        Diagnostic(
            "not-overwritten",
            f"{shown(str(path), _MOST_SHOWN)} is kept: {why}",
            help=f"choose {other}, or replace it with --force",
        )
    )


def existing(path: Path) -> str | None:
    """The text of a file that may not exist; bytes that are no text are replaced.

    Raises UnreadableInput for what can't be read, nor written, such as a folder.
    """
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise unwritable(path, error) from None


def _replace(path: Path, source: str) -> None:
    target = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(source)
        _copy_mode(target, name)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _copy_mode(target: Path, name: str) -> None:
    """A temporary file is private; the result has the old mode, or the usual one."""
    if target.exists():
        Path(name).chmod(target.stat().st_mode & 0o777)
        return
    mask = os.umask(0)
    os.umask(mask)
    Path(name).chmod(0o666 & ~mask)


def difference(path: Path, source: str) -> str:
    """A unified diff from the file to what it should hold; empty when it is fresh."""
    text = existing(path) or ""
    lines = difflib.unified_diff(
        text.splitlines(keepends=True),
        source.splitlines(keepends=True),
        f"{path} (as it is)",
        f"{path} (as the spec says)",
    )
    return "".join(lines)
