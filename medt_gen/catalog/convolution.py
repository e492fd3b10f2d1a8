"""Convolutions, and transposed ones."""

from __future__ import annotations

from math import gcd, prod

from medt_gen.algebra.terms import Shape, Term, axis_names
from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import CHANNELS, Argument, Values, leading
from medt_gen.catalog.entries import HeldTensor, Holding, LayerType, Multiple
from medt_gen.catalog.errors import NotFollowed, ShapeError, dividing
from medt_gen.catalog.families import INPUTS, RANKS, siblings
from medt_gen.catalog.forms import Field, Form, bare
from medt_gen.catalog.sliding import NONE, slid

_WIDTHS = (
    leading("in_channels", kinds.POSITIVE, CHANNELS),
    leading("out_channels", kinds.POSITIVE),
    leading("kernel_size", kinds.POSITIVES),
    Argument("stride", kinds.POSITIVES, 1),
)

_MULTIPLES = (Multiple("in_channels", "groups"), Multiple("out_channels", "groups"))


def _form(rank: int, *more: Field) -> Form:
    """torch's Conv and ConvTranspose share their `extra_repr`."""
    return (
        *bare("in_channels", "out_channels"),
        Field("kernel_size", times=rank),
        Field("stride", times=rank),
        Field("padding", unless=(0,), times=rank),
        Field("dilation", unless=(1,), times=rank),
        *more,
        Field("groups", unless=(1,)),
        Field("bias", unless=(True,)),
    )


# --- Conv1d to Conv3d -----------------------------------------------------------------


def _convolution(rank: int) -> LayerType:
    modes = kinds.choice("zeros", "reflect", "replicate", "circular")
    return LayerType(
        f"Conv{rank}d",
        (
            *_WIDTHS,
            Argument("padding", kinds.PADDING, 0),
            Argument("dilation", kinds.POSITIVES, 1),
            Argument("groups", kinds.POSITIVE, 1),
            Argument("bias", kinds.BOOLEAN, default=True),
            Argument("padding_mode", modes, "zeros"),
        ),
        _convolved,
        _holding(rank, "out_channels", "in_channels"),
        (*_form(rank), Field("padding_mode", unless=("zeros",))),
        work=_convolution_work,
        ranks=frozenset({rank}),
        instead=siblings("Conv", "Linear"),
        weighty=True,
        multiples=_MULTIPLES,
        says=f"Convolution of {INPUTS[rank]}: weighted sums over windows and channels, "
        "to `out_channels` channels; a stride makes the axes shorter.",
    )


def _convolved(values: Values, shape: Shape) -> Shape:
    _check_groups(values, shape)
    padding = values.data("padding")
    if padding == "same":
        stride = values.on_axes("stride", len(shape.size))
        if any(term.number != 1 for term in stride):
            raise ShapeError(
                "`padding: same` needs stride 1",
                "give the padding as a number",
                "padding",
            )
        size = shape.size
    else:
        size = slid(_counted(values), shape)
    _check_padding_mode(values, shape)
    return Shape(values.term("out_channels"), size)


def _counted(values: Values) -> Values:
    """The values with a number for `padding: valid`."""
    if values.data("padding") == "valid":
        return values.replaced(padding=NONE)
    return values


def _check_groups(values: Values, shape: Shape) -> None:
    groups = values.number("groups")
    out = values.term("out_channels")
    common = gcd(out.number, shape.channels.number)
    for name, count in (("out_channels", out), ("in_channels", shape.channels)):
        if count.number % groups:
            raise ShapeError(
                f"`groups` ({groups}) does not divide `{name}` ({count.number})",
                f"numbers that divide both {shape.channels.number} and {out.number}: "
                f"{dividing(common, groups)}",
                "groups",
            )


def _check_padding_mode(values: Values, shape: Shape) -> None:
    """Only so much of an axis can be reflected, or wrapped around, as there is."""
    mode = values.data("padding_mode")
    if mode not in ("reflect", "circular"):
        return
    edges = _edges(values, len(shape.size))
    names = axis_names(len(shape.size))
    for name, axis, edge in zip(names, shape.size, edges, strict=True):
        most = axis.number - 1 if mode == "reflect" else axis.number
        if edge > most:
            raise NotFollowed(
                f"`padding_mode: {mode}` can pad the {name} of {axis.number} by "
                f"{most}, and not by {edge}",
                "pad by less, or use `padding_mode: replicate`",
                "padding",
            )


