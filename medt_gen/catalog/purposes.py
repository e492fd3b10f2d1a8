"""What a layer is for: by that it is coloured where networks are drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from medt_gen.catalog.activation import ACTIVATIONS
from medt_gen.catalog.attention import ATTENTION_PARTS, ATTENTIONS
from medt_gen.catalog.convolution import CONVOLUTIONS
from medt_gen.catalog.criss_cross import CRISS_CROSS
from medt_gen.catalog.entries import LayerType
from medt_gen.catalog.features import LINEARS
from medt_gen.catalog.norm import NORMS
from medt_gen.catalog.pool import POOLS
from medt_gen.catalog.resize import RESIZES
from medt_gen.catalog.sequences import SEQUENCE_LAYERS, SEQUENCE_PARTS

Purpose = Literal[
    "attention",
    "convolution",
    "linear",
    "norm",
    "activation",
    "pooling",
    "resizing",
    "other",
]

_GROUPS: tuple[tuple[Purpose, Iterable[LayerType]], ...] = (
    ("attention", (*ATTENTIONS, *ATTENTION_PARTS, CRISS_CROSS)),
    ("attention", (*SEQUENCE_LAYERS, *SEQUENCE_PARTS)),
    ("convolution", CONVOLUTIONS),
    ("linear", LINEARS),
    ("norm", NORMS),
    ("activation", ACTIVATIONS),
    ("pooling", POOLS),
    ("resizing", RESIZES),
)
_KNOWN = {layer.name: purpose for purpose, layers in _GROUPS for layer in layers}


def purpose_of(layer: LayerType) -> Purpose:
    """What a layer is for; what is in no family here, as a plugin's, is `other`."""
    return _KNOWN.get(layer.name, "other")
