"""Operations on the axes of space: other sizes, windows, edges, reductions."""

from __future__ import annotations

from math import floor, frexp

from medt_gen.algebra.python import PythonCall, PythonCode, PythonKeyword, literal
from medt_gen.algebra.terms import AXES, Shape, Term, axis_names, constant
from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import Argument, Values, leading
from medt_gen.catalog.entries import (
    Arity,
    Operand,
    OperationRule,
    OperationType,
    named_axis,
)
from medt_gen.catalog.errors import ShapeError
from medt_gen.catalog.features import flattened
from medt_gen.catalog.operations_values import ONE_VALUE, Others
from medt_gen.catalog.padding import padded
from medt_gen.catalog.pool import (
    CEIL_MODE,
    COUNT_INCLUDE_PAD,
    WINDOW,
    average_pooled,
    max_pooled,
)
from medt_gen.catalog.resize import LINEAR


def _needs_space(shape: Shape, name: str) -> None:
    if not shape.size:
        raise ShapeError(
            f"`{name}` takes an image, and meets features {shape}",
            "use it before `mean()` or `flatten()`",
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


def _factor_code(operand: Operand) -> PythonCode:
    factor = operand.given["factor"]
    scale = factor
    if "factor" not in operand.listed:
        scale = "(" + ", ".join([factor] * operand.rank) + ")"
    return _interpolate(operand, PythonKeyword("scale_factor", scale))


def _enlarged(values: Values, shape: Shape, others: Others) -> Shape:
    _needs_space(shape, "upsample")
    factors = values.on_axes("factor", len(shape.size))
    axes = zip(shape.size, factors, strict=True)
    return Shape(shape.channels, tuple(axis * factor for axis, factor in axes))


def _upsample_code(operand: Operand) -> PythonCode:
    if set(operand.given) == {"factor"}:
        factor = operand.given["factor"]
        return PythonCall(_UPSAMPLE_HELPER, (operand.value, factor))
    return _factor_code(operand)


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
    if bool(others) == (values.data("factor") is not None):
        raise ShapeError(
            "`resize` takes another value for its size, or a factor",
            "write `resize(other)` or `resize(0.5)`",
        )
    if not others:
        factors = values.on_axes("factor", len(shape.size))
        axes = zip(shape.size, factors, strict=True)
        return Shape(shape.channels, tuple(_times(axis, by) for axis, by in axes))
    if len(others[0].size) != len(shape.size):
        raise ShapeError(
            f"`resize` meets {shape} and {others[0]}",
            f"name a value with {len(shape.size)} axes of space",
        )
    return Shape(shape.channels, others[0].size)


def _times(axis: Term, factor: Term) -> Term:
    """The size behind a factor, rounded down as torch does."""
    by = factor.value
    assert isinstance(by, int | float)
    size = floor(float(axis.number) * by)
    if not size:
        raise ShapeError(
            f"a factor of {by} leaves nothing of an axis of {axis.number}",
            "use a larger factor",
        )
    if isinstance(by, int):
        return axis * factor
    # A power of two divides exactly; of another factor no expression is sure.
    exact = factor.expression == constant(by).expression and frexp(by)[0] == 0.5
    return axis // round(1 / by) if exact and by < 1 else Term(size)


def _resize_code(operand: Operand) -> PythonCode:
    if not operand.others:
        return _factor_code(operand)
    if not operand.given:
        return PythonCall(_RESIZE_HELPER, (operand.value, operand.others[0]))
    size = PythonKeyword("size", f"{operand.others[0]}.shape[2:]")
    return _interpolate(operand, size)


_RESIZE = OperationType(
    "resize",
    "resized to another value's size, or by a factor, rounding down",
    _resized,
    _resize_code,
    (leading("factor", kinds.FACTORS, None), *_INTERPOLATED),
    Arity(0, 1),
    helper=_RESIZE_HELPER,
)


# --- reductions -----------------------------------------------------------------------

_CHANNELS = "channels"
AXIS_WORDS = (_CHANNELS, *AXES)
"""What an operation's argument means, whatever a module is called."""
_AXIS = leading("axis", kinds.choice(*AXIS_WORDS), None)


def _reduced(name: str) -> OperationRule:
    def rule(values: Values, shape: Shape, others: Others) -> Shape:
        axis = values.data("axis")
        if axis is None:
            _needs_space(shape, name)
            return Shape(shape.channels, ())
        if axis == _CHANNELS:
            return Shape(constant(1), shape.size)
        at = named_axis(values, shape)
        size = (*shape.size[:at], constant(1), *shape.size[at + 1 :])
        return Shape(shape.channels, size)

    return rule


def _reduction(name: str, summary: str, function: str) -> OperationType:
    def code(operand: Operand) -> PythonCode:
        if "axis" in operand.given:
            dim = PythonKeyword("dim", str(_dimension(operand)))
            kept = PythonKeyword("keepdim", "True")
            return PythonCall(function, (operand.value, dim, kept))
        axes = ", ".join(str(axis) for axis in range(2, 2 + operand.rank))
        if operand.rank == 1:
            axes += ","
        dim = PythonKeyword("dim", f"({axes})")
        return PythonCall(function, (operand.value, dim))

    return OperationType(name, summary, _reduced(name), code, (_AXIS,))


def _dimension(operand: Operand) -> int:
    """The position of the axis that a word names, in [N, C, *size]."""
    names = {literal(_CHANNELS): 1}
    for position, name in enumerate(axis_names(operand.rank), 2):
        names[literal(name)] = position
    return names[operand.given["axis"]]


_MEAN = _reduction(
    "mean",
    "the mean over space: features `[N, C]`; with an axis, the mean over that one, "
    "which stays with size 1",
    "torch.mean",
)
_MAX = _reduction(
    "max",
    "the greatest over space: features `[N, C]`; with an axis, over that one, which "
    "stays with size 1",
    "torch.amax",
)
_FLATTEN = OperationType(
    "flatten",
    "all axes but the batch as one: features `[N, C]`",
    lambda values, shape, others: flattened(shape),
    lambda operand: PythonCall("torch.flatten", (operand.value, "1")),
    aliases=True,
)


# --- windows --------------------------------------------------------------------------


def _max_pooled(values: Values, shape: Shape, others: Others) -> Shape:
    _needs_space(shape, "max_pool")
    return max_pooled(values, shape)


def _average_pooled(values: Values, shape: Shape, others: Others) -> Shape:
    _needs_space(shape, "avg_pool")
    return average_pooled(values, shape)


def _pool(
    name: str, summary: str, rule: OperationRule, *more: Argument
) -> OperationType:
    def code(operand: Operand) -> PythonCode:
        keywords = (
            PythonKeyword(argument, text)
            for argument, text in operand.given.items()
            if argument != "kernel_size"
        )
        window = (operand.value, operand.given["kernel_size"], *keywords)
        return PythonCall(f"F.{name}{operand.rank}d", window)

    return OperationType(name, summary, rule, code, (*WINDOW, *more))


# --- edges ----------------------------------------------------------------------------


def _padded(values: Values, shape: Shape, others: Others) -> Shape:
    _needs_space(shape, "pad")
    return padded(values, shape)


def _pad_code(operand: Operand) -> PythonCode:
    edges = operand.given["padding"]
    if "padding" not in operand.listed:
        edges = "(" + ", ".join([edges] * 2 * operand.rank) + ")"
    return PythonCall("F.pad", (operand.value, edges))


_PAD = OperationType(
    "pad",
    "zeros around it: as many on all sides, or a list of two for each axis, last axis "
    "first",
    _padded,
    _pad_code,
    (leading("padding", kinds.EDGES),),
)


def _padded_to(values: Values, shape: Shape, others: Others) -> Shape:
    _needs_space(shape, "pad_to")
    steps = values.on_axes("multiple", len(shape.size))
    size = tuple(
        (axis + (step - 1)) // step * step
        for axis, step in zip(shape.size, steps, strict=True)
    )
    return Shape(shape.channels, size)


_PAD_TO = OperationType(
    "pad_to",
    "zeros below and to the right, up to the next multiple",
    _padded_to,
    lambda operand: PythonCall("pad_to", (operand.value, operand.given["multiple"])),
    (leading("multiple", kinds.POSITIVES),),
    helper="pad_to",
)


def _cropped(values: Values, shape: Shape, others: Others) -> Shape:
    (other,) = others
    _needs_space(shape, "crop")
    same_rank = len(other.size) == len(shape.size)
    pairs = zip(other.numbers[1:], shape.numbers[1:], strict=False)
    if not same_rank or any(small > large for small, large in pairs):
        raise ShapeError(
            f"`crop` can't make {shape} as large as {other}",
            "name a value that is no larger along any axis",
        )
    return Shape(shape.channels, other.size)


_CROP = OperationType(
    "crop",
    "the middle of it, as large as another value",
    _cropped,
    lambda operand: PythonCall("crop", (operand.value, operand.others[0])),
    values=ONE_VALUE,
    aliases=True,
    helper="crop",
)


# --- shifts of groups of channels -----------------------------------------------------

_ALONG = Argument("axis", kinds.choice(*AXES))


def _shifted(values: Values, shape: Shape, others: Others) -> Shape:
    named_axis(values, shape)
    groups, channels = values.number("groups"), shape.channels.number
    if groups % 2 == 0:
        raise ShapeError(
            f"{groups} groups have no middle one, which stays where it is",
            "use an odd number of groups",
        )
    width = -(-channels // groups)
    if -(-channels // width) != groups:
        raise ShapeError(
            f"{channels} channels can't be cut into {groups} groups",
            "use fewer groups, or more channels",
        )
    return shape


def _shift(name: str, summary: str) -> OperationType:
    def code(operand: Operand) -> PythonCode:
        groups = operand.given.get("groups", "5")
        dim = str(_dimension(operand))
        return PythonCall(name, (operand.value, dim, groups))

    arguments = (_ALONG, Argument("groups", kinds.POSITIVE, 5))
    return OperationType(name, summary, _shifted, code, arguments, helper=name)


ON_SPACE = (
    _UPSAMPLE,
    _RESIZE,
    _MEAN,
    _MAX,
    _FLATTEN,
    _pool(
        "max_pool",
        "max pooling",
        _max_pooled,
        Argument("dilation", kinds.POSITIVES, 1),
        CEIL_MODE,
    ),
    _pool("avg_pool", "average pooling", _average_pooled, CEIL_MODE, COUNT_INCLUDE_PAD),
    _PAD,
    _PAD_TO,
    _CROP,
    _shift(
        "shift",
        "groups of channels moved along an axis, from -groups // 2 to groups // 2 "
        "places; zeros come in",
    ),
    _shift("roll", "the same, and what goes out comes in at the other end"),
)
