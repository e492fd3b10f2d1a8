"""Padding layers: their edges are listed from the last axis to the first."""

from __future__ import annotations

from medt_gen.algebra.terms import Shape, Term, axis_names
from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import Values, leading
from medt_gen.catalog.entries import LayerType, ShapeRule
from medt_gen.catalog.errors import NotFollowed, ShapeError
from medt_gen.catalog.families import INPUTS, RANKS, siblings
from medt_gen.catalog.forms import Field


def padded(values: Values, shape: Shape) -> Shape:
    """Zeros, or something else, on the edges of each axis."""
    edges = zip(shape.size, _edges(values, shape), strict=True)
    size = tuple(axis + before + after for axis, (before, after) in edges)
    return Shape(shape.channels, size)


def _reflected(values: Values, shape: Shape) -> Shape:
    """The outermost value itself is not repeated: an axis has one less to reflect."""
    rank = len(shape.size)
    axes = zip(axis_names(rank), shape.size, _edges(values, shape), strict=True)
    for name, axis, edges in axes:
        edge = max(term.number for term in edges)
        if edge >= axis.number:
            raise NotFollowed(
                f"the {name} of {axis.number} has {axis.number - 1} values to reflect, "
                f"and not {edge}",
                f"pad by less, or use `ReplicationPad{rank}d`",
                "padding",
            )
    return padded(values, shape)


def _edges(values: Values, shape: Shape) -> tuple[tuple[Term, Term], ...]:
    """What is added before and behind each axis, the first axis first."""
    rank = len(shape.size)
    if isinstance(values.data("padding"), list):
        count = len(values.numbers("padding"))
        if count != 2 * rank:
            raise ShapeError(
                f"`padding` lists {count} values, and {rank} axes have "
                f"{2 * rank} edges",
                f"give one value, or a list of {2 * rank}, last axis first",
                "padding",
            )
    edges = values.on_axes("padding", 2 * rank)
    return tuple(zip(edges[-2::-2], edges[::-2], strict=True))


def _padding(kind: str, how: str, rank: int, rule: ShapeRule = padded) -> LayerType:
    stem = f"{kind}Pad"
    return LayerType(
        f"{stem}{rank}d",
        (leading("padding", kinds.EDGES),),
        rule,
        prints=(Field("padding", bare=True, times=2 * rank),),
        ranks=frozenset({rank}),
        instead=siblings(stem),
        says=f"Pads {INPUTS[rank]} {how}: every axis grows by the `padding` at its two "
        "ends.",
    )


def _constant(rank: int) -> LayerType:
    return LayerType(
        f"ConstantPad{rank}d",
        (leading("padding", kinds.EDGES), leading("value", kinds.NUMBER)),
        padded,
        prints=(Field("padding", times=2 * rank), Field("value")),
        ranks=frozenset({rank}),
        instead=siblings("ConstantPad"),
        says=f"Pads {INPUTS[rank]} with the number `value`: every axis grows by the "
        "`padding` at its two ends.",
    )


PADDINGS = (
    *(_padding("Reflection", "by reflection", rank, _reflected) for rank in RANKS),
    *(_padding("Replication", "with their outermost values", rank) for rank in RANKS),
    *(_padding("Zero", "with zeros", rank) for rank in RANKS),
    *(_constant(rank) for rank in RANKS),
)
