"""Operations on several values: sums, products, joining, and parts of one."""

from __future__ import annotations

from collections.abc import Callable

from medt_gen.algebra.python import (
    PythonCall,
    PythonCode,
    PythonIndexed,
    PythonInfix,
    PythonKeyword,
)
from medt_gen.algebra.terms import Shape
from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import Values, leading
from medt_gen.catalog.entries import Arity, Operand, OperationRule, OperationType
from medt_gen.catalog.errors import ShapeError, dividing

Others = tuple[Shape, ...]
ONE_VALUE = Arity(1, 1)
_SOME_VALUES = Arity(1, None)


def _infix(operator: str) -> Callable[[Operand], PythonCode]:
    return lambda operand: PythonInfix(operator, (operand.value, *operand.others))


def _of_equal_shape(name: str, hint: Callable[[Shape, Shape], str]) -> OperationRule:
    """The rule of an operation whose values have one shape."""

    def rule(values: Values, shape: Shape, others: Others) -> Shape:
        for other in others:
            if other.numbers != shape.numbers:
                raise ShapeError(
                    f"`{name}` meets {shape} and {other}", hint(shape, other)
                )
        return shape

    return rule


def _sum_hint(left: Shape, right: Shape) -> str:
    if left.size == right.size or left.numbers[1:] == right.numbers[1:]:
        return "nothing is broadcast: give both the same number of channels"
    return "nothing is broadcast: change a stride, an upsampling or the input size"


def _product_hint(left: Shape, right: Shape) -> str:
    return "to weight channels, pixels or axes, use `scale(weights)`"


_ADD = OperationType(
    "add",
    "the sum of the piped value and others of equal shape",
    _of_equal_shape("add", _sum_hint),
    _infix("+"),
    values=_SOME_VALUES,
    takes_parameters=True,
)
_SUBTRACT = OperationType(
    "subtract",
    "the piped value minus another of equal shape",
    _of_equal_shape("subtract", _sum_hint),
    _infix("-"),
    values=ONE_VALUE,
    takes_parameters=True,
)
_MULTIPLY = OperationType(
    "multiply",
    "their product, element by element; shapes must be equal",
    _of_equal_shape("multiply", _product_hint),
    _infix("*"),
    values=_SOME_VALUES,
    takes_parameters=True,
)


def _scaled(values: Values, shape: Shape, others: Others) -> Shape:
    (weights,) = others
    if not weights.size:
        fits = weights.channels.number == shape.channels.number
    else:
        pairs = zip(weights.numbers, shape.numbers, strict=False)
        fits = len(weights.size) == len(shape.size)
        fits = fits and all(weight in (1, whole) for weight, whole in pairs)
    if not fits:
        raise ShapeError(
            f"`scale` meets {shape} and the weights {weights}",
            "each axis of the weights is 1 or that of the value, such as after "
            "`mean()`, `mean(channels)` or a convolution to one channel",
        )
    return shape


def _scale_code(operand: Operand) -> PythonCode:
    missing = operand.rank - operand.ranks[0]
    tail = "[:, :" + ", None" * missing + "]" if missing else ""
    return PythonInfix("*", (operand.value, operand.others[0] + tail))


_SCALE = OperationType(
    "scale",
    "the piped value times weights: features `[N, C]`, or a value of which any axis "
    "may be 1",
    _scaled,
    _scale_code,
    values=ONE_VALUE,
    takes_parameters=True,
)


def _joined(values: Values, shape: Shape, others: Others) -> Shape:
    channels = shape.channels
    for other in others:
        if other.numbers[1:] != shape.numbers[1:]:
            raise ShapeError(
                f"`concat` meets {shape} and {other}",
                "they may differ in channels only: bring one to the size of the other "
                "by `resize(other)` before it",
            )
        channels = channels + other.channels
    return Shape(channels, shape.size)


def _concat_code(operand: Operand) -> PythonCode:
    together = PythonCall("", (operand.value, *operand.others))
    return PythonCall("torch.cat", (together, PythonKeyword("dim", "1")))


_CONCAT = OperationType(
    "concat",
    "the piped value and others, joined along the channels",
    _joined,
    _concat_code,
    values=_SOME_VALUES,
)


def _part(values: Values, shape: Shape, others: Others) -> Shape:
    index, parts = values.number("index"), values.number("parts")
    channels = shape.channels.number
    if channels % parts:
        raise ShapeError(
            f"{parts} parts do not divide {channels} channels",
            f"numbers that divide {channels}: {dividing(channels, parts)}",
        )
    if index >= parts:
        raise ShapeError(
            f"part {index} of {parts} does not exist: they count from 0",
            f"write a part from 0 to {parts - 1}",
        )
    return Shape(shape.channels // values.term("parts"), shape.size)


def _part_code(operand: Operand) -> PythonCode:
    parts = (operand.value, operand.given["parts"], PythonKeyword("dim", "1"))
    return PythonIndexed(PythonCall("torch.chunk", parts), operand.given["index"])


_SPLIT = OperationType(
    "split",
    "the part `index`, from 0, of so many equal parts of the channels",
    _part,
    _part_code,
    (leading("index", kinds.COUNT), leading("parts", kinds.POSITIVE)),
    aliases=True,
)

ON_VALUES = (_ADD, _SUBTRACT, _MULTIPLY, _SCALE, _CONCAT, _SPLIT)
