"""What values a setting of training may have: in words, as a schema, and as a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from medt_gen.messages.wording import did_you_mean, either


@dataclass(frozen=True)
class Form:
    """The values of a setting: what they are in words, as a schema, and as a test.

    `accepts` judges plain data; `help` says what was likely meant by a wrong one, and
    `fault`, where it knows, which part of it is wrong. `metavar` is what the help of a
    command calls a value.
    """

    says: str
    schema: Mapping[str, Any]
    accepts: Callable[[Any], bool]
    metavar: str
    help: Callable[[Any], str | None] = lambda data: None
    fault: Callable[[Any], str | None] = lambda data: None


def is_number(data: Any) -> bool:
    return isinstance(data, (int, float)) and not isinstance(data, bool)


def number(
    *, above: float | None = None, least: float | None = None, most: float | None = None
) -> Form:
    """A number `above` one bound, or from `least` on, and up to `most`."""
    words: list[str] = ["a number"]
    schema: dict[str, Any] = {"type": "number"}
    if above is not None:
        words.append(f"above {above:g}")
        schema["exclusiveMinimum"] = above
    if least is not None:
        words.append(
            f"from {least:g}" if most is not None else f"of at least {least:g}"
        )
        schema["minimum"] = least
    if most is not None:
        words.append(f"to {most:g}" if least is not None else f"and up to {most:g}")
        schema["maximum"] = most

    def accepts(data: Any) -> bool:
        return (
            is_number(data)
            and abs(data) < float("inf")
            and (above is None or data > above)
            and (least is None or data >= least)
            and (most is None or data <= most)
        )

    return Form(" ".join(words), schema, accepts, "X")


def count(least: int) -> Form:
    """An integer of at least `least`."""

    def accepts(data: Any) -> bool:
        return type(data) is int and data >= least

    says = f"an integer of at least {least}"
    return Form(says, {"type": "integer", "minimum": least}, accepts, "N")


def choice(*names: str) -> Form:
    """One of some names."""

    def accepts(data: Any) -> bool:
        return isinstance(data, str) and data in names

    def help(data: Any) -> str | None:
        return did_you_mean(str(data), names)

    digits = [int(name) for name in names if name.isdecimal()]
    return Form(either(names), {"enum": [*names, *digits]}, accepts, "NAME", help)


def numbers(least: float) -> Form:
    """A list of numbers of at least `least`, not all of them zero."""

    def accepts(data: Any) -> bool:
        return (
            isinstance(data, list)
            and bool(data)
            and all(is_number(item) and least <= item < float("inf") for item in data)
            and any(data)
        )

    schema = {"type": "array", "minItems": 1, "items": {"type": "number", "minimum": 0}}
    says = f"a list of numbers of at least {least:g}, one of them above 0"
    return Form(says, schema, accepts, "[X, ...]")


def or_off(form: Form) -> Form:
    """A form, or `off`, which is the same as the setting not being there."""

    def accepts(data: Any) -> bool:
        return data is False or data == "off" or form.accepts(data)

    schema = {"anyOf": [form.schema, {"enum": [False, "off"]}]}
    return replace(form, says=f"{form.says}, or off", schema=schema, accepts=accepts)
