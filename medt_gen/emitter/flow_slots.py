"""The flow of a class, as all its instances have it, and the values in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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

    `path` leads there through the patch steps around it; `inputs` has the shape of each
    input in each instance, by name.
    """

    path: tuple[str, ...]
    flows: tuple[Flow, ...]
    inputs: Mapping[str, tuple[Shape, ...]]

    @property
    def steps(self) -> list[tuple[FlowStep, ...]]:
        """Each step, as every instance has it."""
        return list(zip(*(flow.steps for flow in self.flows), strict=True))

    @property
    def outputs(self) -> list[Shape]:
        """The shape of the result in each instance."""
        return [flow.result for flow in self.flows]

    def inner(self, steps: tuple[FlowStep, ...]) -> FlowVariant:
        """The flow of the patches of a patch step."""
        body = steps[0].body
        assert isinstance(body, PatchStep)
        return FlowVariant(
            (*self.path, steps[0].name),
            tuple(step.inner for step in steps if step.inner is not None),
            {body.name: tuple(patch_shape(x.shapes[0], x.grid) for x in steps)},
        )


def class_flow(own: ClassPlan) -> FlowVariant | None:
    """The flow of a class; None where it is not known."""
    flows = tuple(item.flow for item in own.instances if item.flow is not None)
    if not flows:
        return None
    first, *others = own.instances[0].declaration.inputs
    inputs = {first: tuple(item.input for item in own.instances)}
    for name in others:
        inputs[name] = tuple(item.others[name] for item in own.instances)
    return FlowVariant((), flows, inputs)


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
