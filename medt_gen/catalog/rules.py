"""Shape rules: what each kind of layer makes of its input, and what it holds."""

from __future__ import annotations

from math import prod

from medt_gen.catalog.entries import (
    Given,
    Outcome,
    Rule,
    ShapeError,
    as_term,
    on_axes,
    plain,
)
from medt_gen.terms import Shape, Term, axis_names


def unchanged(given: Given, shape: Shape) -> Outcome:
    """A layer without weights that keeps the shape."""
    return Outcome(shape, {})


def channel_activation(given: Given, shape: Shape) -> Outcome:
    """PReLU: one slope, or one for each channel."""
    slopes = plain(given["num_parameters"])
    if slopes not in (1, shape.channels.number):
        raise ShapeError(
            f"{slopes} slopes for an input of {shape.channels.number} channels",
            "give 1, or the number of channels",
            "num_parameters",
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
                argument="groups",
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


def group_normalised(given: Given, shape: Shape) -> Outcome:
    """GroupNorm: the groups divide the channels."""
    channels, groups = shape.channels.number, plain(given["num_groups"])
    if channels % groups:
        raise ShapeError(
            f"`num_groups` ({groups}) does not divide the {channels} channels",
            argument="num_groups",
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
    return Outcome(Shape(shape.channels, _slid(filled, shape, kernel)), {})


def adaptive(given: Given, shape: Shape) -> Outcome:
    """AdaptiveAvgPool and AdaptiveMaxPool: the output has the size asked for."""
    size = on_axes(given["output_size"], len(shape.size), "output_size")
    return Outcome(Shape(shape.channels, size), {})


def scaled(given: Given, shape: Shape) -> Outcome:
    """Upsample by a whole factor."""
    factors = on_axes(given["scale_factor"], len(shape.size), "scale_factor")
    size = tuple(
        axis * factor for axis, factor in zip(shape.size, factors, strict=True)
    )
    return Outcome(Shape(shape.channels, size), {})


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
        raise ShapeError(
            f"{shape.channels.number} channels are no multiple of {square}",
            argument="upscale_factor",
        )
    size = tuple(axis * factor for axis in shape.size)
    return Outcome(Shape(shape.channels // (factor * factor), size), {})


def attention(positions: bool, gated: bool) -> Rule:
    """Axial attention along one axis of space; the span is that axis's length."""

    def rule(given: Given, shape: Shape) -> Outcome:
        length = shape.size[_axis(given, shape)]
        channels, heads = shape.channels.number, plain(given["heads"])
        width = _head_width(channels, heads)
        stride = as_term(given["stride"])
        size = tuple(_strided(axis, stride) for axis in shape.size)
        inferred = {"channels": shape.channels}
        similarity = (3 if positions else 1) * heads
        normalised_outputs = (2 if positions else 1) * channels
        norms = 2 * channels + similarity + normalised_outputs
        parameters, buffers = 2 * channels * channels + 2 * norms, 2 * norms + 3
        if positions:
            inferred["span"] = length
            parameters += 2 * width * (2 * length.number - 1)
            buffers += length.number**2
        frozen = 4 if gated and not plain(given["trainable_gates"]) else 0
        sequences = shape.elements // channels // length.number
        return Outcome(
            Shape(shape.channels, size),
            inferred,
            parameters=parameters + (4 if gated else 0),
            frozen=frozen,
            buffers=buffers,
            work=sequences * length.number**2 * (heads + 2 * channels),
        )

    return rule


def _axis(given: Given, shape: Shape) -> int:
    names = axis_names(len(shape.size))
    axis = plain(given["axis"])
    if axis not in names:
        raise ShapeError(
            f"the input {shape} has no axis `{axis}`",
            "its axes are " + " and ".join(f"`{name}`" for name in names),
            "axis",
        )
    return names.index(axis)


def _head_width(channels: int, heads: int) -> int:
    if channels % heads:
        raise ShapeError(
            f"{heads} heads do not divide {channels} channels",
            _working_heads(channels),
            "heads",
        )
    width = channels // heads
    if width % 2:
        reason = "a head with no query channel" if width == 1 else "an odd width"
        raise ShapeError(
            f"{channels} channels over {heads} heads is {width} a head: {reason}; "
            "half of a head's channels are its queries and keys",
            _working_heads(channels),
            "heads",
        )
    return width


def _working_heads(channels: int) -> str | None:
    working = [n for n in range(1, min(channels, 1024) + 1) if channels % (2 * n) == 0]
    if not working:
        return "make the number of channels even"
    return f"heads that work for {channels} channels: {', '.join(map(str, working))}"


def _strided(axis: Term, stride: Term) -> Term:
    if axis.number % stride.number:
        raise ShapeError(
            f"stride {stride.number} does not divide an axis of {axis.number}",
            argument="stride",
        )
    return axis // stride
