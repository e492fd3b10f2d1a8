"""Writing emitted files: never over work that is not ours."""

from __future__ import annotations

from pathlib import Path

from medt_gen.emitter.stamp import is_ours, is_untouched
from medt_gen.files.writing import existing, unwritable, write_text
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput


def write_source(path: Path, source: str, *, force: bool = False) -> None:
    """Write an emitted file in one step.

    Raises InvalidInput rather than replace a file that medt-gen did not write, or that
    a person has edited since, unless `force`; UnreadableInput when writing fails.
    """
    if not force:
        _refuse_foreign(path)
    write_text(path, source)


def _refuse_foreign(path: Path) -> None:
    try:
        text = existing(path)
    except OSError as error:
        raise unwritable(path, error) from None
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
