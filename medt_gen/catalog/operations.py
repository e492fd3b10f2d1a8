"""The operations that a pipe may use: those without weights and without a name."""

from __future__ import annotations

from collections.abc import Callable

from medt_gen.algebra.python import (
    PythonCall,
    PythonCode,
    PythonInfix,
    PythonKeyword,
    literal,
)
from medt_gen.algebra.terms import Shape
from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import Argument, Values, leading
from medt_gen.catalog.entries import Arity, Operand, OperationRule, OperationType
from medt_gen.catalog.errors import ShapeError
from medt_gen.catalog.features import flattened
from medt_gen.catalog.pool import WINDOW, average_pooled, max_pooled
from medt_gen.catalog.resize import LINEAR

Others = tuple[Shape, ...]
_ONE_VALUE = Arity(1, 1)
_SOME_VALUES = Arity(1, None)


def _needs_space(shape: Shape, name: str) -> None:
    if not shape.size:
        raise ShapeError(
            f"`{name}` takes an image, and meets features {shape}",
            "use it before `mean()` or `flatten()`",
        )


# --- values with values ---------------------------------------------------------------


def _infix(operator: str) -> Callable[[Operand], PythonCode]:
    return lambda operand: PythonInfix(operator, (operand.value, *operand.others))


def _added(values: Values, shape: Shape, others: Others) -> Shape:
    for other in others:
        if other.numbers != shape.numbers:
            raise ShapeError(
                f"`add` meets {shape} and {other}", _add_hint(shape, other)
            )
    return shape


def _add_hint(left: Shape, right: Shape) -> str:
    if left.size == right.size or left.numbers[1:] == right.numbers[1:]:
        return "nothing is broadcast: give both the same number of channels"
    return "nothing is broadcast: change a stride, an upsampling or the input size"


_ADD = OperationType(
    "add",
    "the sum of the piped value and others of equal shape",
    _added,
    _infix("+"),
    values=_SOME_VALUES,
)


def _multiplied(values: Values, shape: Shape, others: Others) -> Shape:
    for other in others:
        if other.numbers != shape.numbers:
            raise ShapeError(
                f"`multiply` meets {shape} and {other}",
                "to weight whole channels, use `scale(weights)`",
            )
    return shape


_MULTIPLY = OperationType(
    "multiply",
    "their product, element by element; shapes must be equal",
    _multiplied,
    _infix("*"),
    values=_SOME_VALUES,
)


def _scaled(values: Values, shape: Shape, others: Others) -> Shape:
    (weights,) = others
    ones = all(axis.number == 1 for axis in weights.size)
    if not ones or weights.channels.number != shape.channels.number:
        raise ShapeError(
            f"`scale` takes one weight for each of {shape.channels.number} channels, "
            f"and meets {weights}",
            "reduce the weights with `mean()`",
        )
    if len(weights.size) not in (0, len(shape.size)):
        raise ShapeError(
            f"`scale` meets {shape} and {weights}", "reduce the weights with `mean()`"
        )
    return shape


def _scale_code(operand: Operand) -> PythonCode:
    missing = operand.rank - operand.ranks[0]
    tail = "[:, :" + ", None" * missing + "]" if missing else ""
    return PythonInfix("*", (operand.value, operand.others[0] + tail))


