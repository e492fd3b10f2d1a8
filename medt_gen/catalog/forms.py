"""What torch prints between the parentheses of a layer: its `extra_repr`, as data.

A form lists the printed arguments in printed order. The texts are those of torch before
2.13; how other versions print is told in `printouts/versions.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from medt_gen.algebra.terms import Datum, Plain
from medt_gen.catalog.arguments import Values


class Show(Enum):
    """How a value is written."""

    PLAIN = "as str() gives it"
    QUOTED = "as repr() gives it"
    THOUSANDTHS = "as a number with three digits behind the point"
    FLOATS = "as a floating-point number, or a tuple of them"


@dataclass(frozen=True)
class Field:
    """One printed argument.

    `bare` ones are printed without their name; `unless` holds the value at which the
    argument is not printed, if any; `instead` is the argument whose value stands in for
    None; a single number is printed `times` times, in a tuple, where that is not 0.
    What is `fixed` is no argument: the class always prints it.
    """

    argument: str
    show: Show = Show.PLAIN
    bare: bool = False
    unless: tuple[Plain, ...] = ()
    instead: str | None = None
    times: int = 0
    fixed: str | None = None


Form = tuple[Field, ...]


def bare(*names: str) -> Form:
    """Arguments printed without their names."""
    return tuple(Field(name, bare=True) for name in names)


def named(*names: str) -> Form:
    """Arguments printed as `name=value`."""
    return tuple(Field(name) for name in names)


def printed_text(form: Form, values: Values) -> str:
    """What stands between the parentheses for these values."""
    parts = []
    for field in form:
        value = _shown(field, values)
        if not _left_out(value, field.unless):
            text = _text(value, field)
            parts.append(text if field.bare else f"{field.argument}={text}")
    return ", ".join(parts)


def _shown(field: Field, values: Values) -> Datum:
    if field.fixed is not None:
        return field.fixed
    value = values.data(field.argument)
    if value is None and field.instead is not None:
        return values.data(field.instead)
    return value


def _left_out(value: Datum, unless: tuple[Plain, ...]) -> bool:
    if isinstance(value, list):
        return bool(unless) and all(item in unless for item in value)
    return any(
        value == item and isinstance(value, bool) == isinstance(item, bool)
        for item in unless
    )


def _text(value: Datum, field: Field) -> str:
    if field.show is Show.QUOTED or value is None:
        return repr(value)
    if field.show is Show.THOUSANDTHS:
        return f"{round(_float(value), 3):0.3f}"
    if field.show is Show.FLOATS:
        return _floats(value)
    if field.times and not isinstance(value, list | str):
        value = [value] * field.times
    return str(tuple(value)) if isinstance(value, list) else str(value)


def _floats(value: Datum) -> str:
    if isinstance(value, list):
        return str(tuple(_float(item) for item in value))
    return str(_float(value))


def _float(value: Datum) -> float:
    if isinstance(value, int | float):
        return float(value)
    raise TypeError(f"{value!r} is no number")
