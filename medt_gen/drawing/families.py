"""Which family a box is of: what it mainly does."""

from __future__ import annotations

from collections.abc import Iterable

from medt_gen.catalog.activation import ACTIVATIONS
from medt_gen.catalog.attention import ATTENTION_PARTS, ATTENTIONS
from medt_gen.catalog.convolution import CONVOLUTIONS
from medt_gen.catalog.criss_cross import CRISS_CROSS
from medt_gen.catalog.entries import LayerType
from medt_gen.catalog.features import FEATURE_LAYERS
from medt_gen.catalog.norm import NORMS
from medt_gen.catalog.pool import POOLS
from medt_gen.catalog.resize import RESIZES
from medt_gen.catalog.sequences import SEQUENCE_LAYERS, SEQUENCE_PARTS
from medt_gen.drawing.records import Family
from medt_gen.network.records import Group, Leaf, Module, Use

MAIN: tuple[Family, ...] = (
    "attention",
    "convolution",
    "linear",
    "other",
    "pooling",
    "resizing",
    "norm",
    "activation",
    "operation",
)
"""Of what a box holds, the first of these that is there names its family."""

_LINEAR = {"Linear", "Bilinear"}
_GROUPS: tuple[tuple[Family, Iterable[LayerType]], ...] = (
    ("attention", (*ATTENTIONS, *ATTENTION_PARTS, CRISS_CROSS)),
    ("attention", (*SEQUENCE_LAYERS, *SEQUENCE_PARTS)),
    ("convolution", CONVOLUTIONS),
    ("norm", NORMS),
    ("activation", ACTIVATIONS),
    ("pooling", POOLS),
    ("resizing", RESIZES),
    ("linear", (layer for layer in FEATURE_LAYERS if layer.name in _LINEAR)),
)
_OF_LAYERS = {layer.name: family for family, layers in _GROUPS for layer in layers}


def layer_family(name: str) -> Family:
    """The family of a layer of the catalog, or of a plugin, by its class."""
    return _OF_LAYERS.get(name, "other")


def module_family(module: Module) -> Family:
    """The family of a module: of what it holds, the one that counts most."""
    return main_family(set(_families(module)))


def main_family(families: Iterable[Family]) -> Family:
    """The family of a box that holds some of these."""
    held = set(families)
    return next((family for family in MAIN if family in held), "operation")


def _families(module: Module) -> Iterable[Family]:
    body = module.body
    if isinstance(body, Leaf):
        yield layer_family(body.layer.name)
        return
    children: tuple[Module, ...] = ()
    if isinstance(body, Use):
        children = body.instance.modules
    elif isinstance(body, Group):
        children = body.children
    for child in children:
        yield from _families(child)
