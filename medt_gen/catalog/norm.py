"""Norms: by statistics of the batch, of each image, of groups and of the last axes."""

from __future__ import annotations

from medt_gen.algebra.terms import Shape, axis_names
from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import CHANNELS, Argument, Values, leading
from medt_gen.catalog.entries import HeldTensor, LayerType, Multiple, Role
from medt_gen.catalog.errors import NotFollowed, ShapeError, dividing
from medt_gen.catalog.families import INPUTS, RANKS, SPACE, siblings
from medt_gen.catalog.forms import Field, Form, bare, named

# --- BatchNorm and InstanceNorm -------------------------------------------------------

_PRINTED: Form = (
    *bare("num_features"),
    *named("eps", "momentum", "affine", "track_running_stats"),
)


def _batch_norm(rank: int) -> LayerType:
    # BatchNorm1d takes features, too.
    ranks = frozenset({0, 1} if rank == 1 else {rank})
    inputs = "features or signals" if rank == 1 else INPUTS[rank]
    return LayerType(
        f"BatchNorm{rank}d",
        _arguments(kept=True),
        holds=_features,
        prints=_PRINTED,
        ranks=ranks,
        instead=siblings("BatchNorm", "BatchNorm1d"),
        statistics="batch",
        apart="PatchBatchNorm2d" if rank == 2 else None,
        says=f"Normalises each channel of {inputs} by mean and variance: in training "
        "the batch's, in evaluation the running ones; the shape stays.",
    )


def _instance_norm(rank: int) -> LayerType:
    return LayerType(
        f"InstanceNorm{rank}d",
        _arguments(kept=False),
        holds=_features,
        prints=_PRINTED,
        ranks=frozenset({rank}),
        instead=siblings("InstanceNorm", "LayerNorm"),
        statistics="image",
        says=f"Normalises each channel of {INPUTS[rank]} by its own mean and variance "
        "in each sample; the shape stays.",
    )


def _arguments(*, kept: bool) -> tuple[Argument, ...]:
    """`kept` says whether there are weights and running statistics by default."""
    return (
        leading("num_features", kinds.POSITIVE, CHANNELS),
        Argument("eps", kinds.POSITIVE_NUMBER, 1e-5),
        Argument("momentum", kinds.MOMENTUM, 0.1),
        Argument("affine", kinds.BOOLEAN, kept),
        Argument("track_running_stats", kinds.BOOLEAN, kept),
    )


def _features(values: Values) -> tuple[HeldTensor, ...]:
    shape = (values.number("num_features"),)
    tensors: tuple[HeldTensor, ...] = ()
    if values.flag("affine"):
        tensors = _weight_and_bias(shape)
    if not values.flag("track_running_stats"):
        return tensors
    return (
        *tensors,
        HeldTensor("running_mean", shape, Role.BUFFER),
        HeldTensor("running_var", shape, Role.BUFFER),
        HeldTensor("num_batches_tracked", (), Role.BUFFER),
    )


def _weight_and_bias(shape: tuple[int, ...]) -> tuple[HeldTensor, ...]:
    return HeldTensor("weight", shape), HeldTensor("bias", shape)


# --- GroupNorm ------------------------------------------------------------------------


def _grouped(values: Values, shape: Shape) -> Shape:
    channels, groups = shape.channels.number, values.number("num_groups")
    if channels % groups:
        raise ShapeError(
            f"`num_groups` ({groups}) does not divide the {channels} channels",
            f"numbers that divide {channels}: {dividing(channels, groups)}",
            "num_groups",
        )
    return shape


def _channels(values: Values) -> tuple[HeldTensor, ...]:
    if not values.flag("affine"):
        return ()
    return _weight_and_bias((values.number("num_channels"),))


