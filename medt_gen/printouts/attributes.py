"""A module's own text as named values, and what torch versions print differently.

`Conv2d(3, 8, bias=False)` becomes in_channels 3, out_channels 8, bias False. Two
printouts of one model by two torch versions then have equal values: what only one of
them prints is left out where it has the value that the other implies.
"""

from __future__ import annotations

import re
from functools import lru_cache

from medt_gen.printouts.addresses import masked
from medt_gen.printouts.versions import ONE_CLASS, SPELLED_OUT, printing, unnamed

Values = tuple[tuple[str, str], ...]
"""(argument, value) in printed order."""

_TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|[()\[\]{}]|,")
_NAMED = re.compile(r"([^\W\d]\w*)\s*[=:]\s*(.*)", re.DOTALL)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d*)?(e[+-]?\d{1,3})?", re.ASCII)
_QUOTED = re.compile(r"(['\"])([\w ./-]*)\1")


def values(type_name: str, lines: tuple[str, ...]) -> Values:
    """What a module's own lines say, as they stand; only addresses are masked.

    An unnamed value gets torch's argument name where its type is known, else `[0]`,
    `[1]` and so on by position.
    """
    names = unnamed(type_name)
    result: list[tuple[str, str]] = []
    for line in lines:
        for item in _split(masked(line.strip())):
            named = _NAMED.fullmatch(item)
            position = len(result)
            if named:
                result.append((named[1], named[2]))
            elif position < len(names):
                result.append((names[position], item))
            else:
                result.append((f"[{position}]", item))
    return tuple(result)


@lru_cache(maxsize=65536)
def comparable(type_name: str, lines: tuple[str, ...]) -> Values:
    """The values with everything that depends on the printing torch version removed.

    Numbers are equal by value (`1` and `1.0`), words with and without quotation marks
    (`mode=bilinear` and `mode='bilinear'`).
    """
    plain = tuple((key, _plain(value)) for key, value in values(type_name, lines))
    implied = printing(type_name).implied(dict(plain))
    kept = (pair for pair in plain if implied.get(pair[0]) != pair[1])
    return tuple(_spelled_out(pair) for pair in kept)


def comparable_type(type_name: str) -> str:
    """The class name without what depends on the printing torch version."""
    return ONE_CLASS.get(type_name, type_name)


def _spelled_out(pair: tuple[str, str]) -> tuple[str, str]:
    name, value = pair
    alone = name.startswith("[") and value in SPELLED_OUT
    return (value, SPELLED_OUT[value]) if alone else pair


def _plain(value: str) -> str:
    if quoted := _QUOTED.fullmatch(value):
        return quoted[2]
    if _NUMBER.fullmatch(value):
        number = float(value)
        return str(int(number)) if number.is_integer() else repr(number)
    return value


def _split(line: str) -> list[str]:
    """Split at the commas outside of brackets and quotation marks."""
    if not line:
        return []
    items: list[str] = []
    start = depth = 0
    for match in _TOKEN.finditer(line):
        token = match[0]
        if token == "," and depth == 0:
            items.append(line[start : match.start()].strip())
            start = match.end()
        elif token in "([{":
            depth += 1
        elif token in ")]}":
            depth -= 1
    items.append(line[start:].strip())
    return [item for item in items if item] if depth == 0 else [line]
