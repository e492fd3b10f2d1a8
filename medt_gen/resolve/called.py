"""Modules that a class has called: one that is called again has to be the same."""

from __future__ import annotations

from dataclasses import dataclass

from medt_gen.algebra.terms import Shape
from medt_gen.messages.diagnostics import Note, Place
from medt_gen.messages.faulty import Faulty
from medt_gen.messages.wording import either
from medt_gen.network.norms import normalises
from medt_gen.network.records import Module
from medt_gen.resolve.scope import FlowValue, Scope


@dataclass(frozen=True)
class Called:
    """A module that has been called: with what it was first, and how often.

    `patches` are how many patches shared that call, each normalised alone.
    """

    module: Module
    shapes: tuple[Shape, ...]
    output: FlowValue
    place: Place
    calls: int
    patches: int

    @property
    def numbers(self) -> tuple[tuple[int, ...], ...]:
        """The sizes of its inputs."""
        return tuple(shape.numbers for shape in self.shapes)


Calls = dict[str, Called | Faulty]
"""The modules of a class that its flow calls, by path; FAULTY after a complaint."""


def normalises_alike(scope: Scope, before: Called, place: Place) -> bool:
    """Whether the batch is what it was: a norm has statistics of one kind."""
    patches = scope.patches
    if before.patches == patches or not normalises(before.module):
        return True
    apart, whole = sorted((before.patches, patches), reverse=True)
    other = "whole images" if whole == 1 else f"{whole} patches of an image"
    scope.problems.error(
        "shape-mismatch",
        f"`{before.module.declaration.label}` normalises {apart} patches of an "
        f"image apart in one call and {other} in another",
        place,
        "declare a second module for the second use, or write `statistics: batch` "
        "at the patches",
        Note("called here, too", before.place),
    )
    return False


def asks_for_the_same(
    scope: Scope,
    before: Called,
    module: Module,
    inputs: tuple[FlowValue, ...],
    place: Place,
) -> bool:
    """Whether a module that is called twice has come out the same both times."""
    weights = scope.session.weights
    if weights.number(before.module) == weights.number(module):
        return True
    first = either([str(shape) for shape in before.shapes], "and")
    second = either([str(value.shape) for value in inputs], "and")
    scope.problems.error(
        "shape-mismatch",
        f"`{module.declaration.label}` is called with {first} and with "
        f"{second}, and can't fit both",
        place,
        "declare a second module for the second use",
        Note(f"called with {first} here", before.place),
    )
    return False
