"""Undo what mail programs, blogs and terminals do to a printout, line by line.

HTML entities, full-width punctuation, no-break spaces, terminal colours and carriage
returns are replaced by what the printout had. Lines stay lines, so that a place found
in the repaired text can be named in the text that was given.
"""

from __future__ import annotations

import html
import re

COLOUR = "\x1b["
"""How a terminal's colour codes start; no printout has them by itself."""

_DAMAGE = re.compile(
    r"\x1b\[[0-9;?]*[A-Za-z]"
    r"|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});"
    r"|\r(?=\n|\Z)|[\uff01-\uff5e\u3000\u00a0\u2018\u2019\u201c\u201d\ufeff\u200b]"
)
_QUOTES = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'}
_SPACES = "\u3000\u00a0"
_FULL_WIDTH_SHIFT = 0xFF01 - 0x21


def repair(text: str) -> str:
    """The text with everything that is no printout's own replaced.

    Full-width punctuation swallows the space that follows its plain form in print:
    `a,b` was `a, b` and `(x):ReLU` was `(x): ReLU`.
    """
    return _DAMAGE.sub(_plain, text)


def _plain(match: re.Match[str]) -> str:
    found = match[0]
    if found[0] == "&":
        entity = html.unescape(found)
        return " " if entity == "\u00a0" else entity.replace("\n", " ")
    if found in _SPACES:
        return " "
    if found in _QUOTES:
        return _QUOTES[found]
    if "\uff01" <= found <= "\uff5e":
        plain = chr(ord(found) - _FULL_WIDTH_SHIFT)
        follows = match.string[match.end() : match.end() + 1]
        return plain + " " if plain in ",:" and follows.strip() else plain
    return ""


def original_column(line: str, column: int) -> int:
    """The column (from 0) in `line` as given, of a column in its repaired form."""
    shift = 0
    for match in _DAMAGE.finditer(line):
        plain = _plain(match)
        if match.start() - shift + len(plain) > column:
            break
        shift += len(plain) - len(match[0])
        # what follows moved left by what the replacement is shorter
    return column - shift if column >= 0 else column
