"""The layers of all families, by name."""

from __future__ import annotations

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

LAYERS: dict[str, LayerType] = {layer.name: layer for layer in _ALL}
"""Every type of layer that a spec can name."""

PRINTED_LAYERS: dict[str, LayerType] = {
    **FOREIGN,
    **LAYERS,
    **{layer.name: layer for layer in (*ATTENTION_PARTS, *SEQUENCE_PARTS)},
}
"""Those, and what is only printed: parts of others, classes of other libraries."""
