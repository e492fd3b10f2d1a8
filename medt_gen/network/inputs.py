"""What the sizes of a class's inputs are called in the class."""

from __future__ import annotations

from collections.abc import Sequence

from medt_gen.algebra.terms import AXES, Shape, Term, size_terms

IN_CHANNELS = "in_channels"
"""The parameter that every block has: the channels of its first input."""


def input_terms(names: Sequence[str], shapes: Sequence[Shape]) -> dict[str, Term]:
    """The channels and the axes of inputs by name, as their class has them.

    Those of the first have no prefix: it is what most classes take alone.
    """
    first, *others = shapes
    terms = {IN_CHANNELS: first.channels, **size_terms(first)}
    for name, shape in zip(names[1:], others, strict=False):
        terms[channels_of(name)] = shape.channels
        for axis, term in size_terms(shape).items():
            terms[f"{name}_{axis}"] = term
    return terms


def channels_of(name: str) -> str:
    """The parameter that holds the channels of an input behind the first."""
    return f"{name}_channels"


def size_names(inputs: Sequence[str]) -> tuple[str, ...]:
    """All that the axes of inputs may be called."""
    further = (f"{name}_{axis}" for name in inputs[1:] for axis in AXES)
    return (*AXES, *further)
