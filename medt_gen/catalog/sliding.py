"""Windows that slide over the axes of space: of convolutions and of pools."""

from __future__ import annotations

from medt_gen.algebra.terms import Shape, Term, axis_names, constant
from medt_gen.catalog.arguments import Values
from medt_gen.catalog.errors import ShapeError


def slid(values: Values, shape: Shape) -> tuple[Term, ...]:
    """The sizes behind a window: (size + 2 * padding - reach) // stride + 1."""
    rank = len(shape.size)
    kernel, stride, padding, dilation = (
        values.on_axes(name, rank)
        for name in ("kernel_size", "stride", "padding", "dilation")
    )
    return tuple(
        _window(axis, shape.size[i], kernel[i], stride[i], padding[i], dilation[i])
        for i, axis in enumerate(axis_names(rank))
    )


def _window(
    axis: str, size: Term, kernel: Term, stride: Term, pad: Term, dilation: Term
) -> Term:
    reach = dilation * (kernel - 1) + 1
    padded = size + pad * 2
    if reach.number > padded.number:
        kernel_text = "a dilated kernel" if dilation.number > 1 else "a kernel"
        with_padding = f", {padded.number} with its padding" if pad.number else ""
        raise ShapeError(
            f"{kernel_text} of {reach.number} does not fit the {axis} of {size.number}"
            f"{with_padding}",
            "use a smaller kernel, or more padding",
            "kernel_size",
        )
    return (padded - reach) // stride + 1


def slid_rounded_up(values: Values, shape: Shape) -> tuple[Term, ...]:
    """The same with `ceil_mode`: a last window may hang over, if it starts inside."""
    rank = len(shape.size)
    stride = values.on_axes("stride", rank)
    padding = values.on_axes("padding", rank)
    wide = tuple(
        axis + (step - 1) for axis, step in zip(shape.size, stride, strict=True)
    )
    found = slid(values, Shape(shape.channels, wide))
    return tuple(
        size - 1 if ((size - 1) * step).number >= (axis + edge).number else size
        for size, step, axis, edge in zip(
            found, stride, shape.size, padding, strict=True
        )
    )


ONE, NONE = constant(1), constant(0)
