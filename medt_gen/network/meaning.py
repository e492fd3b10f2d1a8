"""Data flows compared: what is computed counts, and not what values are called."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter

from medt_gen.algebra.expressions import Constant
from medt_gen.algebra.terms import ArgumentValue, as_data
from medt_gen.network.records import Flow, FlowStep, Network
from medt_gen.paths.keys import join
from medt_gen.spec.declarations import PatchStep
from medt_gen.spec.pipes import Name, OperationCall


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
        if _meaning(one, "x") != _meaning(other, "x"):
            found += _pipes(name, one, other)
    return sorted(found, key=attrgetter("path"))


def _flows(network: Network) -> dict[str, Flow]:
    """The flow of the network itself, under "", and of each block in use."""
    flows = {"": network.root.flow}
    for block in network.blocks:
        flows[block.declaration.name] = block.instances[0].flow
    return {name: flow for name, flow in flows.items() if flow is not None}


def _meaning(flow: Flow, value: str) -> str:
    """A hash of what the flow makes of its input, whatever the values are called."""
    known = {value: "input"}
    for step in flow.steps:
        known[step.name] = _hash(_step(step, known))
    return known["out"]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _step(step: FlowStep, names: dict[str, str]) -> str:
    """A step as text, with its values under other names where `names` has them."""
    if isinstance(step.body, PatchStep):
        assert step.inner is not None
        source = names.get(str(step.body.of.value), str(step.body.of.value))
        grid = "x".join(map(str, step.grid))
        inner = _meaning(step.inner, step.body.name)
        together = ", all together" if step.body.batch_statistics else ""
        return f"{grid} patches of {source}{together}: {inner[:12]}"
    parts = [names.get(step.body.value.text, step.body.value.text)]
    for item, given in zip(step.body.steps, step.arguments, strict=True):
        parts.append(item.text if isinstance(item, Name) else _call(item, given, names))
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
    return [
        PipeDifference(join(name, value), ours.get(value), theirs.get(value))
        for value in dict.fromkeys([*ours, *theirs])
        if ours.get(value) != theirs.get(value)
    ]
