"""Values that know how they follow from a block's parameters, and tensor shapes.

A `Term` is a number and the expression that gives it. Inference computes both at once,
so that the one class written for a block fits all of its uses.
"""

from __future__ import annotations

from dataclasses import dataclass

from medt_gen.algebra.expressions import (
    LIST,
    Constant,
    Expression,
    Operation,
    simplified,
)

Plain = int | float | bool | str | None


@dataclass(frozen=True)
class Term:
    """A value, with its expression over the parameters of the enclosing class.

    `expression` is None where the value follows from nothing that a class of its own
    could compute.
    """

    value: Plain
    expression: Expression | None = None

    @property
    def number(self) -> int:
        """The value as an integer; only sizes and counts are asked for it."""
        if isinstance(self.value, int):
            return self.value
        raise TypeError(f"{self.value!r} is not an integer")

    def __add__(self, other: Term | int) -> Term:
        return _combined("+", self, other)

    def __sub__(self, other: Term | int) -> Term:
        return _combined("-", self, other)

    def __mul__(self, other: Term | int) -> Term:
        return _combined("*", self, other)

    def __floordiv__(self, other: Term | int) -> Term:
        return _combined("//", self, other)


ArgumentValue = Term | tuple["ArgumentValue", ...]
"""What an argument is: one value, or a list of them."""

Datum = Plain | list["Datum"]
"""The same without expressions."""


def constant(value: Plain) -> Term:
    """A literal as a term."""
    return Term(value, None if value is None else Constant(value))


def as_data(value: ArgumentValue) -> Datum:
    """Terms, and tuples of terms, without their expressions."""
    if isinstance(value, Term):
        return value.value
    return [as_data(item) for item in value]


def from_data(data: Datum | tuple[Plain, ...]) -> ArgumentValue:
    """Data as constant terms."""
    if isinstance(data, list | tuple):
        return tuple(from_data(item) for item in data)
    return constant(data)


def _combined(operator: str, left: Term, right: Term | int) -> Term:
    other = constant(right) if isinstance(right, int) else right
    a, b = left.number, other.number
    results = {"+": a + b, "-": a - b, "*": a * b}
    value = a // b if operator == "//" else results[operator]
    if left.expression is None or other.expression is None:
        return Term(value)
    symbolic = simplified(operator, left.expression, other.expression)
    return Term(value, bounded(symbolic))


def whole_expression(value: ArgumentValue) -> Expression | None:
    """The expression of a value, or of a list of values as a whole."""
    if isinstance(value, Term):
        return value.expression
    items = [whole_expression(item) for item in value]
    known = [item for item in items if item is not None]
    return simplified(LIST, *known) if len(known) == len(items) else None


_LONGEST = 64


def bounded(expression: Expression | None) -> Expression | None:
    """`expression`, or None when it is too long for anyone to read.

    Without this a chain of layers would grow an expression without end.
    """
    if expression is None or _length(expression) > _LONGEST:
        return None
    return expression


def _length(expression: Expression) -> int:
    if isinstance(expression, Operation):
        return 1 + sum(_length(operand) for operand in expression.operands)
    return 1


@dataclass(frozen=True)
class Shape:
    """The shape of a tensor without its batch axis: channels, then the axes of space.

    `size` is empty for features `[N, C]`, (H, W) for images and (D, H, W) for volumes.
    """

    channels: Term
    size: tuple[Term, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """(C, H, W) as plain integers."""
        return (self.channels.number, *(axis.number for axis in self.size))

    @property
    def elements(self) -> int:
        """Values in one image of this shape."""
        count = 1
        for number in self.numbers:
            count *= number
        return count

    def __str__(self) -> str:
        return f"[N, {', '.join(str(number) for number in self.numbers)}]"


AXES = ("depth", "height", "width")


def axis_names(rank: int) -> tuple[str, ...]:
    """The names of the axes of space, from the first to the last."""
    return AXES[len(AXES) - rank :] if rank else ()


def size_terms(shape: Shape) -> dict[str, Term]:
    """The axes of space by name."""
    return dict(zip(axis_names(len(shape.size)), shape.size, strict=True))
