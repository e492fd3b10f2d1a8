"""Layers that cut images into windows, and those that undo it or a pool.

What goes in or comes out is no image: a flow can't call them.
"""

from __future__ import annotations

from medt_gen.algebra.terms import Shape
from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import Argument, Values, leading
from medt_gen.catalog.entries import LayerType, ShapeRule
from medt_gen.catalog.errors import NotFollowed, outside_flows
from medt_gen.catalog.families import INPUTS, RANKS
from medt_gen.catalog.forms import Field, named

_WINDOWS = (
    leading("kernel_size", kinds.POSITIVES),
    Argument("dilation", kinds.POSITIVES, 1),
    Argument("padding", kinds.COUNTS, 0),
    Argument("stride", kinds.POSITIVES, 1),
)
_PRINTED = named("kernel_size", "dilation", "padding", "stride")


def _columns(values: Values, shape: Shape) -> Shape:
    raise NotFollowed(
        "Unfold makes columns [N, C, L] of an image, which is not followed",
        "mark it `unused: true`, or describe the network without a `forward:`",
    )


def _takes(name: str, what: str) -> ShapeRule:
    def refused(values: Values, shape: Shape) -> Shape:
        raise outside_flows(name, what)

    return refused


def _unpool(rank: int) -> LayerType:
    name = f"MaxUnpool{rank}d"
    return LayerType(
        name,
        (
            leading("kernel_size", kinds.POSITIVES),
            Argument("stride", kinds.POSITIVES, None),
            Argument("padding", kinds.COUNTS, 0),
        ),
        _takes(name, "the indices of a pool"),
        prints=(
            Field("kernel_size", times=rank),
            Field("stride", instead="kernel_size", times=rank),
            Field("padding", times=rank),
        ),
        says=f"Puts the maxima of {INPUTS[rank]} back to where a pool took them from; "
        "no flow has their indices, so it can be declared and not called.",
    )


PATCHINGS = (
    LayerType(
        "Unfold",
        _WINDOWS,
        _columns,
        prints=_PRINTED,
        says="The windows of images as columns [N, C, L]; it can be declared and not "
        "called.",
    ),
    LayerType(
        "Fold",
        (leading("output_size", kinds.POSITIVES), *_WINDOWS),
        _takes("Fold", "columns [N, C, L]"),
        prints=(*named("output_size"), *_PRINTED),
        says="Columns [N, C, L] added up to images of `output_size`; it can be "
        "declared and not called.",
    ),
    *(_unpool(rank) for rank in RANKS),
)
