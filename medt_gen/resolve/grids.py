"""The grid of a patch step: it must tile the value that it cuts."""

from __future__ import annotations

from medt_gen.algebra.terms import Shape, axis_names
from medt_gen.catalog.entries import plain
from medt_gen.catalog.kinds import POSITIVE
from medt_gen.messages.problems import Problems
from medt_gen.resolve.environment import MISSING, Environment, argument_value
from medt_gen.resolve.operations import origins
from medt_gen.resolve.scope import FlowValue
from medt_gen.spec.declarations import PatchStep
from medt_gen.spec.expect import joined_numbers
from medt_gen.spec.nodes import ListNode

Counts = tuple[int, ...]


def grid_counts(
    step: PatchStep, whole: FlowValue, environment: Environment, problems: Problems
) -> Counts | None:
    """The patches along each axis of `whole`; None after a complaint."""
    if whole.shape is None:
        return None
    axes = axis_names(len(whole.shape.size))
    if not axes:
        problems.error(
            "patch-grid",
            f"patches are cut from images, and this is {whole.shape}",
            step.of.place,
            "cut the patches before `mean()` or `flatten()`",
            *origins([whole]),
        )
        return None
    if not isinstance(step.grid, ListNode) or len(step.grid.items) != len(axes):
        joined = joined_numbers(step.grid, (len(axes),))
        example = ", ".join(joined or ("4" for _ in axes))
        problems.error(
            "patch-grid",
            f"a grid here is a list of {len(axes)} counts, for " + " and ".join(axes),
            step.grid.place,
            f"write `grid: [{example}]`",
        )
        return None
    counts = [
        argument_value("grid", node, POSITIVE, environment, problems)
        for node in step.grid.items
    ]
    if MISSING in counts:
        return None
    numbers = tuple(plain(count) for count in counts)
    return numbers if _tiles(step, numbers, whole, problems) else None


def _tiles(
    step: PatchStep, counts: Counts, whole: FlowValue, problems: Problems
) -> bool:
    assert whole.shape is not None
    axes = axis_names(len(counts))
    for axis, size, count in zip(axes, whole.shape.size, counts, strict=True):
        if size.number % count:
            problems.error(
                "patch-grid",
                f"{count} patches do not divide a {axis} of {size.number}",
                step.grid.place,
                f"the {axis} must be a multiple of {count}",
                *origins([whole]),
            )
            return False
    return True


def laid_back(
    step: PatchStep, output: Shape, counts: Counts, problems: Problems
) -> Shape | None:
    """The shape of all patches together; None where they are no images any more."""
    if len(output.size) != len(counts):
        problems.error(
            "shape-mismatch",
            f"the patches come out as {output} and can't be laid back",
            step.place,
            "a patch has to stay an image: leave `mean()` and `flatten()` to the whole",
        )
        return None
    size = (axis * count for axis, count in zip(output.size, counts, strict=True))
    return Shape(output.channels, tuple(size))
