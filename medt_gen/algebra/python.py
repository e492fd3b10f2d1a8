"""Python expressions as data: what a class will say, before anyone lays it out.

Text stands for itself: a name, a number, or an expression that is never broken.
"""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class PythonCall:
    """`function(positional, keyword=value)`, or a tuple where there is no function."""

    function: str
    arguments: tuple[PythonCode, ...]


@dataclass(frozen=True)
class PythonKeyword:
    """`name=value` in a call."""

    name: str
    value: PythonCode


@dataclass(frozen=True)
class PythonRepeated:
    """`*(value for _ in range(count))` in a call."""

    value: PythonCode
    count: int


@dataclass(frozen=True)
class PythonInfix:
    """`left + right + ...`."""

    operator: str
    operands: tuple[PythonCode, ...]


@dataclass(frozen=True)
class PythonIndexed:
    """`value[index]`."""

    value: PythonCall
    index: str


@dataclass(frozen=True)
class PythonDict:
    """`{key: value, ...}`; the keys are expressions as well."""

    items: tuple[tuple[str, PythonCode], ...]


PythonCode = (
    str
    | PythonCall
    | PythonKeyword
    | PythonRepeated
    | PythonInfix
    | PythonIndexed
    | PythonDict
)


def literal(value: object) -> str:
    """A number, a string, or a list of them as a Python literal."""
    if isinstance(value, str):
        safe = value.isascii() and value.isprintable()
        return json.dumps(value) if safe else ascii(value)
    if isinstance(value, list | tuple):
        items = ", ".join(literal(item) for item in value)
        return f"({items},)" if len(value) == 1 else f"({items})"
    return repr(value)
