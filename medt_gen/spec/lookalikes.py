"""Characters that look like the ones of the language, and are others.

People type them with an input method for Chinese or Japanese, and word processors put
them in place of quotes, dashes and spaces.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_MEANT = {
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    "\u3001": ",",
    "\u3002": ".",
    "\u3010": "[",
    "\u3011": "]",
    "\u2223": "|",
    "\u00a6": "|",
    "\u00d7": "x",
}
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")


@dataclass(frozen=True)
class Lookalike:
    """A character at an offset of a text, and what it looks like; "" for nothing."""

    offset: int
    character: str
    meant: str

    @property
    def message(self) -> str:
        """What it is."""
        name = unicodedata.name(self.character, "a character without a name")
        name = name.lower().replace("fullwidth", "full-width")
        code = f"U+{ord(self.character):04X}"
        if not self.meant:
            return f"a character that can't be seen stands here: {name} ({code})"
        if self.meant == " ":
            return f"this is no space, but {_article(name)} ({code})"
        return f"this is {_article(name)} ({code}), and not `{self.meant}`"

    @property
    def help(self) -> str:
        """What to do about it."""
        if not self.meant:
            return "remove it"
        return "type a space" if self.meant == " " else f"type `{self.meant}`"


def lookalike(text: str) -> Lookalike | None:
    """The first character of `text` that looks like one of the language."""
    if text.isascii():
        return None
    for offset, character in enumerate(text):
        meant = _meant(character)
        if meant is not None:
            return Lookalike(offset, character, meant)
    return None


def _meant(character: str) -> str | None:
    if character.isascii():
        return None
    if character in _INVISIBLE:
        return ""
    if character in _MEANT:
        return _MEANT[character]
    if unicodedata.category(character) == "Zs":
        return " "
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 and plain.isascii() and plain != character else None


def _article(name: str) -> str:
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
