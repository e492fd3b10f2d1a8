"""Characters that look like the ones of the language, and are others.

People type them with an input method for Chinese or Japanese, and word processors put
them in place of quotes, dashes and spaces.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
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
    """Characters at an offset of a text, and what they look like; "" for nothing."""

    offset: int
    characters: str
    meant: str

    @property
    def end(self) -> int:
        """The offset behind them."""
        return self.offset + len(self.characters)

    @property
    def message(self) -> str:
        """What they are."""
        name = _name(self.characters[0])
        if not self.meant.strip() and self.meant:
            return f"this is {_article(name)}, not a plain space"
        if not self.meant:
            return f"a character that can't be seen stands here: {name}"
        if len(self.characters) > 1:
            return f"these are not `{self.meant}`: the first is {_article(name)}"
        return f"this is {_article(name)}, not `{self.meant}`"

    @property
    def help(self) -> str:
        """What to do about it."""
        if not self.meant:
            return "remove it"
        return f"type `{self.meant}`" if self.meant.strip() else "type a space"


def lookalike(text: str) -> Lookalike | None:
    """The first characters of `text` that look like those of the language."""
    return next(lookalikes(text), None)


def lookalikes(text: str) -> Iterator[Lookalike]:
    """All of them; letters and digits that stand together are one."""
    if text.isascii():
        return
    found: Lookalike | None = None
    for offset, character in enumerate(text):
        meant = _meant(character)
        if meant is None:
            continue
        if found is not None and found.end == offset and _together(found.meant, meant):
            characters = found.characters + character
            found = Lookalike(found.offset, characters, found.meant + meant)
            continue
        if found is not None:
            yield found
        found = Lookalike(offset, character, meant)
    if found is not None:
        yield found


def _together(before: str, meant: str) -> bool:
    return (before.isalnum() and meant.isalnum()) or before == meant == " "


def _name(character: str) -> str:
    name = unicodedata.name(character, "a character without a name")
    plain = name.lower().replace("fullwidth", "full-width")
    return f"{plain} (U+{ord(character):04X})"


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
