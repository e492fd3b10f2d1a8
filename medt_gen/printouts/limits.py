"""How much text printouts may take, read or written."""

from __future__ import annotations

from medt_gen.files.reading import read_source
from medt_gen.messages.diagnostics import Source

MOST_TEXT = 64 * 1024 * 1024
"""Bytes that are read, characters that are written: deep nesting makes a text's
indentation quadratic, and the paths in it, so there must be a limit."""


def read_text(path: str, what: str = "text with printouts") -> Source:
    """A text that may hold printouts; `-` is standard input.

    Raises:
        UnreadableInput: it can't be read, or is longer than `MOST_TEXT`.
        InvalidInput: it is not UTF-8 text.
    """
    return read_source(path, most=MOST_TEXT, what=what)
