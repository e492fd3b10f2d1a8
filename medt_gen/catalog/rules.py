"""Shape rules: what each kind of layer makes of its input, and what it holds."""

from __future__ import annotations

from math import prod

from medt_gen.algebra.terms import Shape, Term, axis_names
from medt_gen.catalog.entries import (
    Given,
    NotFollowed,
    Outcome,
    ShapeError,
    as_term,
    on_axes,
    plain,
)


def unchanged(given: Given, shape: Shape) -> Outcome:
    """A layer without weights that keeps the shape."""
    return Outcome(shape, {})


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


def convolved(given: Given, shape: Shape) -> Outcome:
    """Conv1d to Conv3d."""
    rank = len(shape.size)
    channels = shape.channels.number
    out, groups = as_term(given["out_channels"]), plain(given["groups"])
    for name, count in (("out_channels", out.number), ("in_channels", channels)):
        if count % groups:
            raise ShapeError(
                f"`groups` ({groups}) does not divide `{name}` ({count})",
                dividing(count, groups),
                "groups",
            )
    kernel = on_axes(given["kernel_size"], rank, "kernel_size")
    taps = prod(term.number for term in kernel)
    weights = out.number * (channels // groups) * taps
    bias = out.number if plain(given["bias"]) else 0
    output = Shape(out, _slid(given, shape, kernel))
    return Outcome(
        output,
        {"in_channels": shape.channels},
        parameters=weights + bias,
        work=output.elements * (channels // groups) * taps,
    )


def _slid(given: Given, shape: Shape, kernel: tuple[Term, ...]) -> tuple[Term, ...]:
    rank = len(shape.size)
    stride = on_axes(given["stride"], rank, "stride")
    padding = given["padding"]
    if plain(padding) in ("same", "valid"):
        return _named_padding(str(plain(padding)), shape, kernel, stride)
    dilation = on_axes(given["dilation"], rank, "dilation")
    pad = on_axes(padding, rank, "padding")
    return tuple(
        _window(axis, shape.size[i], kernel[i], stride[i], pad[i], dilation[i])
        for i, axis in enumerate(axis_names(rank))
    )


def _named_padding(
    name: str, shape: Shape, kernel: tuple[Term, ...], stride: tuple[Term, ...]
) -> tuple[Term, ...]:
    if name == "valid":
        one, none = as_term(1), as_term(0)
        return tuple(
            _window(axis, shape.size[i], kernel[i], stride[i], none, one)
            for i, axis in enumerate(axis_names(len(kernel)))
        )
    if any(term.number != 1 for term in stride):
        raise ShapeError(
            "`padding: same` needs stride 1", "give the padding as a number", "padding"
        )
    return shape.size


def _window(
    axis: str, size: Term, kernel: Term, stride: Term, pad: Term, dilation: Term
) -> Term:
    reach = dilation * (kernel - 1) + 1
    padded = size + pad * 2
    if reach.number > padded.number:
        raise ShapeError(
            f"a kernel that spans {reach.number} does not fit the {axis} of "
            f"{size.number} (with padding {padded.number})",
            argument="kernel_size",
        )
    return (padded - reach) // stride + 1


def transposed(given: Given, shape: Shape) -> Outcome:
    """ConvTranspose2d and ConvTranspose3d."""
    rank = len(shape.size)
    out = as_term(given["out_channels"])
    groups = plain(given["groups"])
    if out.number % groups or shape.channels.number % groups:
        raise ShapeError(f"`groups` ({groups}) does not divide the channels")
    names = ("kernel_size", "stride", "padding", "output_padding", "dilation")
    kernel, stride, pad, extra, dilation = (
        on_axes(given[name], rank, name) for name in names
    )
    size = tuple(
        (shape.size[i] - 1) * stride[i]
        - pad[i] * 2
        + dilation[i] * (kernel[i] - 1)
        + extra[i]
        + 1
        for i in range(rank)
    )
    if any(term.number < 1 for term in size):
        raise ShapeError("the output would be empty", argument="padding")
    taps = prod(term.number for term in kernel)
    weights = shape.channels.number * (out.number // groups) * taps
    bias = out.number if plain(given["bias"]) else 0
    output = Shape(out, size)
    return Outcome(
        output,
        {"in_channels": shape.channels},
        parameters=weights + bias,
        work=shape.elements * (out.number // groups) * taps,
    )


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


def pooled(given: Given, shape: Shape) -> Outcome:
    """MaxPool and AvgPool; the stride is the kernel unless given."""
    rank = len(shape.size)
    kernel = on_axes(given["kernel_size"], rank, "kernel_size")
    stride = given["stride"]
    filled = {**given, "stride": kernel if plain(stride) is None else stride}
    filled.setdefault("dilation", as_term(1))
    for pad, term in zip(
        on_axes(given["padding"], rank, "padding"), kernel, strict=True
    ):
        if 2 * pad.number > term.number:
            raise ShapeError(
                f"padding {pad.number} is more than half of the kernel {term.number}",
                argument="padding",
            )
    if "ceil_mode" in given and plain(given["ceil_mode"]):
        return Outcome(Shape(shape.channels, _rounded_up(filled, shape, kernel)), {})
    return Outcome(Shape(shape.channels, _slid(filled, shape, kernel)), {})


def _rounded_up(
    given: Given, shape: Shape, kernel: tuple[Term, ...]
) -> tuple[Term, ...]:
    """Sizes with `ceil_mode`: a last window may hang over, if it starts inside."""
    rank = len(shape.size)
    stride = on_axes(given["stride"], rank, "stride")
    pad = on_axes(given["padding"], rank, "padding")
    more = tuple(item - 1 for item in stride)
    wide = Shape(shape.channels, tuple(map(_plus, shape.size, more)))
    found = _slid(given, wide, kernel)
    return tuple(
        size - 1 if ((size - 1) * step).number >= (axis + edge).number else size
        for size, step, axis, edge in zip(found, stride, shape.size, pad, strict=True)
    )


def _plus(left: Term, right: Term) -> Term:
    return left + right


def adaptive(given: Given, shape: Shape) -> Outcome:
    """AdaptiveAvgPool and AdaptiveMaxPool: the output has the size asked for."""
    size = on_axes(given["output_size"], len(shape.size), "output_size")
    return Outcome(Shape(shape.channels, size), {})


def scaled(given: Given, shape: Shape) -> Outcome:
    """Upsample, to a size or by a whole factor."""
    size, factor = given["size"], given["scale_factor"]
    if (plain(size) is None) == (plain(factor) is None):
        raise ShapeError("Upsample takes either `size` or `scale_factor`")
    rank = len(shape.size)
    for value in (size, factor):
        if isinstance(value, tuple) and len(value) != rank:
            raise NotFollowed(f"{len(value)} values for an input of {rank} axes")
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


def padded(given: Given, shape: Shape) -> Outcome:
    """Padding layers: edges are listed from the last axis to the first, as in torch."""
    rank = len(shape.size)
    edges = on_axes(given["padding"], 2 * rank, "padding")
    size = tuple(
        axis + edges[2 * (rank - 1 - i)] + edges[2 * (rank - 1 - i) + 1]
        for i, axis in enumerate(shape.size)
    )
    return Outcome(Shape(shape.channels, size), {})


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
            argument="normalized_shape",
            parameters=held,
        )
    return Outcome(shape, {}, parameters=held)


def embedded(given: Given, shape: Shape) -> Outcome:
    """Embedding: its input is indices, which no flow of images has."""
    held = plain(given["num_embeddings"]) * plain(given["embedding_dim"])
    raise NotFollowed("Embedding takes indices, and a flow has none", parameters=held)


def halved(given: Given, shape: Shape) -> Outcome:
    """GLU along the channels."""
    dim = plain(given["dim"])
    if dim != 1:
        raise NotFollowed("only `dim: 1` is followed", argument="dim")
    if shape.channels.number % 2:
        raise ShapeError(f"{shape.channels.number} channels have no half")
    return Outcome(Shape(shape.channels // 2, shape.size), {})


def flattened_layer(given: Given, shape: Shape) -> Outcome:
    """Flatten as a layer; only all axes but the batch are followed."""
    if (plain(given["start_dim"]), plain(given["end_dim"])) != (1, -1):
        raise NotFollowed("only `start_dim: 1, end_dim: -1` is followed")
    return flattened(given, shape)


def flattened(given: Given, shape: Shape) -> Outcome:
    """Flatten: all axes but the batch become features."""
    features = shape.channels
    for axis in shape.size:
        features = features * axis
    return Outcome(Shape(features, ()), {})


def linear(given: Given, shape: Shape) -> Outcome:
    """Linear on features [N, C]."""
    if shape.size:
        raise ShapeError(
            f"Linear takes features [N, C], and the input is {shape}",
            "flatten it first: `mean()` or `flatten()`",
        )
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
            argument="upscale_factor",
        )
    size = tuple(axis * factor for axis in shape.size)
    return Outcome(Shape(shape.channels // (factor * factor), size), {})


def unshuffled(given: Given, shape: Shape) -> Outcome:
    """PixelUnshuffle: pixels become channels."""
    factor = as_term(given["downscale_factor"])
    if any(axis.number % factor.number for axis in shape.size):
        raise NotFollowed(
            f"{factor.number} does not divide the size of {shape}",
            argument="downscale_factor",
        )
    size = tuple(axis // factor for axis in shape.size)
    return Outcome(Shape(shape.channels * factor * factor, size), {})
