"""Which family a box is of: what it mainly does."""

from __future__ import annotations

from collections.abc import Iterable

from medt_gen.catalog.purposes import purpose_of
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
        yield purpose_of(body.layer)
        return
    children: tuple[Module, ...] = ()
    if isinstance(body, Use):
        children = body.instance.modules
    elif isinstance(body, Group):
        children = body.children
    for child in children:
        yield from _families(child)
