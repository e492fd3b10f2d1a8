"""A module's own text as named values, and what torch versions print differently.

`Conv2d(3, 8, bias=False)` becomes in_channels 3, out_channels 8, bias False. Two
printouts of one model by two torch versions then have equal values: what only one of
them prints is left out where it has the value that the other implies.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from medt_gen.printouts.addresses import masked, without_devices
from medt_gen.printouts.tree import REMARK_LINE
from medt_gen.printouts.versions import (
    ARROW_ARGUMENTS,
    ONE_CLASS,
    SPELLED_OUT,
    Printing,
    printing,
    unnamed,
)

Values = tuple[tuple[str, str], ...]
"""(argument, value) in printed order."""

_TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|[()\[\]{}]|,")
_NAMED = re.compile(r"([^\W\d]\w*)\s*[=:]\s*(.*)", re.DOTALL)
_ARROW = re.compile(r"(\d+) -> (\d+)")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d*)?(e[+-]?\d{1,3})?", re.ASCII)
_NUMBERS = re.compile(r"[(\[][\d\s.,()\[\]e+-]*[)\]]", re.ASCII)
_SIZE = re.compile(r"torch\.Size\((\[[\d\s,]*\])\)", re.ASCII)
_QUOTED = re.compile(r"(['\"])([\w ./-]*)\1")
_LONGEST_LIST = 200


def values(type_name: str, lines: tuple[str, ...]) -> Values:
    """What a module's own lines say, as they stand; only addresses are masked.

    An unnamed value gets torch's argument name where its type is known, else `[0]`,
    `[1]` and so on by position.
    """
    names = unnamed(type_name)
    result: list[tuple[str, str]] = []
    for line in lines:
        if REMARK_LINE.match(line):
            continue
        for item in _split(masked(line.strip())):
            position = len(result)
            if named := _NAMED.fullmatch(item):
                result.append((named[1], named[2]))
            elif (arrow := _ARROW.fullmatch(item)) and type_name in ARROW_ARGUMENTS:
                result += zip(ARROW_ARGUMENTS[type_name], arrow.groups(), strict=True)
            elif position < len(names):
                result.append((names[position], item))
            else:
                result.append((f"[{position}]", item))
    return tuple(result)


@lru_cache(maxsize=65536)
def comparable(type_name: str, lines: tuple[str, ...]) -> Values:
    """The values with everything that depends on the printing torch version removed.

    Numbers are equal by value (`1` and `1.0`), lists and tuples by their items, words
    with and without quotation marks (`mode=bilinear` and `mode='bilinear'`); a device
    is no architecture.
    """
    known = printing(type_name)
    kept_lines = tuple(without_devices(line) for line in lines)
    pairs = values(type_name, kept_lines)
    if known.one_tuple and len(pairs) > 1:
        pairs = ((pairs[0][0], f"({', '.join(value for _, value in pairs)})"),)
    plain = tuple(_plain_values(pairs, known))
    implied = known.implied(dict(plain))
    kept = (pair for pair in plain if implied.get(pair[0]) != pair[1])
    return tuple(_spelled_out(pair) for pair in kept)


def comparable_type(type_name: str) -> str:
    """The class name without what depends on the printing torch version."""
    return ONE_CLASS.get(type_name, type_name)


def _plain_values(pairs: Values, known: Printing) -> Iterator[tuple[str, str]]:
    for key, value in pairs:
        alone = key.startswith("[") and value in SPELLED_OUT
        name = key if alone else known.renamed.get(key, key)
        plain = _plain(value)
        yield name, _one_number(plain) if name in known.one_number else plain


def _spelled_out(pair: tuple[str, str]) -> tuple[str, str]:
    name, value = pair
    alone = name.startswith("[") and value in SPELLED_OUT
    return (value, SPELLED_OUT[value]) if alone else pair


def without_size(value: str) -> str:
    """`torch.Size([8])`, as torch before 1.0 printed a shape, as `[8]`."""
    size = _SIZE.fullmatch(value)
    return size[1] if size else value


def _plain(value: str) -> str:
    if quoted := _QUOTED.fullmatch(value):
        return quoted[2]
    if _NUMBER.fullmatch(value):
        return _plain_number(float(value))
    value = without_size(value)
    if len(value) <= _LONGEST_LIST and _NUMBERS.fullmatch(value):
        return _plain_list(value) or value
    return value


def _plain_number(number: float) -> str:
    return str(int(number)) if number.is_integer() else repr(number)


def _plain_list(text: str) -> str | None:
    """`[3, 3]`, `(3.0, 3)` and `(3, 3)` alike; None for what is no list of numbers."""
    try:
        items = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return _listed(items) if isinstance(items, list | tuple) else None


def _listed(items: list[object] | tuple[object, ...]) -> str:
    texts = [
        _listed(item)
        if isinstance(item, list | tuple)
        else _plain_number(float(item))
        if isinstance(item, int | float)
        else repr(item)
        for item in items
    ]
    return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"


def _one_number(value: str) -> str:
    """`(2, 2)` as `2`."""
    items = value.strip("()").rstrip(",").split(", ")
    return items[0] if value.startswith("(") and len(set(items)) == 1 else value


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
