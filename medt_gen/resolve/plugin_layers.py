"""A layer of a plugin: what its rules raise is told where the layer is used."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from medt_gen.catalog.guarded import MISTAKE, LayerFailed, probe
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.network.records import Leaf
from medt_gen.resolve.leaves import MadeLayer, UncalledLayer
from medt_gen.resolve.scope import Scope
from medt_gen.spec.declarations import ModuleDeclaration

Made = TypeVar("Made", MadeLayer, UncalledLayer)


def told_here(
    scope: Scope, declaration: ModuleDeclaration, make: Callable[[], Made | Faulty]
) -> Made | Faulty:
    """The layer that `make` gives, or a complaint at its type."""
    try:
        made = make()
        if made is not FAULTY:
            _probe(made.leaf)
    except LayerFailed as error:
        place = declaration.type.place
        scope.problems.error("plugin", error.message, place, MISTAKE)
        return FAULTY
    return made


def _probe(leaf: Leaf) -> None:
    if leaf.layer.module is not None:
        probe(leaf.layer, leaf.values, leaf.rank)
