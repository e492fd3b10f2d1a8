"""Shape rules: what each kind of layer makes of its input, and what it holds."""

from __future__ import annotations

from math import prod

from medt_gen.algebra.terms import Shape, Term, axis_names
from medt_gen.catalog.entries import (
    Given,
    NotFollowed,
    Outcome,
    ShapeError,
    WrongArguments,
    as_term,
    on_axes,
    plain,
)


def unchanged(given: Given, shape: Shape) -> Outcome:
    """A layer without weights that keeps the shape."""
    return Outcome(shape, {})


def clipped(given: Given, shape: Shape) -> Outcome:
    """Hardtanh: its bounds are in order."""
    least, most = plain(given["min_val"]), plain(given["max_val"])
    if least >= most:
        raise WrongArguments(
            f"`min_val` ({least}) has to be below `max_val` ({most})",
            "swap them, or write the bounds of the output",
            "min_val",
        )
    return Outcome(shape, {})


def normalised_along(given: Given, shape: Shape) -> Outcome:
    """Softmax and LogSoftmax along any axis, the batch included."""
    dim = plain(given["dim"])
    if dim is not None:
        _counted_axis(dim, shape)
    return Outcome(shape, {})


def _counted_axis(dim: int, shape: Shape) -> int:
    """`dim` counted from the first axis, which is the batch."""
    axes = len(shape.size) + 2
    if not -axes <= dim < axes:
        raise NotFollowed(
            f"`dim` is {dim}, and the input {shape} has {axes} axes",
            f"count from 0, the batch, to {axes - 1}; 1 is the channels",
            "dim",
        )
    return dim % axes


def channel_activation(given: Given, shape: Shape) -> Outcome:
    """PReLU: one slope, or one for each channel."""
    slopes = plain(given["num_parameters"])
    if slopes not in (1, shape.channels.number):
        raise NotFollowed(
            f"{slopes} slopes for an input of {shape.channels.number} channels",
            "give 1, or the number of channels",
            "num_parameters",
            parameters=slopes,
        )
    return Outcome(shape, {}, parameters=slopes)


def normalised(given: Given, shape: Shape) -> Outcome:
    """BatchNorm and InstanceNorm: the features are the channels."""
    channels = shape.channels.number
    tracked = bool(plain(given["track_running_stats"]))
    return Outcome(
        shape,
        {"num_features": shape.channels},
        parameters=2 * channels if plain(given["affine"]) else 0,
        buffers=2 * channels + 1 if tracked else 0,
    )


def dividing(count: int, groups: int) -> str:
    """Help: the numbers of groups nearest to `groups` that divide `count`."""
    working = sorted(
        (n for n in range(1, min(count, 65_536) + 1) if count % n == 0),
        key=lambda n: abs(n - groups),
    )
    return f"numbers that divide {count}: {', '.join(map(str, sorted(working[:6])))}"


def group_normalised(given: Given, shape: Shape) -> Outcome:
    """GroupNorm: the groups divide the channels."""
    channels, groups = shape.channels.number, plain(given["num_groups"])
    if channels % groups:
        raise ShapeError(
            f"`num_groups` ({groups}) does not divide the {channels} channels",
            dividing(channels, groups),
            "num_groups",
        )
    weights = 2 * channels if plain(given["affine"]) else 0
    return Outcome(shape, {"num_channels": shape.channels}, parameters=weights)


def adaptive(given: Given, shape: Shape) -> Outcome:
    """AdaptiveAvgPool and AdaptiveMaxPool: the output has the size asked for."""
    size = on_axes(given["output_size"], len(shape.size), "output_size")
    return Outcome(Shape(shape.channels, size), {})


