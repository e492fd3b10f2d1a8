"""Shape rule of the axial attentions."""

from __future__ import annotations

from medt_gen.algebra.terms import Shape, Term, axis_names
from medt_gen.catalog.entries import Given, Outcome, Rule, ShapeError, as_term, plain

# The attention itself, qkv_transform and three norms; with a stride there is a pooling.
_MODULES = 5


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
            modules=_MODULES + (stride.number > 1),
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
