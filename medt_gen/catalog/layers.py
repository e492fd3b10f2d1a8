"""The layers of all families, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from medt_gen.catalog.activation import ACTIVATIONS
from medt_gen.catalog.attention import ATTENTION_PARTS, ATTENTIONS
from medt_gen.catalog.convolution import CONVOLUTIONS
from medt_gen.catalog.criss_cross import CRISS_CROSS
from medt_gen.catalog.dropout import DROPOUTS
from medt_gen.catalog.entries import LayerType
from medt_gen.catalog.features import FEATURE_LAYERS
from medt_gen.catalog.foreign import FOREIGN
from medt_gen.catalog.norm import NORMS
from medt_gen.catalog.padding import PADDINGS
from medt_gen.catalog.patching import PATCHINGS
from medt_gen.catalog.pool import POOLS
from medt_gen.catalog.resize import RESIZES
from medt_gen.catalog.sequences import SEQUENCE_LAYERS, SEQUENCE_PARTS

_ALL = (
    *CONVOLUTIONS,
    *NORMS,
    *ACTIVATIONS,
    *POOLS,
    *PADDINGS,
    *RESIZES,
    *PATCHINGS,
    *DROPOUTS,
    *FEATURE_LAYERS,
    *SEQUENCE_LAYERS,
    *ATTENTIONS,
    CRISS_CROSS,
)

_NONE: Mapping[str, LayerType] = MappingProxyType({})
_OF_PLUGINS: ContextVar[Mapping[str, LayerType]] = ContextVar(
    "layers of plugins", default=_NONE
)


class _Catalog(Mapping[str, LayerType]):
    """The layers that ship, and those of the plugins that are in use right here."""

    def __init__(self, shipped: Mapping[str, LayerType]) -> None:
        self._shipped = shipped

    def __getitem__(self, name: str) -> LayerType:
        return self._shipped[name] if name in self._shipped else plugin_layers()[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._shipped
        yield from plugin_layers()

    def __len__(self) -> int:
        return len(self._shipped) + len(plugin_layers())


def plugin_layers() -> Mapping[str, LayerType]:
    """The layers of the plugins that are in use right here."""
    return _OF_PLUGINS.get()


def plugin_names(layers: Mapping[str, LayerType]) -> tuple[str, ...]:
    """The plugins that bring some of these layers."""
    origins = (layer.plugin for layer in layers.values() if layer.plugin)
    return tuple(dict.fromkeys(origin.name for origin in origins))


@contextmanager
def with_layers(layers: Mapping[str, LayerType]) -> Iterator[None]:
    """Know these layers as well, for as long as the block runs, and in no other thread.

    Who asks for a plugin passes it to what it does, so that no other load sees it.
    """
    token = _OF_PLUGINS.set({**plugin_layers(), **layers})
    try:
        yield
    finally:
        _OF_PLUGINS.reset(token)


_SHIPPED = {layer.name: layer for layer in _ALL}

LAYERS: Mapping[str, LayerType] = _Catalog(_SHIPPED)
"""Every type of layer that a spec can name."""

PRINTED_LAYERS: Mapping[str, LayerType] = _Catalog(
    {
        **FOREIGN,
        **_SHIPPED,
        **{layer.name: layer for layer in (*ATTENTION_PARTS, *SEQUENCE_PARTS)},
    }
)
"""Those, and what is only printed: parts of others, classes of other libraries."""
