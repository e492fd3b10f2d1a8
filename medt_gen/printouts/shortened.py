"""Trees that a person has shortened by `...`, which must not be read as whole ones."""

from __future__ import annotations

import re

from medt_gen.printouts.grammar import Fault, Found, PrintoutError
from medt_gen.printouts.tree import Node, postorder

_SIGN = r"(?:\.{3,}|\u2026|\u22ee|\ufe19)"
ELLIPSIS = re.compile(rf"[\s\[(<#/*]*{_SIGN}(?!,)")
"""How a line begins that stands for others."""

SHORTENED = "the printout is shortened here: what `...` stands for is not known"

_LAST_ARGUMENT = re.compile(rf"(?:.*, ?)?{_SIGN},?")
_PLACE = re.compile(rf"^[^\w\n]*?{_SIGN}(?!,)|[(,] ?{_SIGN},?(?=\))", re.MULTILINE)


def check_whole(text: str, found: Found) -> None:
    """Refuse a tree of which something was left out.

    Raises:
        PrintoutError: a row is `...`, or the last argument of one is.
    """
    if any(_is_shortened(node) for node in postorder(found.tree)):
        match = _PLACE.search(text, found.start, found.end)
        position = match.start() if match else found.start
        raise PrintoutError(shortened(text, position))


def shortened(text: str, position: int) -> Fault:
    """What is wrong with a tree that is cut short at an offset."""
    while position < len(text) and text[position] in " \t\n(,":
        position += 1
    return Fault("printout-shortened", SHORTENED, position)


def _is_shortened(node: Node) -> bool:
    lines = [line for line in node.attributes if "." in line or not line.isascii()]
    if node.type and not node.block and len(node.attributes) == 1:
        return bool(lines and _LAST_ARGUMENT.fullmatch(lines[0].strip()))
    return any(ELLIPSIS.match(line) for line in lines)
