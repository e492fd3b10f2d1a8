"""Dropouts: of single values, and of whole channels."""

from __future__ import annotations

from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import leading
from medt_gen.catalog.entries import LayerType
from medt_gen.catalog.families import INPLACE, RANKS, siblings
from medt_gen.catalog.forms import named

_ARGUMENTS = (leading("p", kinds.PROBABILITY, 0.5), INPLACE)
_PRINTED = named("p", "inplace")


def _dropout(name: str) -> LayerType:
    return LayerType(name, _ARGUMENTS, prints=_PRINTED, aliases=True)


def _channel_dropout(rank: int) -> LayerType:
    return LayerType(
        f"Dropout{rank}d",
        _ARGUMENTS,
        prints=_PRINTED,
        ranks=frozenset({rank}),
        instead=siblings("Dropout", "Dropout"),
        aliases=True,
    )


DROPOUTS = (
    _dropout("Dropout"),
    _dropout("AlphaDropout"),
    *(_channel_dropout(rank) for rank in RANKS),
)
