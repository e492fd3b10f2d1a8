"""Pools: of windows, and to a size that is asked for."""

from __future__ import annotations

from medt_gen.algebra.terms import Shape, Term, axis_names
from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import Argument, Values, leading
from medt_gen.catalog.entries import LayerType, ShapeRule
from medt_gen.catalog.errors import ShapeError
from medt_gen.catalog.families import INPUTS, RANKS, siblings
from medt_gen.catalog.forms import Field, Form, named
from medt_gen.catalog.sliding import ONE, slid, slid_rounded_up

WINDOW = (
    leading("kernel_size", kinds.POSITIVES),
    Argument("stride", kinds.POSITIVES, None),
    Argument("padding", kinds.COUNTS, 0),
)
CEIL_MODE = Argument("ceil_mode", kinds.BOOLEAN, default=False)
COUNT_INCLUDE_PAD = Argument("count_include_pad", kinds.BOOLEAN, default=True)


def _printed_window(times: int = 0) -> Form:
    return (
        Field("kernel_size", times=times),
        Field("stride", instead="kernel_size", times=times),
        Field("padding", times=times),
    )


def max_pooled(values: Values, shape: Shape) -> Shape:
    """Maximum of each window; the stride is the kernel unless given."""
    stride = values.given["kernel_size" if _no_stride(values) else "stride"]
    values = values.replaced(stride=stride)
    if "dilation" not in values:
        values = values.replaced(dilation=ONE)
    _check_padding(values, shape)
    rounded_up = "ceil_mode" in values and values.flag("ceil_mode")
    size = slid_rounded_up(values, shape) if rounded_up else slid(values, shape)
    return Shape(shape.channels, size)


def _no_stride(values: Values) -> bool:
    return values.data("stride") is None


def _check_padding(values: Values, shape: Shape) -> None:
    for pad, taps in _pairs(values, shape, "padding", "kernel_size"):
        # torch counts a dilated kernel by its taps here, not by what it spans.
        if 2 * pad.number > taps.number:
            raise ShapeError(
                f"padding {pad.number} is more than half of the kernel {taps.number}",
                f"pad by {taps.number // 2} at most, or with a padding layer before it",
                "padding",
            )


def _pairs(
    values: Values, shape: Shape, left: str, right: str
) -> tuple[tuple[Term, Term], ...]:
    rank = len(shape.size)
    pairs = zip(values.on_axes(left, rank), values.on_axes(right, rank), strict=True)
    return tuple(pairs)


def average_pooled(values: Values, shape: Shape) -> Shape:
    """Average of each window; in a volume its kernel fits the axis without padding."""
    rank = len(shape.size)
    kernel = values.on_axes("kernel_size", rank)
    for name, axis, taps in zip(axis_names(rank), shape.size, kernel, strict=True):
        if rank == 3 and taps.number > axis.number:
            raise ShapeError(
                f"a kernel of {taps.number} does not fit the {name} of {axis.number}: "
                "torch's average over volumes does not count the padding",
                "use a smaller kernel, or a padding layer before it",
                "kernel_size",
            )
    return max_pooled(values, shape)


def _to_size(values: Values, shape: Shape) -> Shape:
    return Shape(shape.channels, values.on_axes("output_size", len(shape.size)))


def _pool(
    stem: str,
    rank: int,
    arguments: tuple[Argument, ...],
    rule: ShapeRule,
    prints: Form,
    says: str,
) -> LayerType:
    return LayerType(
        f"{stem}{rank}d",
        arguments,
        rule,
        prints=prints,
        ranks=frozenset({rank}),
        instead=siblings(stem),
        says=says,
    )


def _max_pool(rank: int) -> LayerType:
    arguments = (
        *WINDOW,
        Argument("dilation", kinds.POSITIVES, 1),
        CEIL_MODE,
    )
    prints = (*_printed_window(), *named("dilation", "ceil_mode"))
    says = _of_windows("Maximum", rank)
    return _pool("MaxPool", rank, arguments, max_pooled, prints, says)


def _average_pool(rank: int) -> LayerType:
    # Only AvgPool1d prints tuples.
    prints = _printed_window(times=1) if rank == 1 else _printed_window()
    arguments = (*WINDOW, CEIL_MODE, COUNT_INCLUDE_PAD)
    says = _of_windows("Average", rank)
    return _pool("AvgPool", rank, arguments, average_pooled, prints, says)


def _of_windows(what: str, rank: int) -> str:
    return (
        f"{what} of each window of {INPUTS[rank]}, channel by channel; the axes get "
        "shorter by the stride, which is the kernel's size unless given."
    )


def _adaptive(stem: str, what: str, rank: int) -> LayerType:
    arguments = (leading("output_size", kinds.POSITIVES),)
    says = (
        f"{what} of as many windows of {INPUTS[rank]} as make `output_size`, channel "
        "by channel."
    )
    return _pool(stem, rank, arguments, _to_size, named("output_size"), says)


POOLS = (
    *(_max_pool(rank) for rank in RANKS),
    *(_average_pool(rank) for rank in RANKS),
    *(_adaptive("AdaptiveAvgPool", "Average", rank) for rank in RANKS),
    *(_adaptive("AdaptiveMaxPool", "Maximum", rank) for rank in RANKS),
)
