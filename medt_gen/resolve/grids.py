"""The grid of a patch step: it must tile the value that it cuts."""

from __future__ import annotations

from medt_gen.algebra.terms import Shape, axis_names
from medt_gen.catalog.kinds import POSITIVE
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.resolve.environment import argument_value
from medt_gen.resolve.scope import FlowValue, Scope
from medt_gen.resolve.trails import traces
from medt_gen.spec.declarations import PatchStep
from medt_gen.spec.expect import joined_numbers
from medt_gen.spec.nodes import ListNode

Counts = tuple[int, ...]


def grid_counts(step: PatchStep, whole: FlowValue, scope: Scope) -> Counts | Faulty:
    """The patches along each axis of `whole`."""
    axes, problems = axis_names(len(whole.shape.size)), scope.problems
    if not axes:
        problems.error(
            "patch-grid",
            f"patches are cut from images, and this is {whole.shape}",
            step.of.place,
            "cut the patches before `mean()` or `flatten()`",
            *traces([whole]),
        )
        return FAULTY
    if not isinstance(step.grid, ListNode) or len(step.grid.items) != len(axes):
        joined = joined_numbers(step.grid, (len(axes),))
        example = ", ".join(joined or ("4" for _ in axes))
        problems.error(
            "patch-grid",
            f"a grid here is a list of {len(axes)} counts, for " + " and ".join(axes),
            step.grid.place,
            f"write `grid: [{example}]`",
        )
        return FAULTY
    counts = [
        argument_value("grid", node, POSITIVE, scope.environment, problems)
        for node in step.grid.items
    ]
    if FAULTY in counts:
        return FAULTY
    numbers = tuple(count.number for count in counts)
    return numbers if _tiles(step, numbers, whole, problems) else FAULTY


def _tiles(
    step: PatchStep, counts: Counts, whole: FlowValue, problems: Problems
) -> bool:
    axes = axis_names(len(counts))
    for axis, size, count in zip(axes, whole.shape.size, counts, strict=True):
        if size.number % count:
            problems.error(
                "patch-grid",
                f"{count} patches do not divide a {axis} of {size.number}",
                step.grid.place,
                f"make the {axis} a multiple of {count}",
                *traces([whole]),
            )
            return False
    return True


def laid_back(
    step: PatchStep, output: Shape, counts: Counts, problems: Problems
) -> Shape | Faulty:
    """The shape of all patches together, which have to be images still."""
    if len(output.size) != len(counts):
        problems.error(
            "shape-mismatch",
            f"the patches come out as {output} and can't be laid back",
            step.place,
            "a patch has to stay an image: leave `mean()` and `flatten()` to the whole",
        )
        return FAULTY
    size = (axis * count for axis, count in zip(output.size, counts, strict=True))
    return Shape(output.channels, tuple(size))
