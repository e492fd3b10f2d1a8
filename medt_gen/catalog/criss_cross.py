"""Criss-cross attention: the layer of `medt_gen.layers.criss_cross`."""

from __future__ import annotations

from collections.abc import Mapping

from medt_gen.algebra.terms import ArgumentValue, Shape, constant
from medt_gen.catalog import kinds
from medt_gen.catalog.activation import ACTIVATIONS
from medt_gen.catalog.arguments import CHANNELS, Argument, Values, leading, terms
from medt_gen.catalog.convolution import CONVOLUTIONS
from medt_gen.catalog.entries import (
    HeldTensor,
    LayerType,
    Part,
    PartCall,
    Whole,
    summed,
)
from medt_gen.catalog.errors import ShapeError

_CONV = next(layer for layer in CONVOLUTIONS if layer.name == "Conv2d")
_SOFTMAX = next(layer for layer in ACTIVATIONS if layer.name == "Softmax")


def _attended(values: Values, shape: Shape) -> Shape:
    channels, reduction = shape.channels.number, values.number("reduction")
    if channels < reduction:
        raise ShapeError(
            f"{channels} channels are fewer than the reduction {reduction}: nothing is "
            "left of a query",
            f"use `reduction: {channels}` or less",
            "reduction",
        )
    return shape


def _width(values: Values) -> int:
    return values.number("channels") // values.number("reduction")


def _parts(values: Values, rank: int) -> tuple[Part, ...]:
    channels = values.number("channels")
    widths = {
        "query_conv": _width(values),
        "key_conv": _width(values),
        "value_conv": channels,
    }
    convolutions = tuple(
        Part(name, _CONV, _CONV.filled(_convolution(channels, width)))
        for name, width in widths.items()
    )
    softmax = Part("softmax", _SOFTMAX, _SOFTMAX.filled(terms({"dim": 3})))
    return (*convolutions, softmax)


def _convolution(channels: int, width: int) -> dict[str, ArgumentValue]:
    given = {"in_channels": channels, "out_channels": width, "kernel_size": 1}
    return terms(given)


def _whole(parts: Mapping[str, Part]) -> Whole | None:
    query = parts.get("query_conv")
    if query is None or query.layer is not _CONV:
        return None
    channels = query.values.number("in_channels")
    reduction = channels // query.values.number("out_channels")
    return Whole({"channels": channels, "reduction": reduction}, 2)


def _work(values: Values, before: Shape, after: Shape) -> int:
    """Products of the logits and of what is weighted by them."""
    places = before.elements // before.channels.number
    lengths = [axis.number for axis in before.size]
    logits = summed(_width(values), places * sum(lengths))
    return logits + sum(summed(length, before.elements) for length in lengths)


def _part_calls(values: Values, before: Shape, after: Shape) -> tuple[PartCall, ...]:
    channels, width = before.channels.number, _width(values)
    places = before.elements // channels
    height, across = (axis.number for axis in before.size)
    seen = Shape(constant(height), (constant(across), constant(height + across)))
    query = Shape(constant(width), before.size)
    return (
        PartCall("query_conv", query, channels * width * places),
        PartCall("key_conv", query, channels * width * places),
        PartCall("value_conv", before, channels**2 * places),
        PartCall("softmax", seen),
    )


CRISS_CROSS = LayerType(
    "CrissCrossAttention",
    (
        leading("channels", kinds.POSITIVE, CHANNELS),
        Argument("reduction", kinds.POSITIVE, 8),
    ),
    _attended,
    lambda values: (HeldTensor("gamma", (1,)),),
    parts=_parts,
    whole=_whole,
    work=_work,
    part_calls=_part_calls,
    ranks=frozenset({2}),
    weighty=True,
    own=True,
    says="Attention of each place of an image to its row and its column, with one "
    "softmax over both, times a learned factor that starts at 0, plus the input.",
)
