"""The modules of a network that can only be printed: which, where, and how many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from medt_gen.messages.diagnostics import Place
from medt_gen.network.records import Group, Network
from medt_gen.network.walk import walk_network


@dataclass(frozen=True)
class Unmade:
    """A module that can't be made: its path, its class, and whose class that is.

    `place` is where a spec declares it; `library` is None for an open module, of which
    no more is known than its text.
    """

    path: str
    type: str
    place: Place
    library: str | None

    @property
    def open(self) -> bool:
        """Whether its own tensors are not known."""
        return self.library is None


def unmade_modules(network: Network) -> Iterator[Unmade]:
    """Every module that can only be printed, in printed order."""
    for path, module in walk_network(network):
        body = module.body
        if isinstance(body, Group) and body.printed is not None:
            layer = body.printed.layer
            place = module.declaration.type.place
            yield Unmade(path, body.kind, place, layer.foreign if layer else None)


def open_classes(network: Network) -> Counter[str]:
    """How many modules of each open class there are, in printed order."""
    return Counter(item.type for item in unmade_modules(network) if item.open)


def open_paths(network: Network) -> frozenset[str]:
    """The paths of the modules whose own tensors are not known."""
    return frozenset(item.path for item in unmade_modules(network) if item.open)
