"""Where another size or grid is a way out of every error: which ones those are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, Place
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import either
from medt_gen.resolve.network import resolve_network
from medt_gen.resolve.scope import Limits, StepCount
from medt_gen.resolve.sizes import DEPEND_ON_SIZE, Size, working_sizes
from medt_gen.resolve.types import Types
from medt_gen.spec.declarations import NetworkDeclaration, PatchStep, Step, Steps
from medt_gen.spec.nodes import ListNode, ScalarNode

# About half a second of work.
_MOST_STEPS = 20_000


@dataclass(frozen=True)
class Attempts:
    """Tries other declarations, as far as the steps in `count` go."""

    types: Types
    limits: Limits
    count: StepCount = field(default_factory=lambda: StepCount(_MOST_STEPS))

    def works(self, other: NetworkDeclaration) -> bool:
        """Whether there is nothing wrong with it."""
        only = Problems(most=0)
        try:
            found = resolve_network(other, self.types, only, self.limits, self.count)
        except InvalidInput:
            return False
        return found is not None


def with_sizes(
    found: list[Diagnostic], declared: NetworkDeclaration, attempts: Attempts
) -> list[Diagnostic]:
    """The same, the first error with the sizes to take in its help."""
    errors = [item for item in found if item.severity == "error"]
    given = declared.input
    if given is FAULTY or any(item.code not in DEPEND_ON_SIZE for item in errors):
        return found
    size = given.size

    def works(axes: Size) -> bool:
        other = replace(declared, input=replace(given, size=replace(size, axes=axes)))
        return attempts.works(other)

    sizes = working_sizes(size.axes, works)
    if not sizes:
        return found
    known = " and ".join(_size_text(item, size.axes) for item in sizes)
    hint = f"input sizes near {_size_text(size.axes, size.axes)} that work: {known}"
    first = errors[0]
    helped = replace(first, help=f"{first.help}; {hint}" if first.help else hint)
    return [helped if item is first else item for item in found]


def with_grids(
    found: list[Diagnostic], declared: NetworkDeclaration, attempts: Attempts
) -> list[Diagnostic]:
    """The same, an error of a grid alone with the grids of one count that work."""
    errors = [item for item in found if item.severity == "error"]
    if len(errors) != 1 or errors[0].code != "patch-grid":
        return found
    item = errors[0]
    step = _step_at(declared.root.forward, item.place)
    if step is None or not isinstance(step.grid, ListNode):
        return found
    rank = len(step.grid.items)

    def works(number: int) -> bool:
        node = ScalarNode(number, step.grid.place)
        changed = replace(step, grid=ListNode((node,) * rank, step.grid.place))
        forward = _with_step(declared.root.forward or {}, step, changed)
        root = replace(declared.root, forward=forward)
        return attempts.works(replace(declared, root=root))

    known = [number for number in _GRID_COUNTS if works(number)]
    if not known:
        return found
    grids = either([f"`{[number] * rank}`" for number in known])
    hint = f"grids that work: {grids}"
    helped = replace(item, help=f"{hint}; or {item.help}" if item.help else hint)
    return [helped if other is item else other for other in found]


_GRID_COUNTS = (2, 3, 4, 5, 6, 8)


def _step_at(steps: Steps | None, place: Place | None) -> PatchStep | None:
    """The patch step whose grid stands at the place."""
    for step in (steps or {}).values():
        body = None if step is FAULTY else step.body
        if not isinstance(body, PatchStep):
            continue
        found = body if body.grid.place == place else _step_at(body.forward, place)
        if found is not None:
            return found
    return None


def _with_step(steps: Steps, old: PatchStep, new: PatchStep) -> Steps:
    changed: dict[str, Step | Faulty] = {}
    for name, step in steps.items():
        changed[name] = step
        if step is FAULTY or not isinstance(step.body, PatchStep):
            continue
        inner = replace(step.body, forward=_with_step(step.body.forward, old, new))
        changed[name] = replace(step, body=new if step.body is old else inner)
    return changed


def _size_text(size: Size, asked: Size) -> str:
    square = len(asked) == 2 and len({*asked}) == 1 == len({*size})
    return str(size[0]) if square else str(list(size))
