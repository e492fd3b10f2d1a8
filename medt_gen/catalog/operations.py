"""The operations that a pipe may use: those without weights and without a name."""

from __future__ import annotations

from medt_gen.algebra.terms import Shape
from medt_gen.catalog import kinds
from medt_gen.catalog.entries import (
    Argument,
    Given,
    OperationType,
    ShapeError,
    on_axes,
)
from medt_gen.catalog.rules import flattened
from medt_gen.catalog.windows import averaged, pooled

Others = tuple[Shape, ...]


def _same(given: Given, shape: Shape, others: Others) -> Shape:
    return shape


def _add(given: Given, shape: Shape, others: Others) -> Shape:
    for other in others:
        if other.numbers != shape.numbers:
            raise ShapeError(
                f"`add` meets {shape} and {other}", _add_hint(shape, other)
            )
    return shape


def _add_hint(left: Shape, right: Shape) -> str | None:
    if left.size == right.size or left.numbers[1:] == right.numbers[1:]:
        return "nothing is broadcast: give both the same number of channels"
    return "nothing is broadcast: change a stride, an upsampling or the input size"


def _concat(given: Given, shape: Shape, others: Others) -> Shape:
    channels = shape.channels
    for other in others:
        if other.numbers[1:] != shape.numbers[1:]:
            raise ShapeError(
                f"`concat` meets {shape} and {other}",
                "concatenated values may differ in their channels only",
            )
        channels = channels + other.channels
    return Shape(channels, shape.size)


def _multiply(given: Given, shape: Shape, others: Others) -> Shape:
    for other in others:
        if other.numbers != shape.numbers:
            raise ShapeError(
                f"`multiply` meets {shape} and {other}",
                "to weight whole channels, use `scale(weights)`",
            )
    return shape


def _scale(given: Given, shape: Shape, others: Others) -> Shape:
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


def _upsample(given: Given, shape: Shape, others: Others) -> Shape:
    _needs_space(shape, "upsample")
    factors = on_axes(given["factor"], len(shape.size), "factor")
    size = tuple(
        axis * factor for axis, factor in zip(shape.size, factors, strict=True)
    )
    return Shape(shape.channels, size)


def _resize(given: Given, shape: Shape, others: Others) -> Shape:
    _needs_space(shape, "resize")
    if len(others[0].size) != len(shape.size):
        raise ShapeError(
            f"`resize` meets {shape} and {others[0]}",
            f"name a value with {len(shape.size)} axes of space",
        )
    return Shape(shape.channels, others[0].size)


def _mean(given: Given, shape: Shape, others: Others) -> Shape:
    _needs_space(shape, "mean")
    return Shape(shape.channels, ())


def _flatten(given: Given, shape: Shape, others: Others) -> Shape:
    return flattened(given, shape).output


def _max_pool(given: Given, shape: Shape, others: Others) -> Shape:
    _needs_space(shape, "max_pool")
    return pooled(given, shape).output


def _average_pool(given: Given, shape: Shape, others: Others) -> Shape:
    _needs_space(shape, "avg_pool")
    return averaged(given, shape).output


def _needs_space(shape: Shape, name: str) -> None:
    if not shape.size:
        raise ShapeError(
            f"`{name}` takes an image, and meets features {shape}",
            "use it before `mean()` or `flatten()`",
        )


_MODE = Argument("mode", kinds.choice("linear", "nearest"), "linear")
_ALIGN = Argument("align_corners", kinds.BOOLEAN, False)
_SOME = (1, None)


_WINDOW = (
    Argument("kernel_size", kinds.POSITIVES, positional=True),
    Argument("stride", kinds.POSITIVES, None),
    Argument("padding", kinds.COUNTS, 0),
)


_ALL = (
    OperationType("add", (), _add, _SOME, "the sum with other values of equal shape"),
    OperationType("multiply", (), _multiply, _SOME, "the product, element by element"),
    OperationType("scale", (), _scale, (1, 1), "every channel times its weight"),
    OperationType("concat", (), _concat, _SOME, "joined along the channels"),
    OperationType(
        "upsample",
        (Argument("factor", kinds.POSITIVES, positional=True), _MODE, _ALIGN),
        _upsample,
        summary="larger by whole factors, interpolated linearly",
    ),
    OperationType(
        "resize", (_MODE, _ALIGN), _resize, (1, 1), "resized to another value's size"
    ),
    OperationType("mean", (), _mean, summary="the mean over space, [N, C]"),
    OperationType("flatten", (), _flatten, summary="all axes but the batch as one"),
    OperationType("max_pool", _WINDOW, _max_pool, summary="max pooling"),
    OperationType("avg_pool", _WINDOW, _average_pool, summary="average pooling"),
    OperationType("relu", (), _same, summary="max(x, 0)"),
    OperationType("gelu", (), _same, summary="Gaussian error linear unit"),
    OperationType("silu", (), _same, summary="x * sigmoid(x)"),
    OperationType("sigmoid", (), _same, summary="1 / (1 + exp(-x))"),
    OperationType("tanh", (), _same, summary="hyperbolic tangent"),
    OperationType(
        "leaky_relu",
        (Argument("negative_slope", kinds.NUMBER, 0.01, positional=True),),
        _same,
        summary="x, or x times the slope below 0",
    ),
    OperationType("softmax", (), _same, summary="softmax over the channels"),
)

OPERATIONS: dict[str, OperationType] = {item.name: item for item in _ALL}
