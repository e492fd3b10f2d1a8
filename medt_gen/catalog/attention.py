"""Axial attention along one axis of space: the layers of `medt_gen.layers`.

A kind of it is a record; arguments, tensors and printed rows follow from that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from medt_gen.algebra.terms import ArgumentValue, Shape, Term
from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import (
    CHANNELS,
    LENGTH,
    Argument,
    Values,
    leading,
    terms,
)
from medt_gen.catalog.convolution import CONVOLUTIONS
from medt_gen.catalog.entries import (
    HeldTensor,
    LayerType,
    Multiple,
    Part,
    Role,
    Whole,
    named_axis,
)
from medt_gen.catalog.errors import ShapeError, dividing
from medt_gen.catalog.families import SPACE
from medt_gen.catalog.norm import NORMS
from medt_gen.catalog.pool import POOLS


@dataclass(frozen=True)
class AttentionKind:
    """A kind of axial attention.

    which: which kind it is, in words that complete "attention along one axis";
    terms: how many logits are normalised and added up (qk; with positions qr and kr);
    outputs: how many are normalised and added up behind the softmax (sv; with positions
    sve); gates: the factors on the terms and outputs, each a parameter.
    """

    name: str
    which: str
    terms: int = 3
    outputs: int = 2
    gates: tuple[str, ...] = ()

    @property
    def positions(self) -> bool:
        """Whether it knows relative positions, by a table of the span's length."""
        return self.terms > 1


ATTENTION_KINDS = (
    AttentionKind("AxialAttention", "with relative positions"),
    AttentionKind(
        "AxialAttention_dynamic",
        "with relative positions and a gate on each of their terms",
        gates=("f_qr", "f_kr", "f_sve", "f_sv"),
    ),
    AttentionKind("AxialAttention_wopos", "without positions", terms=1, outputs=1),
)

_INNER = {layer.name: layer for layer in (*CONVOLUTIONS, *NORMS, *POOLS)}
_PROJECTION = replace(_INNER["Conv1d"], name="qkv_transform", own=True)
_POOLING = {2: _INNER["AvgPool2d"], 3: _INNER["AvgPool3d"]}

ATTENTION_PARTS = (_PROJECTION,)
"""Layers that stand inside of attention alone: no spec can name them."""


def attention_layer(kind: AttentionKind) -> LayerType:
    """The entry of a kind of axial attention."""
    return LayerType(
        kind.name,
        tuple(_arguments(kind)),
        _attended,
        lambda values: tuple(_own_tensors(kind, values)),
        parts=lambda values, rank: tuple(_parts(kind, values, rank)),
        whole=lambda parts: _whole(kind, parts),
        work=_work,
        ranks=SPACE,
        statistics="batch",
        apart="with_patch_norms",
        fast=f"Fast{kind.name}",
        weighty=True,
        multiples=(Multiple("channels", "heads", factor=2),),
        opens_gates=bool(kind.gates),
        volume_flag="volume",
        own=True,
        family="attention",
        says=f"Self-attention of `heads` heads along one axis, {kind.which}; the "
        "channels stay, and `stride` pools every axis.",
    )


def _arguments(kind: AttentionKind) -> list[Argument]:
    arguments = [
        leading("channels", kinds.POSITIVE, CHANNELS),
        leading("heads", kinds.POSITIVE, 8),
    ]
    if kind.positions:
        arguments.append(Argument("span", kinds.POSITIVE, LENGTH))
    axes = kinds.choice("depth", "height", "width")
    arguments += [Argument("axis", axes), Argument("stride", kinds.POSITIVE, 1)]
    if kind.gates:
        arguments += [
            Argument("gates", kinds.numbers(*kind.gates), (0.1, 0.1, 0.1, 1.0)),
            Argument("trainable_gates", kinds.BOOLEAN, default=False),
            Argument("gate_range", kinds.RANGE, None),
        ]
    return arguments


# --- shape ----------------------------------------------------------------------------


def _attended(values: Values, shape: Shape) -> Shape:
    named_axis(values, shape)
    _check_heads(shape.channels.number, values.number("heads"))
    stride = values.term("stride")
    return Shape(shape.channels, tuple(_strided(axis, stride) for axis in shape.size))


