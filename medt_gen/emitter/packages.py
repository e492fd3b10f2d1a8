"""The packages beside torch that a file needs: those whose layers its network has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from medt_gen.messages.wording import either
from medt_gen.network.records import Leaf, Network
from medt_gen.network.walk import walk_network

_NEEDS = "Beside torch it needs the package"
_SAID = re.compile(
    _NEEDS.replace(" ", r"\s+") + r"\s+(?P<packages>[^.]+(?:\.\d[^.]*)*)\."
)


def packages_text(network: Network) -> Iterator[str]:
    """A sentence for the docstring; none where torch is all that is needed."""
    found: dict[str, dict[str, None]] = {}
    for _, module in walk_network(network):
        body = module.body
        if isinstance(body, Leaf) and body.layer.plugin is not None:
            origin = body.layer.plugin
            package = f"{origin.package} {origin.version}"
            found.setdefault(package, {})[body.layer.name] = None
    parts = [
        f"{package} for {either(list(names), 'and')}"
        for package, names in found.items()
    ]
    if parts:
        yield f"{_NEEDS} {either(parts, 'and')}."


def packages_of(source: str) -> str | None:
    """What an emitted text says that it needs beside torch; None for nothing."""
    said = _SAID.search(source)
    return None if said is None else " ".join(said["packages"].split())
