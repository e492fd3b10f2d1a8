"""The YAML 1.2 core schema: what a plain scalar means."""

from __future__ import annotations

import math
import re

from medt_gen.algebra.expressions import LARGEST

ScalarValue = None | bool | int | float | str

_WORDS: dict[str, ScalarValue] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII)
_MOST_CHARACTERS = len(oct(LARGEST))


class BadNumber(ValueError):
    """A number that no spec can hold; the message says why, `help` what to do."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.help = help


def _too_long() -> BadNumber:
    message = "the integer does not fit in 64 bits"
    return BadNumber(message, "write it in quotes if it is no number")


def yaml_value(text: str) -> ScalarValue:
    """The value of a plain (unquoted) scalar.

    Raises BadNumber for integers beyond 64 bits and for numbers that are not finite.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return _finite(float(text))
    if _NOT_FINITE.fullmatch(text):
        raise BadNumber("the number is not finite", "write a finite number")
    return text


def _integer(text: str) -> int:
    # Refused by length first: converting thousands of digits takes quadratic time.
    if len(text.lstrip("+-0")) > _MOST_CHARACTERS:
        raise _too_long()
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    value = int(text[2:] if base != 10 else text, base)
    if abs(value) > LARGEST:
        raise _too_long()
    return value


def _finite(value: float) -> float:
    if not math.isfinite(value):
        message = "the number is too large for a 64-bit float"
        raise BadNumber(message, "write a smaller number")
    return value
