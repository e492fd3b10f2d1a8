"""The closed catalog of layer types, with the arguments of torch's constructors."""

from __future__ import annotations

from typing import Any

from medt_gen.catalog import kinds, rules
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
        _argument("kernel_size", kinds.POSITIVES),
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
        _argument("kernel_size", kinds.POSITIVES),
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
    arguments = (
        _leading("num_features", kinds.POSITIVE, INFERRED),
        _argument("eps", kinds.POSITIVE_NUMBER, 1e-5),
        _argument("momentum", kinds.MOMENTUM, 0.1),
        _argument("affine", kinds.BOOLEAN, affine),
        _argument("track_running_stats", kinds.BOOLEAN, affine),
    )
    ranks = frozenset({rank})
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
    inplace = ("ReLU", "ReLU6", "SiLU", "Mish", "Hardswish", "Hardsigmoid")
    slope = _argument("negative_slope", kinds.NUMBER, 0.01)
    slopes = (
        _leading("num_parameters", kinds.POSITIVE, 1),
        _argument("init", kinds.NUMBER, 0.25),
    )
    return (
        *(_plain(name, _INPLACE) for name in inplace),
        _plain("LeakyReLU", slope, _INPLACE),
        _plain("ELU", _argument("alpha", kinds.NUMBER, 1.0), _INPLACE),
        _plain("GELU", _argument("approximate", kinds.choice("none", "tanh"), "none")),
        _plain("Sigmoid"),
        _plain("Tanh"),
        _plain("Softmax", _argument("dim", kinds.INTEGER)),
        LayerType("PReLU", slopes, rules.channel_activation),
        _plain("Identity", aliases=True),
    )


def _upsample() -> LayerType:
    modes = kinds.choice("nearest", "bilinear", "trilinear", "bicubic")
    arguments = (
        _argument("scale_factor", kinds.POSITIVES),
        _argument("mode", modes, "nearest"),
        _argument("align_corners", kinds.BOOLEAN, None),
    )
    return LayerType("Upsample", arguments, rules.scaled, _ANY_SPACE)


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
    rule: Rule = rules.attention(positions, gated)
    return LayerType(
        name, tuple(arguments), rule, _ANY_SPACE, origin="layers", weighty=True
    )


_ALL = (
    *(_convolution(rank) for rank in (2, 3)),
    *(_transposed(rank) for rank in (2, 3)),
    *(_norm(f"BatchNorm{rank}d", rank, True) for rank in (2, 3)),
    *(_norm(f"InstanceNorm{rank}d", rank, False) for rank in (2, 3)),
    _group_norm(),
    *_activations(),
    *(_max_pool(rank) for rank in (2, 3)),
    *(_average_pool(rank) for rank in (2, 3)),
    *(_adaptive("AdaptiveAvgPool", rank) for rank in (2, 3)),
    *(_adaptive("AdaptiveMaxPool", rank) for rank in (2, 3)),
    _upsample(),
    LayerType(
        "PixelShuffle",
        (_leading("upscale_factor", kinds.POSITIVE),),
        rules.shuffled,
        frozenset({2}),
    ),
    _dropout("Dropout", None),
    _dropout("Dropout2d", frozenset({2})),
    _dropout("Dropout3d", frozenset({3})),
    LayerType("Flatten", (), rules.flattened, aliases=True),
    _linear(),
    _attention("AxialAttention"),
    _attention("AxialAttention_dynamic", gated=True),
    _attention("AxialAttention_wopos", positions=False),
)

LAYERS: dict[str, LayerType] = {layer.name: layer for layer in _ALL}
