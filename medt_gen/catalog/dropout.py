"""Dropouts: of single values, and of whole channels."""

from __future__ import annotations

from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import leading
from medt_gen.catalog.entries import LayerType
from medt_gen.catalog.families import INPLACE, INPUTS, RANKS, siblings
from medt_gen.catalog.forms import named

_ARGUMENTS = (leading("p", kinds.PROBABILITY, 0.5), INPLACE)
_PRINTED = named("p", "inplace")


def _dropout(name: str, says: str) -> LayerType:
    return LayerType(name, _ARGUMENTS, prints=_PRINTED, aliases=True, says=says)


def _channel_dropout(rank: int) -> LayerType:
    return LayerType(
        f"Dropout{rank}d",
        _ARGUMENTS,
        prints=_PRINTED,
        ranks=frozenset({rank}),
        instead=siblings("Dropout", "Dropout"),
        aliases=True,
        says=f"In training sets whole channels of {INPUTS[rank]} to 0, each with "
        "probability `p`, and scales the rest up; the shape stays.",
    )


DROPOUTS = (
    _dropout(
        "Dropout",
        "In training sets each value to 0 with probability `p`, and scales the rest "
        "up; the shape stays.",
    ),
    _dropout(
        "AlphaDropout",
        "In training sets each value with probability `p` to where SELU is lowest, and "
        "scales all of them to mean and variance as before; the shape stays.",
    ),
    *(_channel_dropout(rank) for rank in RANKS),
)
