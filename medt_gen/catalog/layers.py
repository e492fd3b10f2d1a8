"""The closed catalog of layer types, with the arguments of torch's constructors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from medt_gen.catalog import kinds, rules
from medt_gen.catalog.attention import attention
from medt_gen.catalog.entries import INFERRED, REQUIRED, Argument, LayerType, Rule
from medt_gen.catalog.kinds import Kind

_ANY_SPACE = frozenset({2, 3})


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
        f"Conv{rank}d", arguments, rules.convolved, frozenset({rank}), weighty=True
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
    name = f"ConvTranspose{rank}d"
    ranks = frozenset({rank})
    return LayerType(name, arguments, rules.transposed, ranks, weighty=True)


def _norm(name: str, rank: int, affine: bool) -> LayerType:
    # BatchNorm1d also takes features [N, C].
    ranks = frozenset({rank, 0} if name == "BatchNorm1d" else {rank})
    arguments = (
        _leading("num_features", kinds.POSITIVE, INFERRED),
        _argument("eps", kinds.POSITIVE_NUMBER, 1e-5),
        _argument("momentum", kinds.MOMENTUM, 0.1),
        _argument("affine", kinds.BOOLEAN, affine),
        _argument("track_running_stats", kinds.BOOLEAN, affine),
    )
    return LayerType(name, arguments, rules.normalised, ranks, normalises=True)


def _group_norm() -> LayerType:
    arguments = (
        _leading("num_groups", kinds.POSITIVE),
        _leading("num_channels", kinds.POSITIVE, INFERRED),
        _argument("eps", kinds.POSITIVE_NUMBER, 1e-5),
        _argument("affine", kinds.BOOLEAN, True),
    )
    return LayerType("GroupNorm", arguments, rules.group_normalised, _ANY_SPACE)


def _max_pool(rank: int) -> LayerType:
    arguments = (
        _leading("kernel_size", kinds.POSITIVES),
        _argument("stride", kinds.POSITIVES, None),
        _argument("padding", kinds.COUNTS, 0),
        _argument("dilation", kinds.POSITIVES, 1),
        _argument("ceil_mode", kinds.BOOLEAN, False),
    )
    return LayerType(f"MaxPool{rank}d", arguments, rules.pooled, frozenset({rank}))


def _average_pool(rank: int) -> LayerType:
    arguments = (
        _leading("kernel_size", kinds.POSITIVES),
        _argument("stride", kinds.POSITIVES, None),
        _argument("padding", kinds.COUNTS, 0),
    )
    return LayerType(f"AvgPool{rank}d", arguments, rules.pooled, frozenset({rank}))


def _adaptive(name: str, rank: int) -> LayerType:
    arguments = (_leading("output_size", kinds.POSITIVES),)
    return LayerType(f"{name}{rank}d", arguments, rules.adaptive, frozenset({rank}))


def _plain(name: str, *arguments: Argument, aliases: bool = False) -> LayerType:
    return LayerType(name, arguments, rules.unchanged, aliases=aliases)


_INPLACE = _argument("inplace", kinds.BOOLEAN, False)


def _dropout(name: str, ranks: frozenset[int] | None) -> LayerType:
    arguments = (_leading("p", kinds.PROBABILITY, 0.5), _INPLACE)
    return LayerType(name, arguments, rules.unchanged, ranks, aliases=True)


def _activations() -> tuple[LayerType, ...]:
    inplace = ("ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardswish", "Hardsigmoid")
    plain = ("Sigmoid", "LogSigmoid", "Tanh", "Tanhshrink", "Softsign", "Softmax2d")
    slope = _argument("negative_slope", kinds.NUMBER, 0.01)
    slopes = (
        _leading("num_parameters", kinds.POSITIVE, 1),
        _argument("init", kinds.NUMBER, 0.25),
    )
    return (
        *(_plain(name, _INPLACE) for name in inplace),
        _plain("LeakyReLU", slope, _INPLACE),
        *(
            _plain(name, _argument("alpha", kinds.NUMBER, 1.0), _INPLACE)
            for name in ("ELU", "CELU")
        ),
        _plain(
            "Hardtanh",
            _argument("min_val", kinds.NUMBER, -1.0),
            _argument("max_val", kinds.NUMBER, 1.0),
            _INPLACE,
        ),
        _plain(
            "Softplus",
            _argument("beta", kinds.NUMBER, 1.0),
            _argument("threshold", kinds.NUMBER, 20.0),
        ),
        _plain("GELU", _argument("approximate", kinds.choice("none", "tanh"), "none")),
        *(_plain(name) for name in plain),
        *(
            _plain(name, _argument("dim", kinds.OPTIONAL_INTEGER, default))
            for name, default in (("Softmax", REQUIRED), ("LogSoftmax", REQUIRED))
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
    arguments = (_leading("padding", kinds.EDGES),)
    return LayerType(f"{kind}Pad{rank}d", arguments, rules.padded, frozenset({rank}))


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
        ),
        LayerType(
            "PixelUnshuffle",
            (_leading("downscale_factor", kinds.POSITIVE),),
            rules.unshuffled,
            plane,
        ),
        _plain("ChannelShuffle", _leading("groups", kinds.POSITIVE)),
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
    return LayerType("Linear", arguments, rules.linear, weighty=True)


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


_RANKS = (1, 2, 3)

_ALL = (
    *(_convolution(rank) for rank in _RANKS),
    *(_transposed(rank) for rank in _RANKS),
    *(_norm(f"BatchNorm{rank}d", rank, True) for rank in _RANKS),
    *(_norm(f"InstanceNorm{rank}d", rank, False) for rank in _RANKS),
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
    _dropout("Dropout", None),
    _dropout("AlphaDropout", None),
    *(_dropout(f"Dropout{rank}d", frozenset({rank})) for rank in _RANKS),
    _flatten(),
    _linear(),
    _embedding(),
    _attention("AxialAttention"),
    _attention("AxialAttention_dynamic", gated=True),
    _attention("AxialAttention_wopos", positions=False),
)

LAYERS: dict[str, LayerType] = {layer.name: layer for layer in _ALL}
