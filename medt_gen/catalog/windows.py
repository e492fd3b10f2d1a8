"""Shape rules of what slides a window: convolutions and pools."""

from __future__ import annotations

from math import prod
from typing import Any

from medt_gen.algebra.terms import Shape, Term, axis_names
from medt_gen.catalog.entries import (
    Given,
    NotFollowed,
    Outcome,
    ShapeError,
    as_term,
    on_axes,
    plain,
)
from medt_gen.catalog.rules import dividing


def convolved(given: Given, shape: Shape) -> Outcome:
    """Conv1d to Conv3d."""
    rank = len(shape.size)
    channels = shape.channels.number
    out, groups = as_term(given["out_channels"]), plain(given["groups"])
    for name, count in (("out_channels", out.number), ("in_channels", channels)):
        if count % groups:
            raise ShapeError(
                f"`groups` ({groups}) does not divide `{name}` ({count})",
                dividing(count, groups),
                "groups",
            )
    kernel = on_axes(given["kernel_size"], rank, "kernel_size")
    taps = prod(term.number for term in kernel)
    weights = out.number * (channels // groups) * taps
    bias = out.number if plain(given["bias"]) else 0
    output = Shape(out, _slid(given, shape, kernel))
    _check_padding_mode(given, shape, kernel)
    return Outcome(
        output,
        {"in_channels": shape.channels},
        parameters=weights + bias,
        work=output.elements * (channels // groups) * taps,
    )


def _slid(given: Given, shape: Shape, kernel: tuple[Term, ...]) -> tuple[Term, ...]:
    rank = len(shape.size)
    stride = on_axes(given["stride"], rank, "stride")
    padding = given["padding"]
    if plain(padding) == "same":
        if any(term.number != 1 for term in stride):
            raise ShapeError(
                "`padding: same` needs stride 1",
                "give the padding as a number",
                "padding",
            )
        return shape.size
    dilation = on_axes(given["dilation"], rank, "dilation")
    pad = on_axes(_counted_padding(padding), rank, "padding")
    return tuple(
        _window(axis, shape.size[i], kernel[i], stride[i], pad[i], dilation[i])
        for i, axis in enumerate(axis_names(rank))
    )


def _counted_padding(padding: Any) -> Any:
    return as_term(0) if plain(padding) == "valid" else padding


def _check_padding_mode(given: Given, shape: Shape, kernel: tuple[Term, ...]) -> None:
    """Only so much of an axis can be reflected, or wrapped around, as there is."""
    mode = plain(given["padding_mode"])
    if mode not in ("reflect", "circular"):
        return
    rank = len(shape.size)
    dilation = on_axes(given["dilation"], rank, "dilation")
    for i, name in enumerate(axis_names(rank)):
        if plain(given["padding"]) == "same":
            total = dilation[i].number * (kernel[i].number - 1)
            edge = total - total // 2
        else:
            padding = on_axes(_counted_padding(given["padding"]), rank, "padding")
            edge = padding[i].number
        most = shape.size[i].number - (mode == "reflect")
        if edge > most:
            raise NotFollowed(
                f"`padding_mode: {mode}` can pad the {name} of {shape.size[i].number} "
                f"by {most}, and not by {edge}",
                "pad by less, or use `padding_mode: replicate`",
                "padding",
            )


def _window(
    axis: str, size: Term, kernel: Term, stride: Term, pad: Term, dilation: Term
) -> Term:
    reach = dilation * (kernel - 1) + 1
    padded = size + pad * 2
    if reach.number > padded.number:
        raise ShapeError(
            f"a kernel that spans {reach.number} does not fit the {axis} of "
            f"{size.number} (with padding {padded.number})",
            "use a smaller kernel, or more padding",
            "kernel_size",
        )
    return (padded - reach) // stride + 1


def transposed(given: Given, shape: Shape) -> Outcome:
    """ConvTranspose2d and ConvTranspose3d."""
    rank = len(shape.size)
    out = as_term(given["out_channels"])
    groups = plain(given["groups"])
    for name, count in (("out_channels", out), ("in_channels", shape.channels)):
        if count.number % groups:
            raise ShapeError(
                f"`groups` ({groups}) does not divide `{name}` ({count.number})",
                dividing(count.number, groups),
                "groups",
            )
    names = ("kernel_size", "stride", "padding", "output_padding", "dilation")
    kernel, stride, pad, extra, dilation = (
        on_axes(given[name], rank, name) for name in names
    )
    for i in range(rank):
        if extra[i].number >= max(stride[i].number, dilation[i].number):
            raise NotFollowed(
                f"`output_padding` ({extra[i].number}) has to be below the stride "
                f"({stride[i].number}) or the dilation ({dilation[i].number})",
                "it chooses among the sizes that a stride makes equal: make it smaller",
                "output_padding",
            )
    size = tuple(
        (shape.size[i] - 1) * stride[i]
        - pad[i] * 2
        + dilation[i] * (kernel[i] - 1)
        + extra[i]
        + 1
        for i in range(rank)
    )
    if any(term.number < 1 for term in size):
        raise ShapeError("the output would be empty", "use less padding", "padding")
    taps = prod(term.number for term in kernel)
    weights = shape.channels.number * (out.number // groups) * taps
    bias = out.number if plain(given["bias"]) else 0
    output = Shape(out, size)
    return Outcome(
        output,
        {"in_channels": shape.channels},
        parameters=weights + bias,
        work=shape.elements * (out.number // groups) * taps,
    )


def pooled(given: Given, shape: Shape) -> Outcome:
    """MaxPool; the stride is the kernel unless given."""
    rank = len(shape.size)
    kernel = on_axes(given["kernel_size"], rank, "kernel_size")
    stride = given["stride"]
    filled = {**given, "stride": kernel if plain(stride) is None else stride}
    filled.setdefault("dilation", as_term(1))
    padding = on_axes(given["padding"], rank, "padding")
    for pad, term in zip(padding, kernel, strict=True):
        # torch counts a dilated kernel by its taps here, not by what it spans.
        if 2 * pad.number > term.number:
            raise ShapeError(
                f"padding {pad.number} is more than half of the kernel {term.number}",
                f"pad by {term.number // 2} at most, or with a padding layer before it",
                "padding",
            )
    if "ceil_mode" in given and plain(given["ceil_mode"]):
        return Outcome(Shape(shape.channels, _rounded_up(filled, shape, kernel)), {})
    return Outcome(Shape(shape.channels, _slid(filled, shape, kernel)), {})


def averaged(given: Given, shape: Shape) -> Outcome:
    """AvgPool: in three dimensions a kernel has to fit an axis without its padding."""
    rank = len(shape.size)
    kernel = on_axes(given["kernel_size"], rank, "kernel_size")
    names = axis_names(rank)
    for name, axis, taps in zip(names, shape.size, kernel, strict=True):
        if rank == 3 and taps.number > axis.number:
            raise ShapeError(
                f"a kernel of {taps.number} does not fit the {name} of {axis.number}: "
                "torch's average over volumes does not count the padding",
                "use a smaller kernel, or a padding layer before it",
                "kernel_size",
            )
    return pooled(given, shape)


def _rounded_up(
    given: Given, shape: Shape, kernel: tuple[Term, ...]
) -> tuple[Term, ...]:
    """Sizes with `ceil_mode`: a last window may hang over, if it starts inside."""
    rank = len(shape.size)
    stride = on_axes(given["stride"], rank, "stride")
    pad = on_axes(given["padding"], rank, "padding")
    more = tuple(item - 1 for item in stride)
    wide = Shape(shape.channels, tuple(map(_plus, shape.size, more)))
    found = _slid(given, wide, kernel)
    return tuple(
        size - 1 if ((size - 1) * step).number >= (axis + edge).number else size
        for size, step, axis, edge in zip(found, stride, shape.size, pad, strict=True)
    )


def _plus(left: Term, right: Term) -> Term:
    return left + right