_GROUP_NORM = LayerType(
    "GroupNorm",
    (
        leading("num_groups", kinds.POSITIVE),
        leading("num_channels", kinds.POSITIVE, CHANNELS),
        Argument("eps", kinds.POSITIVE_NUMBER, 1e-5),
        Argument("affine", kinds.BOOLEAN, default=True),
    ),
    _grouped,
    _channels,
    (*bare("num_groups", "num_channels"), *named("eps", "affine")),
    ranks=SPACE,
    instead={0: "LayerNorm"},
    says="Normalises each of `num_groups` groups of channels by its own mean and "
    "variance in each sample; the shape stays.",
    multiples=(Multiple("num_channels", "num_groups"),),
)


# --- LayerNorm and RMSNorm ------------------------------------------------------------


def _over_last_axes(values: Values, shape: Shape) -> Shape:
    wanted = values.numbers("normalized_shape")
    if shape.size and not isinstance(values.data("normalized_shape"), list):
        # torch takes it for the last axis, which nobody means by one number here.
        last = axis_names(len(shape.size))[-1]
        raise NotFollowed(
            f"a number is the last axis alone, and that of {shape} is its {last}",
            "to normalise the channels, use `{type: GroupNorm, num_groups: 1}`; for "
            f"the whole, write the list `{list(shape.numbers)}`",
            "normalized_shape",
        )
    if shape.numbers[-len(wanted) :] != wanted:
        raise NotFollowed(
            f"`normalized_shape` is {values.data('normalized_shape')}, and the input "
            f"is {shape}",
            f"write its last axis, {shape.numbers[-1]}, or a list of its last axes",
            "normalized_shape",
        )
    return shape


def _last_axes(values: Values) -> tuple[HeldTensor, ...]:
    if not values.flag("elementwise_affine"):
        return ()
    both = _weight_and_bias(values.numbers("normalized_shape"))
    return both if "bias" in values and values.flag("bias") else both[:1]


_SHAPE_FIELD = Field("normalized_shape", bare=True, times=1)
_ELEMENTWISE = Argument("elementwise_affine", kinds.BOOLEAN, default=True)

_LAYER_NORM = LayerType(
    "LayerNorm",
    (
        leading("normalized_shape", kinds.LENGTHS),
        Argument("eps", kinds.POSITIVE_NUMBER, 1e-5),
        _ELEMENTWISE,
        Argument("bias", kinds.BOOLEAN, default=True),
    ),
    _over_last_axes,
    _last_axes,
    (
        _SHAPE_FIELD,
        *named("eps", "elementwise_affine"),
        Field("bias", unless=(True,)),
    ),
    says="Normalises over the last axes, those of `normalized_shape`, by their mean "
    "and variance; the shape stays.",
)

_RMS_NORM = LayerType(
    "RMSNorm",
    (
        leading("normalized_shape", kinds.LENGTHS),
        Argument("eps", kinds.OPTIONAL_NUMBER, None),
        _ELEMENTWISE,
    ),
    _over_last_axes,
    _last_axes,
    (_SHAPE_FIELD, *named("eps", "elementwise_affine")),
    says="Divides by the root of the mean square over the last axes, those of "
    "`normalized_shape`; the shape stays.",
)

# --- LocalResponseNorm ----------------------------------------------------------------

_LOCAL_RESPONSE_NORM = LayerType(
    "LocalResponseNorm",
    (
        leading("size", kinds.POSITIVE),
        Argument("alpha", kinds.NUMBER, 1e-4),
        Argument("beta", kinds.NUMBER, 0.75),
        Argument("k", kinds.NUMBER, 1.0),
    ),
    prints=(*bare("size"), *named("alpha", "beta", "k")),
    ranks=frozenset(RANKS),
    instead={0: "LayerNorm"},
    says="Divides each value by a power of the squares of `size` neighbouring channels "
    "at its place; the shape stays.",
)

NORMS = (
    *(_batch_norm(rank) for rank in RANKS),
    *(_instance_norm(rank) for rank in RANKS),
    _GROUP_NORM,
    _LAYER_NORM,
    _RMS_NORM,
    _LOCAL_RESPONSE_NORM,
)
