"""Undo what mail programs, web pages and terminals do to a printout.

HTML tags and entities, full-width punctuation, no-break spaces, terminal colours,
carriage returns and backslashes are replaced by what the printout had. Where each piece
came from is kept, so that a place in the repaired text can be named in the given one.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

COLOUR = "\x1b["
"""How a terminal's colour codes start; no printout has them by itself."""

_TAGS = (
    "pre|code|span|div|p|b|i|u|em|strong|font|a|tt|samp|kbd|small|big|td|tr|tbody"
    "|table|li|ul|ol|blockquote|body|html|br"
)
_DAMAGE = re.compile(
    r"\x1b\[[0-9;?]*[A-Za-z]"
    r"|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});"
    rf"|</?(?:{_TAGS})(?:\s[^<>\n]*)?/?>"
    r"|\r(?=\n|\Z)|[\uff01-\uff5e\u3000\u00a0\u2018\u2019\u201c\u201d\ufeff\u200b]",
    re.IGNORECASE,
)
_LINE_END = re.compile(r"\r+(?=\n|\Z)")
_ESCAPE = re.compile(r"\\(?:[nt\"'\\_*()\[\]#<>=.+-])|\\r(?=\\n)")
_ESCAPES = {"\\n": "\n", "\\t": "\t", "\\r": ""}
_ENDS_A_LINE = re.compile(r"<br\s*/?>|</(?:div|p|li|tr|pre)>", re.IGNORECASE)
_BREAK_FOLLOWS = re.compile(r"[ \t]*\r?\n")
_QUOTES = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'}
_SPACES = "\u3000\u00a0"
_FULL_WIDTH_SHIFT = 0xFF01 - 0x21


@dataclass(frozen=True)
class Repaired:
    """A text without its damage.

    `starts` are offsets in it, ascending, and `shifts` how much further to the right
    the text from there on stood in the text `of` which it was made.
    """

    text: str
    starts: tuple[int, ...] = ()
    shifts: tuple[int, ...] = ()
    of: Repaired | None = None

    def original(self, offset: int) -> int:
        """The offset in the text that was given at first."""
        place = bisect_right(self.starts, offset) - 1
        before = offset + self.shifts[place] if place >= 0 else offset
        return before if self.of is None else self.of.original(before)


def without_carriage_returns(text: str) -> Repaired:
    """The text with the line ends of Windows made plain, where all lines have them."""
    given = Repaired(text)
    windows = text.count("\r\n")
    if not windows or windows < text.count("\n"):
        return given
    return _replaced(given, _LINE_END, lambda _: "")


def repair(given: Repaired) -> Repaired:
    """A text with everything that is no printout's own replaced.

    Full-width punctuation swallows the space that follows its plain form in print:
    `a,b` was `a, b` and `(x):ReLU` was `(x): ReLU`.
    """
    return _replaced(given, _DAMAGE, _plain)


def unescape(given: Repaired) -> Repaired:
    """A text whose line breaks and brackets are written with backslashes, without."""
    return _replaced(given, _ESCAPE, _unescaped) if "\\" in given.text else given


def _replaced(
    given: Repaired, damage: re.Pattern[str], plain: Callable[[re.Match[str]], str]
) -> Repaired:
    parts: list[str] = []
    starts: list[int] = []
    shifts: list[int] = []
    taken = length = 0
    for match in damage.finditer(given.text):
        part = given.text[taken : match.start()] + plain(match)
        parts.append(part)
        length += len(part)
        taken = match.end()
        starts.append(length)
        shifts.append(taken - length)
    if not parts:
        return given
    parts.append(given.text[taken:])
    return Repaired("".join(parts), tuple(starts), tuple(shifts), given)


def _plain(match: re.Match[str]) -> str:
    found = match[0]
    if found[0] == "&":
        entity = html.unescape(found)
        return " " if entity == "\u00a0" else entity.replace("\n", " ")
    if found[0] == "<":
        breaks = _ENDS_A_LINE.fullmatch(found) is not None
        in_text = _BREAK_FOLLOWS.match(match.string, match.end()) is None
        return "\n" if breaks and in_text else ""
    if found in _SPACES:
        return " "
    if found in _QUOTES:
        return _QUOTES[found]
    if "\uff01" <= found <= "\uff5e":
        plain = chr(ord(found) - _FULL_WIDTH_SHIFT)
        follows = match.string[match.end() : match.end() + 1]
        return plain + " " if plain in ",:" and follows.strip() else plain
    return ""


def _unescaped(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0], match[0][1:])
