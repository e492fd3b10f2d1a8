"""The packages beside torch that a file needs: those whose layers its network has."""

from __future__ import annotations

from medt_gen.catalog.entries import LayerType
from medt_gen.messages.wording import either
from medt_gen.network.records import Network
from medt_gen.network.walk import network_leaves


def imported_layers(network: Network) -> dict[str, LayerType]:
    """The layers of a network that its file imports from packages, by name."""
    layers = (leaf.layer for leaf in network_leaves(network))
    return {layer.name: layer for layer in layers if layer.module is not None}


def needed_packages(network: Network) -> str:
    """The packages and what of them; empty where torch is all that is needed."""
    found: dict[str, list[str]] = {}
    for layer in imported_layers(network).values():
        assert layer.plugin is not None
        package = f"{layer.plugin.package} {layer.plugin.version}"
        found.setdefault(package, []).append(layer.name)
    parts = [
        f"{package} for {either(names, 'and')}" for package, names in found.items()
    ]
    return either(parts, "and") if parts else ""
