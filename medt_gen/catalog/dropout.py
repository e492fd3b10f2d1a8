"""Dropouts: of single values, and of whole channels."""

from __future__ import annotations

from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import Argument, leading
from medt_gen.catalog.entries import LayerType
from medt_gen.catalog.families import INPLACE, INPUTS, RANKS, siblings
from medt_gen.catalog.forms import Field, Show, named

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


_BRANCHES = (
    LayerType(
        "StochasticDepth",
        (
            leading("p", kinds.PROBABILITY),
            leading("mode", kinds.choice("row", "batch")),
        ),
        prints=named("p", "mode"),
        aliases=True,
        own=True,
        says="In training sets whole images (`row`), or the batch, to 0 with "
        "probability `p`, and scales the rest up; the shape stays, and it prints as "
        "torchvision's.",
    ),
    LayerType(
        "DropPath",
        (
            leading("drop_prob", kinds.PROBABILITY, 0.0),
            Argument("scale_by_keep", kinds.BOOLEAN, default=True),
        ),
        prints=(Field("drop_prob", Show.THOUSANDTHS),),
        aliases=True,
        own=True,
        says="In training sets whole images to 0 with probability `drop_prob`, and "
        "scales the rest up; the shape stays, and it prints as timm's.",
    ),
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
    *_BRANCHES,
)