def scaled(given: Given, shape: Shape) -> Outcome:
    """Upsample, to a size or by a whole factor."""
    size, factor = given["size"], given["scale_factor"]
    if (plain(size) is None) == (plain(factor) is None):
        raise ShapeError(
            "Upsample takes either `size` or `scale_factor`", "give one of the two"
        )
    rank = len(shape.size)
    _check_mode(given, rank)
    for name, value in (("size", size), ("scale_factor", factor)):
        if isinstance(value, tuple) and len(value) != rank:
            raise NotFollowed(
                f"{len(value)} values for an input of {rank} axes",
                f"give one value, or a list of {rank}",
                name,
            )
    if plain(size) is not None:
        return Outcome(Shape(shape.channels, on_axes(size, rank, "size")), {})
    factors = on_axes(factor, rank, "scale_factor")
    if not all(isinstance(term.value, int) for term in factors):
        raise NotFollowed(
            "the sizes behind a fractional factor are not followed",
            "give `size`, or a whole factor",
            "scale_factor",
        )
    scaled_size = tuple(
        axis * factor for axis, factor in zip(shape.size, factors, strict=True)
    )
    return Outcome(Shape(shape.channels, scaled_size), {})


_MODES = {1: ("linear",), 2: ("bilinear", "bicubic"), 3: ("trilinear",)}


def _check_mode(given: Given, rank: int) -> None:
    """torch has a word for linear interpolation along one, two and three axes."""
    mode = plain(given["mode"])
    if mode != "nearest" and mode not in _MODES[rank]:
        raise NotFollowed(
            f"`mode: {mode}` is not for an input of {rank} axes",
            f"use `{_MODES[rank][0]}`",
            "mode",
        )
    if mode == "nearest" and plain(given["align_corners"]) is not None:
        raise NotFollowed(
            "`align_corners` means nothing with `mode: nearest`",
            f"remove it, or use `mode: {_MODES[rank][0]}`",
            "align_corners",
        )


def padded(given: Given, shape: Shape) -> Outcome:
    """ReplicationPad and ZeroPad."""
    edges = _edges(given, shape)
    size = tuple(
        axis + before + after
        for axis, (before, after) in zip(shape.size, edges, strict=True)
    )
    return Outcome(Shape(shape.channels, size), {})


def reflected(given: Given, shape: Shape) -> Outcome:
    """ReflectionPad: the edge itself is not repeated, so an axis has one value less."""
    names = axis_names(len(shape.size))
    for name, axis, edges in zip(names, shape.size, _edges(given, shape), strict=True):
        edge = max(term.number for term in edges)
        if edge >= axis.number:
            raise NotFollowed(
                f"the {name} of {axis.number} has {axis.number - 1} values to reflect, "
                f"and not {edge}",
                "pad by less, or use a `ReplicationPad`",
                "padding",
            )
    return padded(given, shape)


def _edges(given: Given, shape: Shape) -> tuple[tuple[Term, Term], ...]:
    """What is added before and after each axis; torch lists the last axis first."""
    rank, padding = len(shape.size), given["padding"]
    if not isinstance(padding, tuple):
        return ((as_term(padding),) * 2,) * rank
    if len(padding) != 2 * rank:
        raise ShapeError(
            f"`padding` lists {len(padding)} values, and {rank} axes have "
            f"{2 * rank} edges",
            f"give one value, or a list of {2 * rank}, last axis first",
            "padding",
        )
    edges = tuple(as_term(item) for item in padding)
    return tuple(zip(edges[-2::-2], edges[::-2], strict=True))


def features_normalised(given: Given, shape: Shape) -> Outcome:
    """LayerNorm and RMSNorm over the last axes of the input."""
    lengths = plain(given["normalized_shape"])
    wanted = lengths if isinstance(lengths, list) else [lengths]
    held = prod(wanted) if plain(given["elementwise_affine"]) else 0
    if "bias" in given and plain(given["bias"]):
        held *= 2
    if list(shape.numbers)[-len(wanted) :] != wanted:
        raise NotFollowed(
            f"`normalized_shape` is {lengths}, and the input is {shape}",
            f"write its last axis, {shape.numbers[-1]}, or a list of its last axes",
            "normalized_shape",
            parameters=held,
        )
    return Outcome(shape, {}, parameters=held)


