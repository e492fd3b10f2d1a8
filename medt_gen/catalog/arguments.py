"""Arguments of layers and operations, and the values that a use gives them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from medt_gen.algebra.terms import (
    ArgumentValue,
    Datum,
    Plain,
    Term,
    as_data,
    constant,
    from_data,
)
from medt_gen.catalog.errors import ShapeError
from medt_gen.catalog.kinds import ArgumentKind


class Default(Enum):
    """What stands in place of a default."""

    REQUIRED = "it has to be given"
    CHANNELS = "the channels of the input"
    OTHER_CHANNELS = "the channels of the second input"
    LENGTH = "the length of the input's axis that `axis` names"


REQUIRED = Default.REQUIRED
CHANNELS = Default.CHANNELS
OTHER_CHANNELS = Default.OTHER_CHANNELS
LENGTH = Default.LENGTH


@dataclass(frozen=True)
class Argument:
    """An argument, by torch's own name; `positional` ones are written without it.

    `within` is where a spec writes it that has several together: in
    `pooling: {padding: 1}`, the key of the whole, and its own in there.
    """

    name: str
    kind: ArgumentKind
    default: Plain | tuple[Plain, ...] | Default = REQUIRED
    positional: bool = False
    within: tuple[str, str] | None = None

    @property
    def required(self) -> bool:
        """Whether it has to be given."""
        return self.default is REQUIRED

    @property
    def inferred(self) -> bool:
        """Whether it follows from the input, so that a flow need not give it."""
        return self.default in (CHANNELS, OTHER_CHANNELS, LENGTH)

    @property
    def counts_channels(self) -> bool:
        """Whether it is the channels of an input."""
        return self.default in (CHANNELS, OTHER_CHANNELS)

    @property
    def word(self) -> bool:
        """Whether it is one of a few words, which decide what is written."""
        return "enum" in self.kind.schema

    @property
    def optional(self) -> bool:
        """Whether it has a default of its own."""
        return not isinstance(self.default, Default)

    @property
    def default_value(self) -> ArgumentValue:
        """The default; only `optional` arguments are asked for it."""
        if isinstance(self.default, Default):
            raise TypeError(f"`{self.name}` has no default")
        return from_data(self.default)

    def is_default(self, value: ArgumentValue) -> bool:
        """Whether `value` is the default, and follows from no parameter."""
        return self.optional and _same(value, self.default_value)


def _same(left: ArgumentValue, right: ArgumentValue) -> bool:
    if isinstance(left, Term) and isinstance(right, Term):
        # 1 == True, and torch prints them differently.
        alike = isinstance(left.value, bool) == isinstance(right.value, bool)
        literal = left.expression == constant(left.value).expression
        return literal and alike and left.value == right.value
    if isinstance(left, Term) or isinstance(right, Term):
        return False
    return len(left) == len(right) and all(map(_same, left, right))


def leading(
    name: str,
    kind: ArgumentKind,
    default: Plain | tuple[Plain, ...] | Default = REQUIRED,
) -> Argument:
    """An argument that is written without its name."""
    return Argument(name, kind, default, positional=True)


@dataclass(frozen=True)
class Values:
    """What the arguments of one use are: given, inferred, or by default."""

    given: Mapping[str, ArgumentValue]

    def __contains__(self, name: str) -> bool:
        return name in self.given

    def data(self, name: str) -> Datum:
        """The value as data."""
        return as_data(self.given[name])

    def flag(self, name: str) -> bool:
        """The value of a boolean argument."""
        return bool(self.data(name))

    def term(self, name: str) -> Term:
        """The value of an argument that takes no list."""
        return _term(self.given[name])

    def number(self, name: str) -> int:
        """The value of a size or a count."""
        return self.term(name).number

    def real(self, name: str) -> float:
        """The value of a number."""
        value = self.term(name).value
        if isinstance(value, int | float):
            return value
        raise TypeError(f"`{name}` is {value!r}, and no number")

    def on_axes(self, name: str, rank: int) -> tuple[Term, ...]:
        """The value once for each of `rank` axes.

        Raises ShapeError for a list of another length.
        """
        value = self.given[name]
        if isinstance(value, Term):
            return (value,) * rank
        if len(value) != rank:
            raise ShapeError(
                f"`{name}` lists {len(value)} values and the input has {rank} axes",
                f"give one value, or a list of {rank}",
                name,
            )
        return tuple(_term(item) for item in value)

    def numbers(self, name: str, count: int = 1) -> tuple[int, ...]:
        """A list of sizes as it is given, or a single one `count` times."""
        value = self.given[name]
        if isinstance(value, Term):
            return (value.number,) * count
        return tuple(_term(item).number for item in value)

    def replaced(self, **values: ArgumentValue) -> Values:
        """The same with other values for some arguments."""
        return Values({**self.given, **values})


NO_VALUES = Values({})
"""The arguments of what takes none."""


def _term(value: ArgumentValue) -> Term:
    if isinstance(value, Term):
        return value
    raise TypeError(f"{as_data(value)} is a list")


def filled(arguments: Iterable[Argument], given: Mapping[str, ArgumentValue]) -> Values:
    """`given` with the defaults of all other arguments that have one.

    What is required or inferred, and not given, is not there.
    """
    values: dict[str, ArgumentValue] = {}
    for argument in arguments:
        if argument.name in given:
            values[argument.name] = given[argument.name]
        elif argument.optional:
            values[argument.name] = argument.default_value
    return Values(values)


def terms(data: Mapping[str, Datum]) -> dict[str, ArgumentValue]:
    """Arguments as constant terms."""
    return {name: from_data(value) for name, value in data.items()}
