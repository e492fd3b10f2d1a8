"""The flow of a class, as all its instances have it, and the values in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from medt_gen.algebra.terms import Shape
from medt_gen.emitter.plan import ClassPlan, is_word
from medt_gen.emitter.variants import Slot
from medt_gen.network.records import Flow, FlowStep, patch_shape
from medt_gen.spec.declarations import PatchStep
from medt_gen.spec.pipes import OperationCall, Pipe


@dataclass(frozen=True)
class FlowVariant:
    """A flow as every instance of a class has it: one method.

    `path` leads there through the patch steps around it; `value` is what its input is
    called, `inputs` its shape in each instance.
    """

    path: tuple[str, ...]
    value: str
    flows: tuple[Flow, ...]
    inputs: tuple[Shape, ...]

    @property
    def steps(self) -> list[tuple[FlowStep, ...]]:
        """Each step, as every instance has it."""
        return list(zip(*(flow.steps for flow in self.flows), strict=True))

    @property
    def outputs(self) -> list[Shape]:
        """The shape of the result in each instance."""
        return [_result(flow) for flow in self.flows]

    def inner(self, steps: tuple[FlowStep, ...]) -> FlowVariant:
        """The flow of the patches of a patch step."""
        body = steps[0].body
        assert isinstance(body, PatchStep)
        return FlowVariant(
            (*self.path, steps[0].name),
            body.name,
            tuple(step.inner for step in steps if step.inner is not None),
            tuple(patch_shape(step.shapes[0], step.grid) for step in steps),
        )


def _result(flow: Flow) -> Shape:
    return next(step for step in flow.steps if step.name == "out").shapes[-1]


def class_flow(own: ClassPlan) -> FlowVariant | None:
    """The flow of a class; None where it is not known."""
    flows = tuple(item.flow for item in own.instances if item.flow is not None)
    if not flows:
        return None
    return FlowVariant((), "x", flows, tuple(item.input for item in own.instances))


def step_key(flow: FlowVariant, name: str, position: int) -> str:
    """The path of the values of one operation: of the value `name`, by position."""
    return ".".join((*flow.path, name, str(position)))


def flow_slots(own: ClassPlan) -> Iterator[Slot]:
    """The arguments of all operations of a class."""
    flow = class_flow(own)
    if flow is not None:
        yield from _slots(flow, tuple(range(len(own.instances))))


def _is_word(body: Pipe, position: int, name: str) -> bool:
    call = body.steps[position]
    return isinstance(call, OperationCall) and is_word(call, name)


def _slots(flow: FlowVariant, present: tuple[int, ...]) -> Iterator[Slot]:
    for steps in flow.steps:
        if isinstance(steps[0].body, PatchStep):
            yield from _slots(flow.inner(steps), present)
            continue
        for position, given in enumerate(steps[0].arguments):
            path = step_key(flow, steps[0].name, position)
            for name in given:
                if _is_word(steps[0].body, position, name):
                    continue
                values = tuple(step.arguments[position][name] for step in steps)
                yield Slot(path, name, values, present)
