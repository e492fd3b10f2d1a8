"""Activations: functions of each value, and those along an axis."""

from __future__ import annotations

from medt_gen.algebra.terms import Shape
from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import Argument, Values, leading
from medt_gen.catalog.entries import HeldTensor, LayerType
from medt_gen.catalog.errors import NotFollowed, WrongArguments
from medt_gen.catalog.families import INPLACE, PRINTED_INPLACE
from medt_gen.catalog.forms import Field, Show, named

# --- of each value --------------------------------------------------------------------


def _elementwise(name: str, what: str, *arguments: Argument) -> LayerType:
    """A function of each value, which prints all of its arguments."""
    fields = (
        PRINTED_INPLACE if argument is INPLACE else Field(argument.name)
        for argument in arguments
    )
    prints = tuple(fields)
    return LayerType(name, arguments, prints=prints, says=_of_each_value(what))


def _of_each_value(what: str) -> str:
    return f"Value by value, {what}; the shape stays."


def _ordered(values: Values, shape: Shape) -> Shape:
    least, most = values.real("min_val"), values.real("max_val")
    if least >= most:
        raise WrongArguments(
            f"`min_val` ({least}) has to be below `max_val` ({most})",
            "swap them, or write the bounds of the output",
            "min_val",
        )
    return shape


_HARDTANH = LayerType(
    "Hardtanh",
    (
        Argument("min_val", kinds.NUMBER, -1.0),
        Argument("max_val", kinds.NUMBER, 1.0),
        INPLACE,
    ),
    _ordered,
    prints=(*named("min_val", "max_val"), PRINTED_INPLACE),
    says=_of_each_value("x cut off at `min_val` below and `max_val` above"),
)

_THRESHOLD = _elementwise(
    "Threshold",
    "x above `threshold`, and the number `value` elsewhere",
    leading("threshold", kinds.NUMBER),
    leading("value", kinds.NUMBER),
    INPLACE,
)

_GELU = LayerType(
    "GELU",
    (Argument("approximate", kinds.choice("none", "tanh"), "none"),),
    prints=(Field("approximate", Show.QUOTED),),
    says=_of_each_value("x times the normal distribution function at x"),
)


def _as_many_slopes(values: Values, shape: Shape) -> Shape:
    slopes = values.number("num_parameters")
    if slopes not in (1, shape.channels.number):
        raise NotFollowed(
            f"{slopes} slopes for an input of {shape.channels.number} channels",
            "give 1, or the number of channels",
            "num_parameters",
        )
    return shape


def _slopes(values: Values) -> tuple[HeldTensor, ...]:
    return (HeldTensor("weight", (values.number("num_parameters"),)),)


_PRELU = LayerType(
    "PReLU",
    (
        leading("num_parameters", kinds.POSITIVE, 1),
        Argument("init", kinds.NUMBER, 0.25),
    ),
    _as_many_slopes,
    _slopes,
    named("num_parameters"),
    says=_of_each_value(
        "x, or below 0 x times a learned slope, one for all channels or for each"
    ),
)


# --- along an axis --------------------------------------------------------------------


def _counted_axis(dim: int, shape: Shape) -> int:
    """`dim` counted from the first axis, which is the batch."""
    axes = len(shape.size) + 2
    if not -axes <= dim < axes:
        raise NotFollowed(
            f"`dim` is {dim}, and the input {shape} has {axes} axes",
            f"count from 0, the batch, to {axes - 1}; 1 is the channels",
            "dim",
        )
    return dim % axes


def _along_an_axis(values: Values, shape: Shape) -> Shape:
    # None is torch's own choice of an axis.
    if values.data("dim") is not None:
        _counted_axis(values.number("dim"), shape)
    return shape


def _softmax(name: str, says: str) -> LayerType:
    dim = Argument("dim", kinds.OPTIONAL_INTEGER)
    return LayerType(name, (dim,), _along_an_axis, prints=named("dim"), says=says)


_SOFTMAX_2D = LayerType(
    "Softmax2d",
    ranks=frozenset({2}),
    instead={0: "Softmax", 3: "Softmax"},
    says="Softmax over the channels of each pixel of an image; the shape stays.",
)


def _halved(values: Values, shape: Shape) -> Shape:
    dim = _counted_axis(values.number("dim"), shape)
    if dim == 0:
        raise NotFollowed("`dim: 0` would halve the batch", "use `dim: 1`", "dim")
    axes = [shape.channels, *shape.size]
    if axes[dim - 1].number % 2:
        raise NotFollowed(
            f"axis {dim} of {shape} has {axes[dim - 1].number} values, and no half",
            "halve an axis of even length",
            "dim",
        )
    axes[dim - 1] = axes[dim - 1] // 2
    return Shape(axes[0], tuple(axes[1:]))


_GLU = LayerType(
    "GLU",
    (Argument("dim", kinds.INTEGER, -1),),
    _halved,
    prints=named("dim"),
    says="Gated linear unit: one half of the axis `dim` times the sigmoid of the "
    "other; the axis comes out half as long.",
)

_IN_PLACE = {
    "ReLU": "max(x, 0)",
    "ReLU6": "x cut off at 0 below and 6 above",
    "SELU": "a scaled ELU, with the scale and the alpha that keep mean and variance",
    "SiLU": "x * sigmoid(x)",
    "Mish": "x * tanh(softplus(x))",
}
# torch says nothing of what these two do in place.
_SILENT = {
    "Hardswish": "x * ReLU6(x + 3) / 6, a swish of straight pieces and a parabola",
    "Hardsigmoid": "ReLU6(x + 3) / 6, a sigmoid of straight pieces",
}

ACTIVATIONS = (
    *(_elementwise(name, what, INPLACE) for name, what in _IN_PLACE.items()),
    *(
        LayerType(name, (INPLACE,), says=_of_each_value(what))
        for name, what in _SILENT.items()
    ),
    _elementwise(
        "LeakyReLU",
        "x, or below 0 x times `negative_slope`",
        Argument("negative_slope", kinds.NUMBER, 0.01),
        INPLACE,
    ),
    _elementwise(
        "ELU",
        "x, or below 0 `alpha` * (exp(x) - 1)",
        Argument("alpha", kinds.NUMBER, 1.0),
        INPLACE,
    ),
    _elementwise(
        "CELU",
        "x, or below 0 `alpha` * (exp(x / `alpha`) - 1)",
        Argument("alpha", kinds.NUMBER_BUT_ZERO, 1.0),
        INPLACE,
    ),
    _HARDTANH,
    _THRESHOLD,
    _elementwise(
        "Softplus",
        "log(1 + exp(`beta` * x)) / `beta`, or x where `beta` * x is above `threshold`",
        Argument("beta", kinds.NUMBER, 1.0),
        Argument("threshold", kinds.NUMBER, 20.0),
    ),
    _GELU,
    _elementwise("Sigmoid", "1 / (1 + exp(-x))"),
    _elementwise("LogSigmoid", "the logarithm of the sigmoid"),
    _elementwise("Tanh", "the hyperbolic tangent"),
    _elementwise("Tanhshrink", "x - tanh(x)"),
    _elementwise("Softsign", "x / (1 + |x|)"),
    _SOFTMAX_2D,
    _softmax(
        "Softmax",
        "Exponentials that add up to 1 along the axis `dim`; the shape stays.",
    ),
    _softmax(
        "LogSoftmax", "The logarithm of the softmax along `dim`; the shape stays."
    ),
    _GLU,
    _PRELU,
    LayerType("Identity", aliases=True, says="What it is given, as it is."),
)
