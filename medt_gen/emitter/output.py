"""Writing emitted files: never over work that is not ours."""

from __future__ import annotations

from pathlib import Path

from medt_gen.emitter.stamp import is_ours, is_untouched
from medt_gen.files.writing import (
    OTHER_OUTPUT,
    existing,
    not_overwritten,
    write_text,
)


def write_source(path: Path, source: str, *, force: bool = False) -> None:
    """Write an emitted file in one step.

    Raises InvalidInput rather than replace a file that medt-gen did not write, or that
    a person has edited since, unless `force`; UnreadableInput when writing fails.
    """
    if not force:
        _refuse_foreign(path)
    write_text(path, source)


def _refuse_foreign(path: Path) -> None:
    text = existing(path)
    if text is None or is_untouched(text):
        return
    reason = (
        "it was edited after medt-gen wrote it"
        if is_ours(text)
        else "medt-gen did not write it"
    )
    raise not_overwritten(path, reason, OTHER_OUTPUT)
