"""What people write first: values of arguments, and steps, for examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LIKELY_VALUES: Mapping[str, tuple[Any, ...]] = {
    "out_channels": (32,),
    "out_features": (10,),
    "kernel_size": (3, 2),
    "num_groups": (4,),
    "output_size": (1,),
    "dim": (1,),
    "p": (0.1,),
    "value": (0,),
    "threshold": (0,),
    "normalized_shape": (16,),
    "embed_dim": (64,),
    "num_heads": (8,),
    "num_embeddings": (100,),
    "embedding_dim": (64,),
    "input_size": (64,),
    "hidden_size": (128,),
    "in_channels": (16,),
    "num_features": (16,),
    "multiple": (32,),
}
"""What people write first for an argument of this name."""
NEEDED_ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "Upsample": {"scale_factor": 2},
    "UpsamplingBilinear2d": {"scale_factor": 2},
    "UpsamplingNearest2d": {"scale_factor": 2},
}
"""Arguments of which one has to be given, though each may be left out."""
USUAL_STEPS: Mapping[str, str] = {
    "resize": "resize(0.5)",
    "shift": "shift(height, groups=3)",
    "roll": "roll(height, groups=3)",
}
"""Steps that need a value or an argument, though each may be left out."""