_SCALE = OperationType(
    "scale",
    "every channel times its weight, a value `[N, C]` or of size 1",
    _scaled,
    _scale_code,
    values=_ONE_VALUE,
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


# --- interpolation --------------------------------------------------------------------

_INTERPOLATED = (
    Argument("mode", kinds.choice("linear", "nearest"), "linear"),
    Argument("align_corners", kinds.BOOLEAN, default=False),
)


# What is interpolated linearly, as most is, is one call.
_UPSAMPLE_HELPER, _RESIZE_HELPER = "upsample", "resize"


def _interpolate(operand: Operand, size: PythonCode) -> PythonCode:
    nearest = operand.given.get("mode") == literal("nearest")
    mode = literal("nearest" if nearest else LINEAR[operand.rank])
    arguments = [operand.value, size, PythonKeyword("mode", mode)]
    if "align_corners" in operand.given and not nearest:
        align = PythonKeyword("align_corners", operand.given["align_corners"])
        arguments.append(align)
    return PythonCall("F.interpolate", tuple(arguments))


def _enlarged(values: Values, shape: Shape, others: Others) -> Shape:
    _needs_space(shape, "upsample")
    factors = values.on_axes("factor", len(shape.size))
    axes = zip(shape.size, factors, strict=True)
    return Shape(shape.channels, tuple(axis * factor for axis, factor in axes))


def _upsample_code(operand: Operand) -> PythonCode:
    factor = operand.given["factor"]
    if set(operand.given) == {"factor"}:
        return PythonCall(_UPSAMPLE_HELPER, (operand.value, factor))
    scale = factor
    if not factor.startswith("("):
        scale = "(" + ", ".join([factor] * operand.rank) + ")"
    return _interpolate(operand, PythonKeyword("scale_factor", scale))


_UPSAMPLE = OperationType(
    "upsample",
    "larger by whole factors, interpolated linearly",
    _enlarged,
    _upsample_code,
    (leading("factor", kinds.POSITIVES), *_INTERPOLATED),
    helper=_UPSAMPLE_HELPER,
)


def _resized(values: Values, shape: Shape, others: Others) -> Shape:
    _needs_space(shape, "resize")
    if len(others[0].size) != len(shape.size):
        raise ShapeError(
            f"`resize` meets {shape} and {others[0]}",
            f"name a value with {len(shape.size)} axes of space",
        )
    return Shape(shape.channels, others[0].size)


def _resize_code(operand: Operand) -> PythonCode:
    if not operand.given:
        return PythonCall(_RESIZE_HELPER, (operand.value, operand.others[0]))
    size = PythonKeyword("size", f"{operand.others[0]}.shape[2:]")
    return _interpolate(operand, size)


_RESIZE = OperationType(
    "resize",
    "resized to another value's size",
    _resized,
    _resize_code,
    _INTERPOLATED,
    _ONE_VALUE,
    helper=_RESIZE_HELPER,
)


# --- space to features ----------------------------------------------------------------


def _averaged(values: Values, shape: Shape, others: Others) -> Shape:
    _needs_space(shape, "mean")
    return Shape(shape.channels, ())


def _mean_code(operand: Operand) -> PythonCode:
    axes = ", ".join(str(axis) for axis in range(2, 2 + operand.rank))
    return PythonCall("torch.mean", (operand.value, PythonKeyword("dim", f"({axes})")))


_MEAN = OperationType(
    "mean", "the mean over space: features `[N, C]`", _averaged, _mean_code
)

_FLATTEN = OperationType(
    "flatten",
    "all axes but the batch as one: features `[N, C]`",
    lambda values, shape, others: flattened(shape),
    lambda operand: PythonCall("torch.flatten", (operand.value, "1")),
    aliases=True,
)


# --- pools ----------------------------------------------------------------------------


def _max_pooled(values: Values, shape: Shape, others: Others) -> Shape:
    _needs_space(shape, "max_pool")
    return max_pooled(values, shape)


def _average_pooled(values: Values, shape: Shape, others: Others) -> Shape:
    _needs_space(shape, "avg_pool")
    return average_pooled(values, shape)


def _pool(name: str, summary: str, rule: OperationRule) -> OperationType:
    def code(operand: Operand) -> PythonCode:
        more = (
            PythonKeyword(argument, operand.given[argument])
            for argument in ("stride", "padding")
            if argument in operand.given
        )
        window = (operand.value, operand.given["kernel_size"], *more)
        return PythonCall(f"F.{name}{operand.rank}d", window)

    return OperationType(name, summary, rule, code, WINDOW)


# --- functions of each value ----------------------------------------------------------


def _same(values: Values, shape: Shape, others: Others) -> Shape:
    return shape


def _function(
    name: str, summary: str, function: str, *arguments: PythonCode
) -> OperationType:
    def code(operand: Operand) -> PythonCode:
        return PythonCall(function, (operand.value, *arguments))

    return OperationType(name, summary, _same, code)


def _leaky_relu_code(operand: Operand) -> PythonCode:
    slope = operand.given.get("negative_slope", "0.01")
    return PythonCall("F.leaky_relu", (operand.value, slope))


_LEAKY_RELU = OperationType(
    "leaky_relu",
    "x, or x times the slope below 0",
    _same,
    _leaky_relu_code,
    (leading("negative_slope", kinds.NUMBER, 0.01),),
)


_ALL = (
    _ADD,
    _MULTIPLY,
    _SCALE,
    _CONCAT,
    _UPSAMPLE,
    _RESIZE,
    _MEAN,
    _FLATTEN,
    _pool("max_pool", "max pooling", _max_pooled),
    _pool("avg_pool", "average pooling", _average_pooled),
    _function("relu", "max(x, 0)", "F.relu"),
    _function("gelu", "Gaussian error linear unit", "F.gelu"),
    _function("silu", "x * sigmoid(x)", "F.silu"),
    _function("sigmoid", "1 / (1 + exp(-x))", "torch.sigmoid"),
    _function("tanh", "hyperbolic tangent", "torch.tanh"),
    _LEAKY_RELU,
    _function(
        "softmax",
        "over the channels",
        "torch.softmax",
        PythonKeyword("dim", "1"),
    ),
)

OPERATIONS: dict[str, OperationType] = {item.name: item for item in _ALL}
