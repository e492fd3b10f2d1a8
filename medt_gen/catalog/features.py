"""Layers of features [N, C], and what makes features of an image."""

from __future__ import annotations

from medt_gen.algebra.terms import Shape
from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import (
    CHANNELS,
    OTHER_CHANNELS,
    Argument,
    Values,
    leading,
)
from medt_gen.catalog.entries import HeldTensor, LayerType
from medt_gen.catalog.errors import NotFollowed, WrongArguments, outside_flows
from medt_gen.catalog.forms import Field, Form, Show, bare, named

# --- Flatten --------------------------------------------------------------------------


def flattened(shape: Shape) -> Shape:
    """All axes but the batch as one."""
    features = shape.channels
    for axis in shape.size:
        features = features * axis
    return Shape(features, ())


def _flattened(values: Values, shape: Shape) -> Shape:
    if (values.number("start_dim"), values.number("end_dim")) != (1, -1):
        raise NotFollowed(
            "only `start_dim: 1, end_dim: -1` is followed",
            "remove both, or use the operation `flatten()`",
        )
    return flattened(shape)


_FLATTEN = LayerType(
    "Flatten",
    (Argument("start_dim", kinds.INTEGER, 1), Argument("end_dim", kinds.INTEGER, -1)),
    _flattened,
    prints=named("start_dim", "end_dim"),
    aliases=True,
    says="All axes but the batch as one: features [N, C].",
)


# --- Linear ---------------------------------------------------------------------------


def _projected(values: Values, shape: Shape) -> Shape:
    return Shape(values.term("out_features"), ())


def _linear(values: Values) -> tuple[HeldTensor, ...]:
    out = values.number("out_features")
    weight = HeldTensor("weight", (out, values.number("in_features")))
    return (weight, HeldTensor("bias", (out,))) if values.flag("bias") else (weight,)


def _linear_work(values: Values, before: Shape, after: Shape) -> int:
    return before.elements * after.elements


_LINEAR = LayerType(
    "Linear",
    (
        leading("in_features", kinds.POSITIVE, CHANNELS),
        leading("out_features", kinds.POSITIVE),
        Argument("bias", kinds.BOOLEAN, default=True),
    ),
    _projected,
    _linear,
    named("in_features", "out_features", "bias"),
    work=_linear_work,
    ranks=frozenset({0}),
    weighty=True,
    says="Weighted sums of all features: from [N, C] to [N, `out_features`].",
)


# --- Bilinear -------------------------------------------------------------------------


def _bilinear(values: Values) -> tuple[HeldTensor, ...]:
    out = values.number("out_features")
    sides = values.number("in1_features"), values.number("in2_features")
    weight = HeldTensor("weight", (out, *sides))
    return (weight, HeldTensor("bias", (out,))) if values.flag("bias") else (weight,)


def _bilinear_work(values: Values, before: Shape, after: Shape) -> int:
    return before.elements * values.number("in2_features") * after.elements


_BILINEAR = LayerType(
    "Bilinear",
    (
        leading("in1_features", kinds.POSITIVE, CHANNELS),
        leading("in2_features", kinds.POSITIVE, OTHER_CHANNELS),
        leading("out_features", kinds.POSITIVE),
        Argument("bias", kinds.BOOLEAN, default=True),
    ),
    _projected,
    _bilinear,
    named("in1_features", "in2_features", "out_features", "bias"),
    work=_bilinear_work,
    ranks=frozenset({0}),
    weighty=True,
    inputs=("input1", "input2"),
    says="Weighted sums of all products of two features: from [N, C] and [N, D] to "
    "[N, `out_features`].",
)


# --- Embedding ------------------------------------------------------------------------


def _embedded(values: Values, shape: Shape) -> Shape:
    """Its input is indices, which no flow of images has."""
    count, index = values.number("num_embeddings"), values.data("padding_idx")
    if isinstance(index, int) and not -count <= index < count:
        raise WrongArguments(
            f"`padding_idx` is {index}, and there are {count} embeddings",
            f"count from 0 to {count - 1}",
            "padding_idx",
        )
    raise outside_flows("Embedding", "indices")


def _table(values: Values) -> tuple[HeldTensor, ...]:
    shape = (values.number("num_embeddings"), values.number("embedding_dim"))
    return (HeldTensor("weight", shape),)


_TABLE_SIZES = (
    leading("num_embeddings", kinds.POSITIVE),
    leading("embedding_dim", kinds.POSITIVE),
)
_PADDING_INDEX = Argument("padding_idx", kinds.OPTIONAL_INTEGER, None)
_LOOK_UP = (
    Argument("max_norm", kinds.OPTIONAL_NUMBER, None),
    Argument("norm_type", kinds.NUMBER, 2.0),
    Argument("scale_grad_by_freq", kinds.BOOLEAN, default=False),
)
_SPARSE = Argument("sparse", kinds.BOOLEAN, default=False)
_PRINTED_INDEX = Field("padding_idx", unless=(None,))
_PRINTED_LOOK_UP: Form = (
    Field("max_norm", unless=(None,)),
    Field("norm_type", unless=(2,)),
    Field("scale_grad_by_freq", unless=(False,)),
)

_EMBEDDING = LayerType(
    "Embedding",
    (*_TABLE_SIZES, _PADDING_INDEX, *_LOOK_UP, _SPARSE),
    _embedded,
    _table,
    (
        *bare("num_embeddings", "embedding_dim"),
        _PRINTED_INDEX,
        *_PRINTED_LOOK_UP,
        Field("sparse", unless=(False,)),
    ),
    weighty=True,
    says="A table with a vector of `embedding_dim` values for each index; no flow has "
    "indices, so it can be declared and not called.",
)

_EMBEDDING_BAG = LayerType(
    "EmbeddingBag",
    (
        *_TABLE_SIZES,
        *_LOOK_UP,
        Argument("mode", kinds.choice("sum", "mean", "max"), "mean"),
        _SPARSE,
        Argument("include_last_offset", kinds.BOOLEAN, default=False),
        _PADDING_INDEX,
    ),
    _embedded,
    _table,
    (
        *bare("num_embeddings", "embedding_dim"),
        *_PRINTED_LOOK_UP,
        Field("mode", Show.QUOTED),
        _PRINTED_INDEX,
    ),
    weighty=True,
    says="A table with a vector of `embedding_dim` values for each index, of which "
    "`mode` makes one for each bag of indices; no flow has indices, so it can be "
    "declared and not called.",
)

LINEARS = (_LINEAR, _BILINEAR)
FEATURE_LAYERS = (_FLATTEN, *LINEARS, _EMBEDDING, _EMBEDDING_BAG)
