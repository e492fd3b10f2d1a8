"""The structure of a YAML text: quoted parts, comments and blocks of text blanked out.

What is left has the same length and lines, so that offsets mean the same.
"""

from __future__ import annotations

import re

BLANK = "\x00"
"""What stands in the place of each character that is no structure."""

_TEXT_BLOCK = re.compile(r"(?:^|[\s:-])[|>][-+0-9]*\s*$")
_BEFORE_QUOTE = " \t\n,[{:-="


def masked(text: str) -> str:
    """`text` with all that is quoted, commented or a block of text blanked out."""
    lines: list[str] = []
    quote = ""
    deeper_than: int | None = None
    for line in text.split("\n"):
        indent = indentation(line)
        if deeper_than is not None and (not line.strip() or indent > deeper_than):
            lines.append(BLANK * len(line))
            continue
        deeper_than = None
        shown, quote = _line(line, quote)
        if not quote and _TEXT_BLOCK.search(shown):
            deeper_than = indent
        lines.append(shown)
    return "\n".join(lines)


def indentation(line: str) -> int:
    """How many spaces a line begins with."""
    return len(line) - len(line.lstrip(" "))


def _line(line: str, quote: str) -> tuple[str, str]:
    """A line blanked out, and the quote that is still open behind it."""
    shown: list[str] = []
    before = "\n"
    position = 0
    while position < len(line):
        character = line[position]
        if quote:
            escaped = _escape(line, position, quote)
            if character == quote and escaped == 1:
                quote = ""
            shown.append(BLANK * escaped)
            position += escaped
            before = character
            continue
        if character == "#" and before in " \t\n":
            shown.append(BLANK * (len(line) - position))
            break
        if character in "\"'" and before in _BEFORE_QUOTE:
            quote = character
            character = BLANK
        shown.append(character)
        before = line[position]
        position += 1
    return "".join(shown), quote


def _escape(line: str, position: int, quote: str) -> int:
    """How many characters stand for one here: two for `\\"` and for `''`."""
    pair = line[position : position + 2]
    if quote == '"' and pair[:1] == "\\" and len(pair) == 2:
        return 2
    return 2 if pair == "''" and quote == "'" else 1
