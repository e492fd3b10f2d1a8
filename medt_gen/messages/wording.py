"""Wording of messages: known names near a misspelled one, and text made safe."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence

_FARTHEST = 8
_MOST = 1_000
# A word of so many letters that another one starts with is likely meant by it.
_SHORTEST_START = 3


def nearest(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The known names closest to `name`, best first; case is no difference."""
    # difflib is slow: only names of about this length, and not too many of them.
    alike = [item for item in known if abs(len(item) - len(name)) <= _FARTHEST]
    folded = {item.casefold(): item for item in sorted(alike, reverse=True)[:_MOST]}
    word = name.casefold()[:80]
    if word in folded:
        return [folded[word]]
    hits = difflib.get_close_matches(word, folded, most, cutoff=0.6)
    if not hits and len(word) >= _SHORTEST_START:
        hits = [item for item in sorted(folded) if item.startswith(word)][:most]
    return [folded[hit] for hit in hits]


def did_you_mean(
    name: str, known: Iterable[str], mark: str = "", *, listed: int = 12
) -> str | None:
    """A help text such as ``did you mean `padding`?``, or the choices, or None.

    Where none is near, up to `listed` choices are named.
    """
    names = sorted(set(known))
    near = nearest(name, names)
    if near:
        return "did you mean " + either([f"`{mark}{item}`" for item in near]) + "?"
    if 0 < len(names) <= listed:
        return "known here: " + ", ".join(f"`{mark}{item}`" for item in names)
    return None


def either(names: Sequence[str], word: str = "or") -> str:
    """The names as a sentence has them: `a`, `a or b`, `a, b or c`."""
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last


def data_in_words(data: object) -> str:
    """What a value is, as a message has it: `is 3`, `is the text 'two'`."""
    if data is None:
        return "is nothing"
    if isinstance(data, bool):
        return "is true" if data else "is false"
    if isinstance(data, dict):
        return "is a mapping"
    if isinstance(data, str):
        return f"is the text '{shown(data)}'"
    if isinstance(data, list):
        return f"is the list {shown(str(data))}"
    return f"is {shown(str(data))}"


def counted(number: int, word: str) -> str:
    """A number with its word: `1 error`, `3 errors`."""
    return f"{number:,} {word}" + ("" if number == 1 else "s")


_LONGEST_MESSAGE = 2_000


def first_of(names: Sequence[str], most: int, mark: str = "") -> str:
    """The first names, made safe, and how many more there are: `a, b and 3 more`."""
    named = ", ".join(f"{mark}{shown(name)}{mark}" for name in names[:most])
    more = len(names) - most
    return f"{named} and {more:,} more" if more > 0 else named


def whole(text: str) -> str:
    """A message made safe, all of it but for an absurd length."""
    return shown(text, most=_LONGEST_MESSAGE)


def shown(text: str, most: int = 60) -> str:
    """`text` made safe for a message: control characters escaped, cut when long."""
    cut = text if len(text) <= most else text[: most - 3] + "..."
    return "".join(_visible(character) for character in cut)


def _visible(character: str) -> str:
    if character == " " or unicodedata.category(character)[0] not in "CZ":
        return character
    return character.encode("unicode_escape").decode("ascii")
