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


def _elementwise(name: str, *arguments: Argument) -> LayerType:
    """A function of each value, which prints all of its arguments."""
    fields = (
        PRINTED_INPLACE if argument is INPLACE else Field(argument.name)
        for argument in arguments
    )
    return LayerType(name, arguments, prints=tuple(fields))


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
)

_THRESHOLD = _elementwise(
    "Threshold",
    leading("threshold", kinds.NUMBER),
    leading("value", kinds.NUMBER),
    INPLACE,
)

_GELU = LayerType(
    "GELU",
    (Argument("approximate", kinds.choice("none", "tanh"), "none"),),
    prints=(Field("approximate", Show.QUOTED),),
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


def _softmax(name: str) -> LayerType:
    dim = Argument("dim", kinds.OPTIONAL_INTEGER)
    return LayerType(name, (dim,), _along_an_axis, prints=named("dim"))


_SOFTMAX_2D = LayerType(
    "Softmax2d", ranks=frozenset({2}), instead={0: "Softmax", 3: "Softmax"}
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
    "GLU", (Argument("dim", kinds.INTEGER, -1),), _halved, prints=named("dim")
)

_IN_PLACE = ("ReLU", "ReLU6", "SELU", "SiLU", "Mish")

ACTIVATIONS = (
    *(_elementwise(name, INPLACE) for name in _IN_PLACE),
    # torch says nothing of what these two do in place.
    *(LayerType(name, (INPLACE,)) for name in ("Hardswish", "Hardsigmoid")),
    _elementwise("LeakyReLU", Argument("negative_slope", kinds.NUMBER, 0.01), INPLACE),
    _elementwise("ELU", Argument("alpha", kinds.NUMBER, 1.0), INPLACE),
    _elementwise("CELU", Argument("alpha", kinds.NUMBER_BUT_ZERO, 1.0), INPLACE),
    _HARDTANH,
    _THRESHOLD,
    _elementwise(
        "Softplus",
        Argument("beta", kinds.NUMBER, 1.0),
        Argument("threshold", kinds.NUMBER, 20.0),
    ),
    _GELU,
    _elementwise("Sigmoid"),
    _elementwise("LogSigmoid"),
    _elementwise("Tanh"),
    _elementwise("Tanhshrink"),
    _elementwise("Softsign"),
    _SOFTMAX_2D,
    _softmax("Softmax"),
    _softmax("LogSoftmax"),
    _GLU,
    _PRELU,
    LayerType("Identity", aliases=True),
)
