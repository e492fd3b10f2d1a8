"""What differs between the uses of a block -> its parameters.

Each argument inside of a block is a column: its values in all uses. Where they are the
same, they stand in the block; where they differ, they become a parameter. Two columns
that are always equal, or one a multiple of the other, share one.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from enum import Enum

from medt_gen.algebra.terms import Datum
from medt_gen.spec.identifiers import PARAMETER_NAMES, name_problem


class Absent(Enum):
    """What stands for a value that is not given and has no default."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT

Path = tuple[str, ...]
"""The names from a block down to a module in it."""

Column = list[Datum | Absent]
"""The values of one argument, in the order of the uses."""


@dataclass(frozen=True)
class Slot:
    """An argument of a module inside of a block."""

    path: Path
    argument: str


@dataclass(frozen=True)
class BlockParameter:
    """A parameter of a block.

    `declared` is what the block says of it: its type, or its default; `values` are what
    the uses need.
    """

    declared: Datum
    default: Datum | Absent
    values: Column


@dataclass(frozen=True)
class Shared:
    """What is written in a block, as values and expressions, and its parameters."""

    written: Mapping[Slot, Datum]
    parameters: Mapping[str, BlockParameter]


def shared_parameters(columns: Mapping[Slot, Column]) -> Shared:
    """Decide what is written in a block, and what its uses are to give."""
    written: dict[Slot, Datum] = {}
    known: dict[str, Column] = {}
    for slot, column in columns.items():
        if len({repr(value) for value in column}) == 1:
            if (value := column[0]) is not ABSENT:
                written[slot] = value
            continue
        expression = _expression(column, known)
        if expression is None:
            name = _free_name(slot, {*known, *PARAMETER_NAMES})
            known[name] = column
            expression = f"${name}"
        written[slot] = expression
    return Shared(written, {name: _parameter(known[name]) for name in known})


def _expression(column: Column, known: Mapping[str, Column]) -> str | None:
    """The values in terms of a parameter that is already there."""
    for name, others in known.items():
        if [repr(value) for value in column] == [repr(value) for value in others]:
            return f"${name}"
        factor = _factor(column, others)
        if factor is not None:
            return f"{factor} * ${name}"
    return None


def _factor(column: Column, others: Column) -> int | None:
    """By what whole number all the others have to be multiplied."""
    numbers, divisors = _positive(column), _positive(others)
    if numbers is None or divisors is None:
        return None
    factor = numbers[0] // divisors[0]
    products = [factor * divisor for divisor in divisors]
    return factor if products == numbers else None


def _positive(column: Column) -> list[int] | None:
    numbers = [value for value in column if type(value) is int and value > 0]
    return numbers if len(numbers) == len(column) else None


def _free_name(slot: Slot, taken: Container[str]) -> str:
    """The argument's name, with as much of its path as makes it one of its own."""
    longer = (*slot.path, _SHORT.get(slot.argument, slot.argument))
    for count in range(1, len(longer) + 1):
        name = re.sub(r"\W", "_", "_".join(longer[-count:]), flags=re.ASCII)
        name = f"n{name}" if name[:1].isdigit() else name
        if name not in taken and name_problem(name) is None:
            return name
    number = 2
    while f"{slot.argument}_{number}" in taken:
        number += 1
    return f"{slot.argument}_{number}"


# `$in_channels` itself is what a flow gives a block.
_SHORT = {"in_channels": "channels"}


def _parameter(column: Column) -> BlockParameter:
    """A parameter declared by its type, or by the first use's value as its default."""
    kinds = {type(value) for value in column}
    if kinds == {int, list}:
        # A number for all axes in one use, one for each in another.
        return BlockParameter("int", ABSENT, column)
    if kinds == {int}:
        return BlockParameter("int", ABSENT, column)
    if kinds == {bool}:
        return BlockParameter("bool", ABSENT, column)
    if kinds <= {int, float}:
        return BlockParameter("float", ABSENT, column)
    first = column[0]
    default = first if kinds in ({list}, {str}) and first is not ABSENT else None
    return BlockParameter(default, default, column)
