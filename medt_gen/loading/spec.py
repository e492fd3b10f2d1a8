"""A spec that passed every check: what `load` returns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from medt_gen.catalog.entries import LayerType
from medt_gen.catalog.layers import plugin_names, with_layers
from medt_gen.loading.run_sizes import RunSizes, run_sizes
from medt_gen.messages.diagnostics import Diagnostic
from medt_gen.network.records import Network
from medt_gen.notebook_views import drawn
from medt_gen.resolve.scope import Limits
from medt_gen.resolve.types import Types
from medt_gen.spec.declarations import NetworkDeclaration
from medt_gen.spec.nodes import MappingNode, node_data
from medt_gen.spec.read_class import CLASS, TITLE, VERSION

_MOST_KNOWN = 256
_RUN_SIZES: dict[str, RunSizes] = {}


@dataclass(frozen=True)
class Spec:
    """A spec that passed every check, with the network it describes.

    `network` is what is built. Where the input has a `largest:`, it is the network for
    that, and `usual` is the one for its `size:`, of like weights; else both are one.
    `name` is the file's name without its ending, `label` what messages call it. The
    declaration, the types and the limits are what it was resolved from, and `layers`
    are those of plugins.
    """

    name: str
    label: str
    node: MappingNode = field(repr=False)
    network: Network = field(repr=False)
    usual: Network = field(repr=False)
    warnings: tuple[Diagnostic, ...] = field(repr=False)
    declared: NetworkDeclaration = field(repr=False)
    types: Types = field(repr=False)
    limits: Limits = field(repr=False)
    overrides: tuple[str, ...] = ()
    layers: Mapping[str, LayerType] = field(default_factory=dict, repr=False)

    @property
    def plugins(self) -> tuple[str, ...]:
        """The plugins that it was loaded with, whose `layers` it knows."""
        return plugin_names(self.layers)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The composed spec as plain data, what it extends merged in."""
        document = _with_class(node_data(self.node), self.network.name)
        document.pop("extends", None)
        used = {block.declaration.reference: block for block in self.network.blocks}
        own = {
            name: _without_parent(node_data(block.declaration.node))
            for name, block in used.items()
            if not block.declaration.shipped and block.declaration.node is not None
        }
        document.pop("blocks", None)
        if own:
            document["blocks"] = own
        return document

    @cached_property
    def run_sizes(self) -> RunSizes:
        """The sizes of images that the network takes once it is built.

        Trying them takes longer than all else: equal specs share what was found.
        """
        origins = sorted(f"{x.plugin} {name}" for name, x in self.layers.items())
        key = json.dumps([self.document, asdict(self.limits), origins])
        if key not in _RUN_SIZES:
            if len(_RUN_SIZES) >= _MOST_KNOWN:
                _RUN_SIZES.clear()
            with with_layers(self.layers):
                _RUN_SIZES[key] = run_sizes(
                    self.network, self.usual, self.declared, self.types, self.limits
                )
        return _RUN_SIZES[key]

    def _repr_html_(self) -> str:
        return drawn("spec", self)

    @property
    def title(self) -> str:
        """The spec's title, or the name of its class."""
        return self.network.root.declaration.keys[TITLE] or self.network.name


def _with_class(document: dict[str, Any], name: str) -> dict[str, Any]:
    """With the class's name, which else is that of a file, in its usual place."""
    first = {VERSION.name: document.get(VERSION.name), CLASS.name: name}
    return {**first, **document}


def _without_parent(document: dict[str, Any]) -> dict[str, Any]:
    """A composed block: what it extends is merged in already."""
    return {name: item for name, item in document.items() if name != "extends"}
