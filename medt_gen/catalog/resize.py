"""Layers that make space of channels, channels of space, or space larger."""

from __future__ import annotations

from medt_gen.algebra.terms import Shape
from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import Argument, Values, leading, terms
from medt_gen.catalog.entries import LayerType
from medt_gen.catalog.errors import NotFollowed, ShapeError, dividing
from medt_gen.catalog.families import RANKS, SPACE
from medt_gen.catalog.forms import Field, Form, Show, named

# --- Upsample -------------------------------------------------------------------------

LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}
"""torch's words for linear interpolation along one, two and three axes."""


def _upsampled(values: Values, shape: Shape) -> Shape:
    given = [n for n in ("size", "scale_factor") if values.data(n) is not None]
    if len(given) != 1:
        raise ShapeError(
            "Upsample takes either `size` or `scale_factor`", "give one of the two"
        )
    rank = len(shape.size)
    _check_mode(values, rank)
    value = values.data(given[0])
    if isinstance(value, list) and len(value) != rank:
        raise NotFollowed(
            f"{len(value)} values for an input of {rank} axes",
            f"give one value, or a list of {rank}",
            given[0],
        )
    if given == ["size"]:
        return Shape(shape.channels, values.on_axes("size", rank))
    factors = values.on_axes("scale_factor", rank)
    if not all(isinstance(term.value, int) for term in factors):
        raise NotFollowed(
            "the sizes behind a fractional factor are not followed",
            "give `size`, or a whole factor",
            "scale_factor",
        )
    axes = zip(shape.size, factors, strict=True)
    return Shape(shape.channels, tuple(axis * factor for axis, factor in axes))


def _check_mode(values: Values, rank: int) -> None:
    mode = values.data("mode")
    linear = LINEAR[rank]
    if mode not in ("nearest", linear) and not (mode == "bicubic" and rank == 2):
        raise NotFollowed(
            f"`mode: {mode}` is not for an input of {rank} axes",
            f"use `{linear}`",
            "mode",
        )
    if mode == "nearest" and values.data("align_corners") is not None:
        raise NotFollowed(
            "`align_corners` means nothing with `mode: nearest`",
            f"remove it, or use `mode: {linear}`",
            "align_corners",
        )


_MODES = kinds.choice("nearest", *LINEAR.values(), "bicubic")

_PRINTED_SIZE: Form = (
    Field("size", unless=(None,)),
    Field("scale_factor", Show.FLOATS, unless=(None,)),
)

_UPSAMPLE = LayerType(
    "Upsample",
    (
        Argument("size", kinds.POSITIVES, None),
        Argument("scale_factor", kinds.FACTORS, None),
        Argument("mode", _MODES, "nearest"),
        Argument("align_corners", kinds.BOOLEAN, None),
    ),
    _upsampled,
    prints=(*_PRINTED_SIZE, Field("mode", Show.QUOTED)),
    ranks=SPACE,
    says="Interpolates to another size: to `size`, or to every axis times "
    "`scale_factor`; the channels stay.",
)


def _upsampling(name: str, mode: str) -> LayerType:
    """A class of its own for one mode of images; a linear one aligns the corners."""
    fixed = {"mode": mode, "align_corners": None if mode == "nearest" else True}

    def upsampled(values: Values, shape: Shape) -> Shape:
        return _upsampled(values.replaced(**terms(fixed)), shape)

    return LayerType(
        name,
        (
            Argument("size", kinds.POSITIVES, None),
            Argument("scale_factor", kinds.FACTORS, None),
        ),
        upsampled,
        prints=(*_PRINTED_SIZE, Field("mode", Show.QUOTED, fixed=mode)),
        ranks=frozenset({2}),
        instead={3: "Upsample"},
        says=f"Upsamples images, `mode: {mode}`: to `size`, or to every axis times "
        "`scale_factor`; the channels stay.",
    )


# --- shuffles -------------------------------------------------------------------------


def _to_pixels(values: Values, shape: Shape) -> Shape:
    factor = values.term("upscale_factor")
    square = factor * factor
    if shape.channels.number % square.number:
        raise NotFollowed(
            f"{shape.channels.number} channels are no multiple of {square.number}",
            f"a pixel becomes {square.number}: change the channels, or the factor",
            "upscale_factor",
        )
    return Shape(shape.channels // square, tuple(axis * factor for axis in shape.size))


def _to_channels(values: Values, shape: Shape) -> Shape:
    factor = values.term("downscale_factor")
    if any(axis.number % factor.number for axis in shape.size):
        raise NotFollowed(
            f"{factor.number} does not divide the size of {shape}",
            "pad or pool it to a multiple, or change the factor",
            "downscale_factor",
        )
    size = tuple(axis // factor for axis in shape.size)
    return Shape(shape.channels * factor * factor, size)


def _regrouped(values: Values, shape: Shape) -> Shape:
    channels, groups = shape.channels.number, values.number("groups")
    if channels % groups:
        raise NotFollowed(
            f"`groups` ({groups}) does not divide the {channels} channels",
            f"numbers that divide {channels}: {dividing(channels, groups)}",
            "groups",
        )
    return shape


RESIZES = (
    _UPSAMPLE,
    _upsampling("UpsamplingBilinear2d", "bilinear"),
    _upsampling("UpsamplingNearest2d", "nearest"),
    LayerType(
        "PixelShuffle",
        (leading("upscale_factor", kinds.POSITIVE),),
        _to_pixels,
        prints=named("upscale_factor"),
        ranks=frozenset({2}),
        instead={3: "ConvTranspose3d"},
        says="Lays channels out as pixels: the axes grow by `upscale_factor`, and the "
        "channels are divided by its square.",
    ),
    LayerType(
        "PixelUnshuffle",
        (leading("downscale_factor", kinds.POSITIVE),),
        _to_channels,
        prints=named("downscale_factor"),
        ranks=frozenset({2}),
        instead={3: "Conv3d"},
        says="Stacks pixels as channels: the axes are divided by `downscale_factor`, "
        "and the channels grow by its square.",
    ),
    LayerType(
        "ChannelShuffle",
        (leading("groups", kinds.POSITIVE),),
        _regrouped,
        prints=named("groups"),
        ranks=frozenset(RANKS),
        says="Mixes the order of the channels: it takes one from each of `groups` "
        "groups in turn; the shape stays.",
    ),
)
