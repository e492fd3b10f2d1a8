"""How wide a text is drawn, and what of it fits.

The advance widths are those of Helvetica, in thousandths of its size; Arial and
Liberation Sans have the same.
"""

from __future__ import annotations

import unicodedata

_GROUPS = {
    191: "'",
    222: "ijl",
    260: "|",
    278: " !,./:;I[\\]ft",
    333: "()-`r",
    334: "{}",
    355: '"',
    389: "*",
    469: "^",
    500: "Jckszvxy",
    556: "#$0123456789?L_abdeghnopqu",
    584: "+<=>~",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1000: "…",
    1015: "@",
}
_WIDTHS = {letter: width for width, letters in _GROUPS.items() for letter in letters}
_WIDEST = 1015
_CUT = "…"


def text_width(text: str, size: float) -> float:
    """The width of a line of text in the unit of `size`, its font's size.

    A letter that the table does not have counts as wide as the widest, or as nothing if
    it only marks the one before it.
    """
    return sum(map(_letter_width, text)) * size / 1000


def _letter_width(letter: str) -> int:
    if letter in _WIDTHS:
        return _WIDTHS[letter]
    return 0 if unicodedata.combining(letter) else _WIDEST


def fitted(text: str, size: float, room: float) -> str:
    """The text, its end cut off with a mark where it is wider than `room`.

    "" where not even three letters and the mark fit.
    """
    if text_width(text, size) <= room:
        return text
    for length in range(len(text) - 1, 2, -1):
        cut = text[:length].rstrip(" ,_.") + _CUT
        if text_width(cut, size) <= room:
            return cut
    return ""