def _edges(values: Values, rank: int) -> tuple[int, ...]:
    """The most that is padded at an end of each axis."""
    if values.data("padding") != "same":
        padding = _counted(values).on_axes("padding", rank)
        return tuple(term.number for term in padding)
    kernel = values.on_axes("kernel_size", rank)
    dilation = values.on_axes("dilation", rank)
    totals = (
        step.number * (taps.number - 1)
        for step, taps in zip(dilation, kernel, strict=True)
    )
    return tuple(total - total // 2 for total in totals)


def _convolution_work(values: Values, before: Shape, after: Shape) -> int:
    inner = before.channels.number // values.number("groups")
    return after.elements * inner * _taps(values, before)


def _taps(values: Values, shape: Shape) -> int:
    return prod(values.numbers("kernel_size", len(shape.size)))


# --- ConvTranspose1d to ConvTranspose3d -----------------------------------------------


def _transposed(rank: int) -> LayerType:
    return LayerType(
        f"ConvTranspose{rank}d",
        (
            *_WIDTHS,
            Argument("padding", kinds.COUNTS, 0),
            Argument("output_padding", kinds.COUNTS, 0),
            Argument("groups", kinds.POSITIVE, 1),
            Argument("bias", kinds.BOOLEAN, default=True),
            Argument("dilation", kinds.POSITIVES, 1),
        ),
        _enlarged,
        _holding(rank, "in_channels", "out_channels"),
        _form(rank, Field("output_padding", unless=(0,), times=rank)),
        work=_transposed_work,
        ranks=frozenset({rank}),
        instead=siblings("ConvTranspose", "Linear"),
        weighty=True,
        multiples=_MULTIPLES,
        says=f"Transposed convolution of {INPUTS[rank]}: every value is spread over a "
        "window, to `out_channels` channels; a stride makes the axes longer.",
    )


def _enlarged(values: Values, shape: Shape) -> Shape:
    _check_groups(values, shape)
    rank = len(shape.size)
    names = ("kernel_size", "stride", "padding", "output_padding", "dilation")
    kernel, stride, pad, extra, dilation = (values.on_axes(n, rank) for n in names)
    for i in range(rank):
        _check_output_padding(extra[i], stride[i], dilation[i])
    # torch's (length - 1) * stride - 2 * padding + ..., with what is fixed in one sum:
    # where a window is as long as the stride, that is length * stride.
    size = tuple(
        shape.size[i] * stride[i]
        + (dilation[i] * (kernel[i] - 1) + 1 + extra[i] - pad[i] * 2 - stride[i])
        for i in range(rank)
    )
    if any(term.number < 1 for term in size):
        raise ShapeError("the output would be empty", "use less padding", "padding")
    return Shape(values.term("out_channels"), size)


def _check_output_padding(extra: Term, stride: Term, dilation: Term) -> None:
    if extra.number >= max(stride.number, dilation.number):
        raise NotFollowed(
            f"`output_padding` ({extra.number}) has to be below the stride "
            f"({stride.number}) or the dilation ({dilation.number})",
            "it chooses among the sizes that a stride makes equal: make it smaller",
            "output_padding",
        )


def _transposed_work(values: Values, before: Shape, after: Shape) -> int:
    outer = after.channels.number // values.number("groups")
    return before.elements * outer * _taps(values, before)


# --- tensors --------------------------------------------------------------------------


def _holding(rank: int, first: str, grouped: str) -> Holding:
    """`weight` [first, grouped / groups, *kernel], and `bias` [out_channels]."""

    def holds(values: Values) -> tuple[HeldTensor, ...]:
        inner = values.number(grouped) // values.number("groups")
        kernel = values.numbers("kernel_size", rank)
        weight = HeldTensor("weight", (values.number(first), inner, *kernel))
        if not values.flag("bias"):
            return (weight,)
        return weight, HeldTensor("bias", (values.number("out_channels"),))

    return holds


CONVOLUTIONS = (
    *(_convolution(rank) for rank in RANKS),
    *(_transposed(rank) for rank in RANKS),
)