def embedded(given: Given, shape: Shape) -> Outcome:
    """Embedding: its input is indices, which no flow of images has."""
    count, index = plain(given["num_embeddings"]), plain(given["padding_idx"])
    if index is not None and not -count <= index < count:
        raise WrongArguments(
            f"`padding_idx` is {index}, and there are {count} embeddings",
            f"count from 0 to {count - 1}",
            "padding_idx",
        )
    raise NotFollowed(
        "Embedding takes indices, and a flow has none",
        "mark it `unused: true`, or describe the network without a `forward:`",
        parameters=count * plain(given["embedding_dim"]),
    )


def halved(given: Given, shape: Shape) -> Outcome:
    """GLU along the channels, or an axis of space."""
    dim = _counted_axis(plain(given["dim"]), shape)
    if dim == 0:
        raise NotFollowed("`dim: 0` would halve the batch", "use `dim: 1`", "dim")
    axes = [shape.channels, *shape.size]
    if axes[dim - 1].number % 2:
        raise NotFollowed(
            f"axis {dim} of {shape} has {axes[dim - 1].number} values, and no half",
            "halve an axis of even length",
            "dim",
        )
    axes[dim - 1] = axes[dim - 1] // 2
    return Outcome(Shape(axes[0], tuple(axes[1:])), {})


def flattened_layer(given: Given, shape: Shape) -> Outcome:
    """Flatten as a layer; only all axes but the batch are followed."""
    if (plain(given["start_dim"]), plain(given["end_dim"])) != (1, -1):
        raise NotFollowed(
            "only `start_dim: 1, end_dim: -1` is followed",
            "remove both, or use the operation `flatten()`",
        )
    return flattened(given, shape)


def flattened(given: Given, shape: Shape) -> Outcome:
    """Flatten: all axes but the batch become features."""
    features = shape.channels
    for axis in shape.size:
        features = features * axis
    return Outcome(Shape(features, ()), {})


def linear(given: Given, shape: Shape) -> Outcome:
    """Linear on features [N, C]."""
    out = as_term(given["out_features"])
    weights = out.number * shape.channels.number
    return Outcome(
        Shape(out, ()),
        {"in_features": shape.channels},
        parameters=weights + (out.number if plain(given["bias"]) else 0),
        work=weights,
    )


def shuffled(given: Given, shape: Shape) -> Outcome:
    """PixelShuffle: channels become pixels."""
    factor = as_term(given["upscale_factor"])
    square = factor.number**2
    if shape.channels.number % square:
        raise NotFollowed(
            f"{shape.channels.number} channels are no multiple of {square}",
            f"a pixel becomes {square}: change the channels, or the factor",
            "upscale_factor",
        )
    size = tuple(axis * factor for axis in shape.size)
    return Outcome(Shape(shape.channels // (factor * factor), size), {})


def channels_shuffled(given: Given, shape: Shape) -> Outcome:
    """ChannelShuffle: the groups divide the channels."""
    channels, groups = shape.channels.number, plain(given["groups"])
    if channels % groups:
        raise NotFollowed(
            f"`groups` ({groups}) does not divide the {channels} channels",
            dividing(channels, groups),
            "groups",
        )
    return Outcome(shape, {})


def unshuffled(given: Given, shape: Shape) -> Outcome:
    """PixelUnshuffle: pixels become channels."""
    factor = as_term(given["downscale_factor"])
    if any(axis.number % factor.number for axis in shape.size):
        raise NotFollowed(
            f"{factor.number} does not divide the size of {shape}",
            "pad or pool it to a multiple, or change the factor",
            "downscale_factor",
        )
    size = tuple(axis // factor for axis in shape.size)
    return Outcome(Shape(shape.channels * factor * factor, size), {})
