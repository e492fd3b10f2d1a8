"""The closed catalog of layer types, with the arguments of torch's constructors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from medt_gen.catalog import kinds, rules, windows
from medt_gen.catalog.attention import attention
from medt_gen.catalog.entries import INFERRED, REQUIRED, Argument, LayerType, Rule
from medt_gen.catalog.kinds import Kind

_ANY_SPACE = frozenset({2, 3})
_RANKS = (1, 2, 3)


def _by_rank(name: str, features: str | None = None) -> dict[int, str]:
    """The layers of a family by rank; `features` is what does the like to [N, C]."""
    found = {rank: f"{name}{rank}d" for rank in _RANKS}
    return found if features is None else {0: features, **found}


def _argument(name: str, kind: Kind, default: Any = REQUIRED) -> Argument:
    return Argument(name, kind, default)


def _leading(name: str, kind: Kind, default: Any = REQUIRED) -> Argument:
    return Argument(name, kind, default, positional=True)


def _convolution(rank: int) -> LayerType:
    arguments = (
        _leading("in_channels", kinds.POSITIVE, INFERRED),
        _leading("out_channels", kinds.POSITIVE),
        _leading("kernel_size", kinds.POSITIVES),
        _argument("stride", kinds.POSITIVES, 1),
        _argument("padding", kinds.PADDING, 0),
        _argument("dilation", kinds.POSITIVES, 1),
        _argument("groups", kinds.POSITIVE, 1),
        _argument("bias", kinds.BOOLEAN, True),
        _argument(
            "padding_mode",
            kinds.choice("zeros", "reflect", "replicate", "circular"),
            "zeros",
        ),
    )
    return LayerType(
        f"Conv{rank}d",
        arguments,
        windows.convolved,
        frozenset({rank}),
        weighty=True,
        instead=_by_rank("Conv", "Linear"),
    )


def _transposed(rank: int) -> LayerType:
    arguments = (
        _leading("in_channels", kinds.POSITIVE, INFERRED),
        _leading("out_channels", kinds.POSITIVE),
        _leading("kernel_size", kinds.POSITIVES),
        _argument("stride", kinds.POSITIVES, 1),
        _argument("padding", kinds.COUNTS, 0),
        _argument("output_padding", kinds.COUNTS, 0),
        _argument("groups", kinds.POSITIVE, 1),
        _argument("bias", kinds.BOOLEAN, True),
        _argument("dilation", kinds.POSITIVES, 1),
    )
    return LayerType(
        f"ConvTranspose{rank}d",
        arguments,
        windows.transposed,
        frozenset({rank}),
        weighty=True,
        instead=_by_rank("ConvTranspose", "Linear"),
    )


def _batch_norm(rank: int) -> LayerType:
    return LayerType(
        f"BatchNorm{rank}d",
        _norm_arguments(affine=True),
        rules.normalised,
        frozenset({0, 1} if rank == 1 else {rank}),
        normalises=True,
        instead=_by_rank("BatchNorm", "BatchNorm1d"),
    )


def _instance_norm(rank: int) -> LayerType:
    return LayerType(
        f"InstanceNorm{rank}d",
        _norm_arguments(affine=False),
        rules.normalised,
        frozenset({rank}),
        normalises=True,
        instead=_by_rank("InstanceNorm", "LayerNorm"),
    )


def _norm_arguments(*, affine: bool) -> tuple[Argument, ...]:
    return (
        _leading("num_features", kinds.POSITIVE, INFERRED),
        _argument("eps", kinds.POSITIVE_NUMBER, 1e-5),
        _argument("momentum", kinds.MOMENTUM, 0.1),
        _argument("affine", kinds.BOOLEAN, affine),
        _argument("track_running_stats", kinds.BOOLEAN, affine),
    )


def _group_norm() -> LayerType:
    arguments = (
        _leading("num_groups", kinds.POSITIVE),
        _leading("num_channels", kinds.POSITIVE, INFERRED),
        _argument("eps", kinds.POSITIVE_NUMBER, 1e-5),
        _argument("affine", kinds.BOOLEAN, True),
    )
    return LayerType(
        "GroupNorm",
        arguments,
        rules.group_normalised,
        _ANY_SPACE,
        instead={0: "LayerNorm"},
    )


def _max_pool(rank: int) -> LayerType:
    arguments = (
        _leading("kernel_size", kinds.POSITIVES),
        _argument("stride", kinds.POSITIVES, None),
        _argument("padding", kinds.COUNTS, 0),
        _argument("dilation", kinds.POSITIVES, 1),
        _argument("ceil_mode", kinds.BOOLEAN, False),
    )
    return _pool("MaxPool", rank, arguments, windows.pooled)


def _average_pool(rank: int) -> LayerType:
    arguments = (
        _leading("kernel_size", kinds.POSITIVES),
        _argument("stride", kinds.POSITIVES, None),
        _argument("padding", kinds.COUNTS, 0),
    )
    return _pool("AvgPool", rank, arguments, windows.averaged)


def _adaptive(name: str, rank: int) -> LayerType:
    arguments = (_leading("output_size", kinds.POSITIVES),)
    return _pool(name, rank, arguments, rules.adaptive)


def _pool(
    name: str, rank: int, arguments: tuple[Argument, ...], rule: Rule
) -> LayerType:
    return LayerType(
        f"{name}{rank}d",
        arguments,
        rule,
        frozenset({rank}),
        instead=_by_rank(name),
    )


def _plain(name: str, *arguments: Argument, aliases: bool = False) -> LayerType:
    return LayerType(name, arguments, rules.unchanged, aliases=aliases)


_INPLACE = _argument("inplace", kinds.BOOLEAN, False)


_DROPOUT = (_leading("p", kinds.PROBABILITY, 0.5), _INPLACE)


def _channel_dropout(rank: int) -> LayerType:
    return LayerType(
        f"Dropout{rank}d",
        _DROPOUT,
        rules.unchanged,
        frozenset({rank}),
        aliases=True,
        instead=_by_rank("Dropout", "Dropout"),
    )


def _activations() -> tuple[LayerType, ...]:
    inplace = ("ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardswish", "Hardsigmoid")
    plain = ("Sigmoid", "LogSigmoid", "Tanh", "Tanhshrink", "Softsign")
    slope = _argument("negative_slope", kinds.NUMBER, 0.01)
    slopes = (
        _leading("num_parameters", kinds.POSITIVE, 1),
        _argument("init", kinds.NUMBER, 0.25),
    )
    return (
        *(_plain(name, _INPLACE) for name in inplace),
        _plain("LeakyReLU", slope, _INPLACE),
        _plain("ELU", _argument("alpha", kinds.NUMBER, 1.0), _INPLACE),
        _plain("CELU", _argument("alpha", kinds.NUMBER_BUT_ZERO, 1.0), _INPLACE),
        LayerType(
            "Hardtanh",
            (
                _argument("min_val", kinds.NUMBER, -1.0),
                _argument("max_val", kinds.NUMBER, 1.0),
                _INPLACE,
            ),
            rules.clipped,
        ),
        _plain(
            "Softplus",
            _argument("beta", kinds.NUMBER, 1.0),
            _argument("threshold", kinds.NUMBER, 20.0),
        ),
        _plain("GELU", _argument("approximate", kinds.choice("none", "tanh"), "none")),
        *(_plain(name) for name in plain),
        LayerType(
            "Softmax2d",
            (),
            rules.unchanged,
            frozenset({2}),
            instead={0: "Softmax", 3: "Softmax"},
        ),
        *(
            LayerType(
                name,
                (_argument("dim", kinds.OPTIONAL_INTEGER),),
                rules.normalised_along,
            )
            for name in ("Softmax", "LogSoftmax")
        ),
        LayerType("GLU", (_argument("dim", kinds.INTEGER, -1),), rules.halved),
        LayerType("PReLU", slopes, rules.channel_activation),
        _plain("Identity", aliases=True),
    )


def _upsample() -> LayerType:
    modes = kinds.choice("nearest", "linear", "bilinear", "trilinear", "bicubic")
    arguments = (
        _argument("size", kinds.POSITIVES, None),
        _argument("scale_factor", kinds.FACTORS, None),
        _argument("mode", modes, "nearest"),
        _argument("align_corners", kinds.BOOLEAN, None),
    )
    return LayerType("Upsample", arguments, rules.scaled, _ANY_SPACE)


def _padded(kind: str, rank: int) -> LayerType:
    return LayerType(
        f"{kind}Pad{rank}d",
        (_leading("padding", kinds.EDGES),),
        rules.reflected if kind == "Reflection" else rules.padded,
        frozenset({rank}),
        instead=_by_rank(f"{kind}Pad"),
    )


def _features_norm(name: str, *more: Argument) -> LayerType:
    arguments = (
        _leading("normalized_shape", kinds.LENGTHS),
        *more,
        _argument("elementwise_affine", kinds.BOOLEAN, True),
    )
    return LayerType(name, arguments, rules.features_normalised)


def _layer_norm() -> LayerType:
    base = _features_norm("LayerNorm", _argument("eps", kinds.POSITIVE_NUMBER, 1e-5))
    bias = _argument("bias", kinds.BOOLEAN, True)
    return replace(base, arguments=(*base.arguments, bias))


def _embedding() -> LayerType:
    arguments = (
        _leading("num_embeddings", kinds.POSITIVE),
        _leading("embedding_dim", kinds.POSITIVE),
        _argument("padding_idx", kinds.OPTIONAL_INTEGER, None),
        _argument("max_norm", kinds.OPTIONAL_NUMBER, None),
        _argument("norm_type", kinds.NUMBER, 2.0),
        _argument("scale_grad_by_freq", kinds.BOOLEAN, False),
        _argument("sparse", kinds.BOOLEAN, False),
    )
    return LayerType("Embedding", arguments, rules.embedded, weighty=True)


def _rearrangements() -> tuple[LayerType, ...]:
    plane = frozenset({2})
    return (
        LayerType(
            "PixelShuffle",
            (_leading("upscale_factor", kinds.POSITIVE),),
            rules.shuffled,
            plane,
            instead={3: "ConvTranspose3d"},
        ),
        LayerType(
            "PixelUnshuffle",
            (_leading("downscale_factor", kinds.POSITIVE),),
            rules.unshuffled,
            plane,
            instead={3: "Conv3d"},
        ),
        LayerType(
            "ChannelShuffle",
            (_leading("groups", kinds.POSITIVE),),
            rules.channels_shuffled,
            frozenset(_RANKS),
        ),
    )


def _flatten() -> LayerType:
    arguments = (
        _argument("start_dim", kinds.INTEGER, 1),
        _argument("end_dim", kinds.INTEGER, -1),
    )
    return LayerType("Flatten", arguments, rules.flattened_layer, aliases=True)


def _linear() -> LayerType:
    arguments = (
        _leading("in_features", kinds.POSITIVE, INFERRED),
        _leading("out_features", kinds.POSITIVE),
        _argument("bias", kinds.BOOLEAN, True),
    )
    return LayerType("Linear", arguments, rules.linear, frozenset({0}), weighty=True)


def _attention(name: str, positions: bool = True, gated: bool = False) -> LayerType:
    arguments = [
        _leading("channels", kinds.POSITIVE, INFERRED),
        _leading("heads", kinds.POSITIVE, 8),
    ]
    if positions:
        arguments.append(_argument("span", kinds.POSITIVE, INFERRED))
    arguments.append(_argument("axis", kinds.choice("depth", "height", "width")))
    arguments.append(_argument("stride", kinds.POSITIVE, 1))
    if gated:
        arguments += [
            _argument("gates", kinds.GATES, (0.1, 0.1, 0.1, 1.0)),
            _argument("trainable_gates", kinds.BOOLEAN, False),
            _argument("gate_range", kinds.RANGE, None),
        ]
    rule: Rule = attention(positions, gated)
    return LayerType(
        name, tuple(arguments), rule, _ANY_SPACE, origin="layers", weighty=True
    )


_ALL = (
    *(_convolution(rank) for rank in _RANKS),
    *(_transposed(rank) for rank in _RANKS),
    *(_batch_norm(rank) for rank in _RANKS),
    *(_instance_norm(rank) for rank in _RANKS),
    _group_norm(),
    _layer_norm(),
    _features_norm("RMSNorm", _argument("eps", kinds.OPTIONAL_NUMBER, None)),
    *_activations(),
    *(_max_pool(rank) for rank in _RANKS),
    *(_average_pool(rank) for rank in _RANKS),
    *(_adaptive("AdaptiveAvgPool", rank) for rank in _RANKS),
    *(_adaptive("AdaptiveMaxPool", rank) for rank in _RANKS),
    *(
        _padded(kind, rank)
        for kind in ("Reflection", "Replication", "Zero")
        for rank in _RANKS
    ),
    _upsample(),
    *_rearrangements(),
    _plain("Dropout", *_DROPOUT, aliases=True),
    _plain("AlphaDropout", *_DROPOUT, aliases=True),
    *(_channel_dropout(rank) for rank in _RANKS),
    _flatten(),
    _linear(),
    _embedding(),
    _attention("AxialAttention"),
    _attention("AxialAttention_dynamic", gated=True),
    _attention("AxialAttention_wopos", positions=False),
)

LAYERS: dict[str, LayerType] = {layer.name: layer for layer in _ALL}
