"""Axial attention along one axis of space: the layers of `medt_gen.layers`.

A kind of it is a record; arguments, tensors and printed rows follow from that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from medt_gen.algebra.terms import ArgumentValue, Datum, Shape, Term, constant
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
    PartCall,
    Role,
    Whole,
    named_axis,
    summed,
)
from medt_gen.catalog.errors import ShapeError, dividing
from medt_gen.catalog.families import SPACE
from medt_gen.catalog.norm import NORMS
from medt_gen.catalog.pool import POOLS, average_pooled


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
        work=lambda values, before, _: _work(kind, values, before),
        part_calls=lambda *call: tuple(_part_calls(kind, *call)),
        ranks=SPACE,
        statistics="batch",
        apart="with_patch_norms",
        fast=f"Fast{kind.name}",
        defined_only=_defined_only,
        weighty=True,
        multiples=(Multiple("channels", "heads", factor=2),),
        opens_gates=bool(kind.gates),
        volume_flag="volume",
        own=True,
        family="attention",
        says=f"Self-attention of `heads` heads along one axis, {kind.which}; the "
        "channels stay, and `stride` pools every axis.",
    )


_SIZE, _PADDING = "pooling_size", "pooling_padding"
_POOLING_ARGUMENTS = (
    Argument(_SIZE, kinds.OPTIONAL_POSITIVES, None, within=("pooling", "kernel_size")),
    Argument(_PADDING, kinds.COUNTS, 0, within=("pooling", "padding")),
)
_BY_DEFINITION = (
    Argument("norms", kinds.BOOLEAN, default=True),
    Argument("window", kinds.ODD, None),
)


def _defined_only(values: Values) -> bool:
    """Without norms, and in a window, there is the definition alone."""
    return not values.flag("norms") or values.data("window") is not None


def _arguments(kind: AttentionKind) -> list[Argument]:
    arguments = [
        leading("channels", kinds.POSITIVE, CHANNELS),
        leading("heads", kinds.POSITIVE, 8),
    ]
    if kind.positions:
        arguments.append(Argument("span", kinds.POSITIVE, LENGTH))
    axes = kinds.choice("depth", "height", "width")
    arguments += [Argument("axis", axes), Argument("stride", kinds.POSITIVES, 1)]
    arguments += [*_POOLING_ARGUMENTS, *_BY_DEFINITION]
    if kind.gates:
        some_gates = kinds.flag_or_some(*kind.gates)
        arguments += [
            Argument("gates", kinds.numbers(*kind.gates), (0.1, 0.1, 0.1, 1.0)),
            Argument("trainable_gates", some_gates, default=False),
            Argument("gate_range", kinds.RANGE, None),
        ]
    return arguments


# --- shape ----------------------------------------------------------------------------


def _attended(values: Values, shape: Shape) -> Shape:
    named_axis(values, shape)
    _check_heads(shape.channels.number, values.number("heads"))
    if _SIZE in values and values.data(_SIZE) is not None:
        return _windowed(values, shape)
    strides = values.on_axes("stride", len(shape.size))
    if values.data(_PADDING):
        raise ShapeError(
            "`padding` of the pooling goes with a `kernel_size`",
            "write `pooling: {kernel_size: 3, padding: 1}`",
            _PADDING,
        )
    axes = zip(shape.size, strides, strict=True)
    return Shape(shape.channels, tuple(_strided(*pair) for pair in axes))


def _windowed(values: Values, shape: Shape) -> Shape:
    """What a pooling with windows of its own leaves."""
    try:
        return average_pooled(_pooling_values(values, len(shape.size)), shape)
    except ShapeError as error:
        own = {"kernel_size": _SIZE, "padding": _PADDING}
        argument = own.get(error.argument or "", error.argument)
        raise type(error)(f"pooling: {error}", error.help, argument) from None


def _pooling_values(values: Values, rank: int) -> Values:
    """The arguments of the pooling at the end."""
    size = _SIZE if values.data(_SIZE) is not None else "stride"
    given = {
        "kernel_size": values.given[size],
        "stride": values.given["stride"],
        "padding": values.given[_PADDING],
    }
    return _POOLING[rank].filled(given)


def _has_pooling(values: Values) -> bool:
    return max(values.numbers("stride")) > 1 or values.data(_SIZE) is not None


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


def _work(kind: AttentionKind, values: Values, before: Shape) -> int:
    """Products of the logits and of what is weighted by them.

    A query or key has half of a head's channels, a value all of them.
    """
    length, channels = _length(values, before), before.channels.number
    heads = values.number("heads")
    width = channels // heads
    lines = before.elements // channels // length * heads
    logits = summed(width // 2, lines * length**2)
    outputs = summed(length, lines * length * width)
    return kind.terms * logits + kind.outputs * outputs


def _length(values: Values, before: Shape) -> int:
    return before.size[named_axis(values, before)].number


def _part_calls(
    kind: AttentionKind, values: Values, before: Shape, after: Shape
) -> Iterator[PartCall]:
    """The lines are side by side in one axis, each place of them with its channels."""
    channels, length = before.channels.number, _length(values, before)
    places = before.elements // channels
    projected = _shape(2 * channels, places)
    yield PartCall("qkv_transform", projected, 2 * channels**2 * places)
    if values.flag("norms"):
        logits = kind.terms * values.number("heads")
        yield PartCall("bn_qkv", projected)
        yield PartCall("bn_similarity", _shape(logits, places, length))
        yield PartCall("bn_output", _shape(kind.outputs * channels, places))
    if _has_pooling(values):
        yield PartCall("pooling", after)


def _shape(channels: int, *size: int) -> Shape:
    return Shape(constant(channels), tuple(constant(axis) for axis in size))


# --- tensors and rows -----------------------------------------------------------------


def _own_tensors(kind: AttentionKind, values: Values) -> list[HeldTensor]:
    tensors = []
    if kind.gates:
        learning = values.data("trainable_gates")
        every = kind.gates if learning is True else ()
        named = learning if isinstance(learning, list) else every
        for gate in kind.gates:
            role = Role.PARAMETER if gate in named else Role.FROZEN
            tensors.append(HeldTensor(gate, (), role))
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
    projection: dict[str, ArgumentValue] = terms(
        {"in_channels": channels, "out_channels": 2 * channels, "kernel_size": 1}
    ) | terms({"bias": False})
    parts = [
        Part("qkv_transform", _PROJECTION, _PROJECTION.filled(projection)),
    ]
    if values.flag("norms"):
        parts += [
            _norm("bn_qkv", "BatchNorm1d", 2 * channels),
            _norm("bn_similarity", "BatchNorm2d", kind.terms * heads),
            _norm("bn_output", "BatchNorm1d", kind.outputs * channels),
        ]
    if _has_pooling(values):
        parts.append(Part("pooling", _POOLING[rank], _pooling_values(values, rank)))
    return parts


def _norm(name: str, type_name: str, features: int) -> Part:
    layer = _INNER[type_name]
    return Part(name, layer, layer.filled(terms({"num_features": features})))


def _whole(kind: AttentionKind, parts: Mapping[str, Part]) -> Whole | None:
    """Channels, heads and stride; the axis, the span and the gates are not printed."""
    projection, similarity = parts.get("qkv_transform"), parts.get("bn_similarity")
    if projection is None or projection.layer is not _PROJECTION:
        return None
    sizes: dict[str, Datum] = {"channels": projection.values.number("in_channels")}
    if similarity is None:
        # No row of it tells the heads, then.
        sizes |= {"heads": 1, "norms": False}
    else:
        logits = similarity.values.number("num_features")
        if logits % kind.terms:
            return None
        sizes["heads"] = logits // kind.terms
    pooling = parts.get("pooling")
    if pooling is None:
        return Whole(sizes, 2)
    ranks = [rank for rank, layer in _POOLING.items() if layer is pooling.layer]
    if not ranks:
        return None
    return Whole({**sizes, **_pooled_by(pooling.values)}, ranks[0])


def _pooled_by(values: Values) -> dict[str, Datum]:
    """The arguments of attention that its pooling tells."""
    size, padding = values.data("kernel_size"), values.data("padding")
    stride = values.data("stride")
    if stride is None or stride == size:
        given: dict[str, Datum] = {"stride": _even(size)}
        return given if not padding else {**given, _SIZE: size, _PADDING: padding}
    windows = {"stride": _even(stride), _SIZE: _even(size)}
    return {**windows, _PADDING: _even(padding)} if padding else windows


def _even(value: Datum) -> Datum:
    """One number where a list has it for every axis."""
    if isinstance(value, list) and len({repr(item) for item in value}) == 1:
        return value[0]
    return value


ATTENTIONS = tuple(attention_layer(kind) for kind in ATTENTION_KINDS)
