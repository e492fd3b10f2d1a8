"""How torch prints each layer of the catalog: its `extra_repr`, as data.

A form lists what stands between the parentheses, in printed order. The texts are those
of torch before 2.13; later ones print `bias=` in norms, which then equals `affine`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Show(Enum):
    """How a value is written."""

    PLAIN = "as str() gives it"
    AXES = "once for each axis, in a tuple"
    QUOTED = "as repr() gives it"
    FLOATS = "as a floating-point number, or a tuple of them"
    SHAPE = "as a tuple, whatever its length"


@dataclass(frozen=True)
class Field:
    """One printed argument.

    `bare` ones are printed without their name; `unless` is a value at which the
    argument is not printed; `instead` is the argument whose value stands in for None.
    """

    argument: str
    show: Show = Show.PLAIN
    bare: bool = False
    unless: Any = ...
    instead: str | None = None


Form = tuple[Field, ...]


def _bare(*names: str) -> Form:
    return tuple(Field(name, bare=True) for name in names)


def _named(*names: str) -> Form:
    return tuple(Field(name) for name in names)


_INPLACE: Form = (Field("inplace", unless=False),)
_CONVOLUTION: Form = (
    *_bare("in_channels", "out_channels"),
    Field("kernel_size", Show.AXES),
    Field("stride", Show.AXES),
    Field("padding", Show.AXES, unless=0),
    Field("dilation", Show.AXES, unless=1),
    Field("output_padding", Show.AXES, unless=0),
    Field("groups", unless=1),
    Field("bias", unless=True),
    Field("padding_mode", unless="zeros"),
)
_NORM: Form = (
    *_bare("num_features"),
    *_named("eps", "momentum", "affine", "track_running_stats"),
)
_WINDOW: Form = (
    Field("kernel_size"),
    Field("stride", instead="kernel_size"),
    Field("padding"),
)
_MAX_POOL: Form = (*_WINDOW, *_named("dilation", "ceil_mode"))
_AVERAGE_POOL_1D: Form = (
    Field("kernel_size", Show.AXES),
    Field("stride", Show.AXES, instead="kernel_size"),
    Field("padding", Show.AXES),
)
_UPSAMPLE: Form = (
    Field("size", unless=None),
    Field("scale_factor", Show.FLOATS, unless=None),
    Field("mode", Show.QUOTED),
)
_EMBEDDING: Form = (
    *_bare("num_embeddings", "embedding_dim"),
    Field("padding_idx", unless=None),
    Field("max_norm", unless=None),
    Field("norm_type", unless=2),
    Field("scale_grad_by_freq", unless=False),
    Field("sparse", unless=False),
)


def _ranked(name: str, form: Form, *ranks: int) -> dict[str, Form]:
    return {f"{name}{rank}d": form for rank in ranks or (1, 2, 3)}


FORMS: dict[str, Form] = {
    **_ranked("Conv", _CONVOLUTION),
    **_ranked("ConvTranspose", _CONVOLUTION),
    **_ranked("BatchNorm", _NORM),
    **_ranked("InstanceNorm", _NORM),
    "GroupNorm": (*_bare("num_groups", "num_channels"), *_named("eps", "affine")),
    "LayerNorm": (
        Field("normalized_shape", Show.SHAPE, bare=True),
        *_named("eps", "elementwise_affine"),
        Field("bias", unless=True),
    ),
    "RMSNorm": (
        Field("normalized_shape", Show.SHAPE, bare=True),
        *_named("eps", "elementwise_affine"),
    ),
    **dict.fromkeys(("ReLU", "ReLU6", "SiLU", "Mish", "SELU"), _INPLACE),
    "LeakyReLU": (*_named("negative_slope"), *_INPLACE),
    **dict.fromkeys(("ELU", "CELU"), (*_named("alpha"), *_INPLACE)),
    "Hardtanh": (*_named("min_val", "max_val"), *_INPLACE),
    "Softplus": _named("beta", "threshold"),
    "GELU": (Field("approximate", Show.QUOTED),),
    **dict.fromkeys(("Softmax", "LogSoftmax", "GLU"), _named("dim")),
    "PReLU": _named("num_parameters"),
    **_ranked("MaxPool", _MAX_POOL),
    **_ranked("AvgPool", _WINDOW, 2, 3),
    "AvgPool1d": _AVERAGE_POOL_1D,
    **_ranked("AdaptiveAvgPool", _named("output_size")),
    **_ranked("AdaptiveMaxPool", _named("output_size")),
    **{
        f"{kind}Pad{rank}d": (Field("padding", Show.SHAPE, bare=True),)
        for kind in ("Reflection", "Replication", "Zero")
        for rank in (1, 2, 3)
    },
    "Upsample": _UPSAMPLE,
    "PixelShuffle": _named("upscale_factor"),
    "PixelUnshuffle": _named("downscale_factor"),
    "ChannelShuffle": _named("groups"),
    **dict.fromkeys(
        ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout"),
        _named("p", "inplace"),
    ),
    "Flatten": _named("start_dim", "end_dim"),
    "Linear": _named("in_features", "out_features", "bias"),
    "Embedding": _EMBEDDING,
}
"""Layers that are in the catalog and not here print nothing between the parentheses."""
