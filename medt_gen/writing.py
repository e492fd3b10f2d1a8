"""Writing emitted files: atomically, and never over work that is not ours."""

from __future__ import annotations

import difflib
import os
import tempfile
from pathlib import Path

from medt_gen.diagnostics import Diagnostic, InvalidInput, UnreadableInput
from medt_gen.emitter.stamp import is_ours, is_untouched

_MOST_BYTES = 1 << 24


def write_source(path: Path, source: str, *, force: bool = False) -> None:
    """Write an emitted file in one step.

    Raises InvalidInput rather than replace a file that medt-gen did not write, or that
    a person has edited since, unless `force`; UnreadableInput when writing fails.
    """
    try:
        if not force:
            _refuse_foreign(path)
        _replace(path, source)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreadableInput(
            Diagnostic("unwritable", f"can't write {path}: {reason}")
        ) from None


def _refuse_foreign(path: Path) -> None:
    text = existing(path)
    if text is None or is_untouched(text):
        return
    reason = (
        "it was edited after medt-gen wrote it"
        if is_ours(text)
        else "medt-gen did not write it"
    )
    raise InvalidInput(
        Diagnostic(
            "not-overwritten",
            f"{path} is kept: {reason}",
            help="choose another file with -o, or replace it with --force",
        )
    )


def existing(path: Path) -> str | None:
    """The text of a file that may not exist; bytes that are no text are replaced."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        return file.read(_MOST_BYTES).decode("utf-8", "replace")


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
