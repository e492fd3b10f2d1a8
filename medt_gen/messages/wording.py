"""Wording of messages: known names near a misspelled one, and text made safe."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

_FARTHEST = 8
_MOST = 1_000


def nearest(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The known names closest to `name`, best first; case is no difference."""
    # difflib is slow: only names of about this length, and not too many of them.
    alike = [item for item in known if abs(len(item) - len(name)) <= _FARTHEST]
    folded = {item.casefold(): item for item in sorted(alike, reverse=True)[:_MOST]}
    hits = difflib.get_close_matches(name.casefold()[:80], folded, most, cutoff=0.6)
    if name.casefold() in folded:
        return [folded[name.casefold()]]
    return [folded[hit] for hit in hits]


def did_you_mean(name: str, known: Iterable[str], mark: str = "") -> str | None:
    """A help text such as ``did you mean `padding`?``, or the choices, or None."""
    names = sorted(set(known))
    near = nearest(name, names)
    if near:
        return "did you mean " + _either(near, mark) + "?"
    if 0 < len(names) <= 12:
        return "known here: " + ", ".join(f"`{mark}{item}`" for item in names)
    return None


def _either(names: list[str], mark: str) -> str:
    quoted = [f"`{mark}{name}`" for name in names]
    return (
        quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
    )


def shown(text: str, most: int = 60) -> str:
    """`text` made safe for a message: control characters escaped, cut when long."""
    cut = text if len(text) <= most else text[: most - 3] + "..."
    return "".join(_visible(character) for character in cut)


def _visible(character: str) -> str:
    if character == " " or unicodedata.category(character)[0] not in "CZ":
        return character
    return character.encode("unicode_escape").decode("ascii")
