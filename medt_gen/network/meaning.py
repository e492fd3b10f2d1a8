"""Data flows compared: what is computed counts, and not what values are called."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from medt_gen.algebra.expressions import Constant
from medt_gen.algebra.terms import ArgumentValue, as_data
from medt_gen.network.records import Flow, FlowStep, Network
from medt_gen.paths.keys import join
from medt_gen.spec.declarations import PatchStep
from medt_gen.spec.pipes import OperationCall


@dataclass(frozen=True)
class PipeDifference:
    """A value that two flows compute differently; a side without it has None."""

    path: str
    left: str | None
    right: str | None


def flow_differences(left: Network, right: Network) -> list[PipeDifference]:
    """Every pipe that differs, class by class.

    Classes that only one side has are left out: they show in the modules.
    """
    ours, theirs = _flows(left), _flows(right)
    found: list[PipeDifference] = []
    for name in ours.keys() & theirs.keys():
        one, other = ours[name], theirs[name]
        if _meaning(one.flow, one.inputs) != _meaning(other.flow, other.inputs):
            found += _pipes(name, one.flow, other.flow)
    return sorted(found, key=attrgetter("path"))


@dataclass(frozen=True)
class _ClassFlow:
    """The flow of a class, and what its inputs are called."""

    flow: Flow
    inputs: Sequence[str]


def _flows(network: Network) -> dict[str, _ClassFlow]:
    """The flow of the network itself, under "", and of each block in use."""
    instances = {"": network.root}
    for block in network.blocks:
        instances[block.declaration.name] = block.instances[0]
    return {
        name: _ClassFlow(item.flow, item.declaration.inputs)
        for name, item in instances.items()
        if item.flow is not None
    }


def _meaning(flow: Flow, inputs: Sequence[str]) -> str:
    """A hash of what the flow makes of its inputs, whatever the values are called."""
    known = {name: f"input {number}" for number, name in enumerate(inputs)}
    for step in flow.steps:
        known[step.name] = _hash(_step(step, known))
    if flow.outputs is None:
        return known["out"]
    given = [f"{item.key}={known[item.value]}" for item in flow.outputs.items]
    return _hash(f"{flow.outputs.keyed} {' '.join(given)}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _step(step: FlowStep, names: dict[str, str]) -> str:
    """A step as text, with its values under other names where `names` has them."""
    if isinstance(step.body, PatchStep):
        assert step.inner is not None
        source = names.get(str(step.body.of.value), str(step.body.of.value))
        grid = "x".join(map(str, step.grid))
        inner = _meaning(step.inner, (step.body.name,))
        together = ", all together" if step.body.batch_statistics else ""
        return f"{grid} patches of {source}{together}: {inner[:12]}"
    parts = [names.get(step.body.value.text, step.body.value.text)]
    for item, given in zip(step.body.steps, step.arguments, strict=True):
        if isinstance(item, OperationCall):
            parts.append(_call(item, given, names))
            continue
        others = [names.get(other.text, other.text) for other in item.others]
        parts.append(f"{item.text}({', '.join(others)})" if others else item.text)
    return " | ".join(parts)


def _call(
    call: OperationCall, given: Mapping[str, ArgumentValue], names: dict[str, str]
) -> str:
    values = [
        names.get(item.value.value, item.value.value)
        for item in call.arguments
        if item.keyword is None
        and isinstance(item.value, Constant)
        and isinstance(item.value.value, str)
    ]
    arguments = [f"{name}={as_data(value)}" for name, value in given.items()]
    return f"{call.name}({', '.join([*values, *arguments])})"


def _pipes(name: str, left: Flow, right: Flow) -> list[PipeDifference]:
    ours = {step.name: _step(step, {}) for step in left.steps}
    theirs = {step.name: _step(step, {}) for step in right.steps}
    ours |= _outputs(left)
    theirs |= _outputs(right)
    return [
        PipeDifference(join(name, value), ours.get(value), theirs.get(value))
        for value in dict.fromkeys([*ours, *theirs])
        if ours.get(value) != theirs.get(value)
    ]


def _outputs(flow: Flow) -> dict[str, str]:
    """The several outputs of a network, as a spec lists them."""
    if flow.outputs is None:
        return {}
    items = flow.outputs.items
    if flow.outputs.keyed:
        text = ", ".join(f"{item.key}: {item.value}" for item in items)
        return {"out": f"{{{text}}}"}
    return {"out": f"[{', '.join(item.value for item in items)}]"}