def _check_heads(channels: int, heads: int) -> None:
    if channels % heads:
        raise ShapeError(
            f"{heads} heads do not divide {channels} channels",
            _working_heads(channels),
            "heads",
        )
    width = channels // heads
    if width % 2:
        reason = "2 or more" if width == 1 else "even"
        raise ShapeError(
            f"{channels} channels over {heads} heads leave {width} for each head, and "
            f"that has to be {reason}: half of them are queries and keys",
            _working_heads(channels),
            "heads",
        )


def _working_heads(channels: int) -> str:
    working = [n for n in range(1, min(channels, 1024) + 1) if channels % (2 * n) == 0]
    if not working:
        return "make the number of channels even"
    return f"heads that work for {channels} channels: {', '.join(map(str, working))}"


def _strided(axis: Term, stride: Term) -> Term:
    if axis.number % stride.number:
        raise ShapeError(
            f"stride {stride.number} does not divide an axis of {axis.number}",
            _working_strides(axis.number, stride.number),
            "stride",
        )
    return axis // stride


def _working_strides(axis: int, near: int) -> str | None:
    if all(axis % number for number in range(2, axis)):
        return None
    return f"strides that divide {axis}: {dividing(axis, near)}"


def _work(values: Values, before: Shape, after: Shape) -> int:
    """Products of the logits and of what is weighted by them."""
    length = before.size[named_axis(values, before)].number
    lines = before.elements // before.channels.number // length
    return lines * length**2 * (values.number("heads") + 2 * before.channels.number)


# --- tensors and rows -----------------------------------------------------------------


def _own_tensors(kind: AttentionKind, values: Values) -> list[HeldTensor]:
    tensors = []
    if kind.gates:
        learn = values.flag("trainable_gates")
        role = Role.PARAMETER if learn else Role.FROZEN
        tensors += [HeldTensor(gate, (), role) for gate in kind.gates]
    if kind.positions:
        span = values.number("span")
        width = values.number("channels") // values.number("heads")
        tensors += [
            HeldTensor("relative", (2 * width, 2 * span - 1)),
            HeldTensor("flatten_index", (span * span,), Role.BUFFER),
        ]
    return tensors


def _parts(kind: AttentionKind, values: Values, rank: int) -> list[Part]:
    channels, heads = values.number("channels"), values.number("heads")
    stride = values.number("stride")
    projection: dict[str, ArgumentValue] = terms(
        {"in_channels": channels, "out_channels": 2 * channels, "kernel_size": 1}
    ) | terms({"bias": False})
    parts = [
        Part("qkv_transform", _PROJECTION, _PROJECTION.filled(projection)),
        _norm("bn_qkv", "BatchNorm1d", 2 * channels),
        _norm("bn_similarity", "BatchNorm2d", kind.terms * heads),
        _norm("bn_output", "BatchNorm1d", kind.outputs * channels),
    ]
    if stride > 1:
        pooling = _POOLING[rank]
        parts.append(
            Part("pooling", pooling, pooling.filled(terms({"kernel_size": stride})))
        )
    return parts


def _norm(name: str, type_name: str, features: int) -> Part:
    layer = _INNER[type_name]
    return Part(name, layer, layer.filled(terms({"num_features": features})))


def _whole(kind: AttentionKind, parts: Mapping[str, Part]) -> Whole | None:
    """Channels, heads and stride; the axis, the span and the gates are not printed."""
    projection, similarity = parts.get("qkv_transform"), parts.get("bn_similarity")
    if projection is None or similarity is None:
        return None
    logits = similarity.values.number("num_features")
    if projection.layer is not _PROJECTION or logits % kind.terms:
        return None
    channels = projection.values.number("in_channels")
    sizes = {"channels": channels, "heads": logits // kind.terms}
    pooling = parts.get("pooling")
    if pooling is None:
        return Whole(sizes, 2)
    ranks = [rank for rank, layer in _POOLING.items() if layer is pooling.layer]
    stride = set(pooling.values.numbers("kernel_size")) if ranks else set()
    if len(stride) != 1:
        return None
    return Whole({**sizes, "stride": stride.pop()}, ranks[0])


ATTENTIONS = tuple(attention_layer(kind) for kind in ATTENTION_KINDS)
