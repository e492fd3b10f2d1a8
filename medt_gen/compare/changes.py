"""What changed between two resolved networks, as the one who changed it would say it.

A block that got another argument is a change, and what follows inside of it is none;
nor are the arguments that follow from an input.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from medt_gen.algebra.terms import Term, as_data
from medt_gen.catalog.containers import STAGE
from medt_gen.network.meaning import flow_differences
from medt_gen.network.records import (
    Group,
    InitialLine,
    Instance,
    Leaf,
    Module,
    Network,
    OwnParameter,
    Use,
)
from medt_gen.network.runs import runs_of
from medt_gen.paths.keys import join
from medt_gen.spec.nodes import MappingNode, node_data

Holder = Literal[
    "parameter",
    "input",
    "block",
    "layer",
    "stage",
    "patches",
    "flow",
    "init",
    "training",
]
"""What changed: a parameter of the spec, the input, an argument of a module, ..."""


@dataclass(frozen=True)
class Change:
    """A value that changed in one place; None is what one side has not.

    name: the argument, or `type` for another type, or `module` for one that only one
        side has.
    path: the module, or the value of a patch step.
    block: the block in which it changed, where it did so in its declaration.
    """

    holder: Holder
    name: str
    before: Any
    after: Any
    path: str = ""
    block: str = ""


def network_changes(left: Network, right: Network) -> tuple[Change, ...]:
    """Every change, the spec's own parameters and the input first."""
    return (
        *_parameters(left.root, right.root),
        *_input(left.root, right.root),
        *_instances(left.root, right.root, "", ""),
        *_patches(left.root, right.root),
        *_flows(left, right),
        *_initial_changes(left, right),
        *_schedule_changes(left, right),
    )


def _changed(
    holder: Holder, name: str, before: Any, after: Any, path: str = "", block: str = ""
) -> Iterator[Change]:
    if before != after:
        yield Change(holder, name, before, after, path, block)


def _parameters(left: Instance, right: Instance) -> Iterator[Change]:
    ours, theirs = _arguments(left), _arguments(right)
    for name in ours:
        if name in theirs:
            yield from _changed("parameter", name, ours[name], theirs[name])


def _arguments(instance: Instance) -> dict[str, Any]:
    """The values of a class's own parameters, those of its input left out."""
    declared = instance.declaration.parameters
    return {
        name: _plain(value)
        for name, value in instance.arguments.items()
        if name in declared
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Term | tuple):
        return as_data(value)
    if isinstance(value, MappingNode):
        return node_data(value)
    return value


def _input(left: Instance, right: Instance) -> Iterator[Change]:
    ours, theirs = left.input, right.input
    before, after = ours.channels.number, theirs.channels.number
    yield from _changed("input", "channels", before, after)
    one, other = ours.numbers[1:], theirs.numbers[1:]
    yield from _changed("input", "size", one, other)


# --- modules --------------------------------------------------------------------------


def _instances(
    left: Instance, right: Instance, path: str, block: str
) -> Iterator[Change]:
    """The modules of a class; of a block, `path` is that of its use."""
    ours, theirs = _existing(left.modules), _existing(right.modules)
    yield from _modules(ours, theirs, path, block)


def _existing(modules: tuple[Module, ...]) -> dict[str, Module]:
    return {module.name: module for module in modules if module.body is not None}


def _modules(
    ours: Mapping[str, Module], theirs: Mapping[str, Module], path: str, block: str
) -> Iterator[Change]:
    for name in {**ours, **theirs}:
        one, other, at = ours.get(name), theirs.get(name), join(path, name)
        if one is None or other is None:
            types = one.type if one else None, other.type if other else None
            yield Change("layer", "module", *types, at, block)
        else:
            yield from _module(one, other, at, block)


def _module(one: Module, other: Module, path: str, block: str) -> Iterator[Change]:
    left, right = one.body, other.body
    if one.type != other.type or type(left) is not type(right):
        holder: Holder = "block" if isinstance(left, Use) else "layer"
        yield Change(holder, "type", one.type, other.type, path, block)
    elif isinstance(left, Use) and isinstance(right, Use):
        yield from _uses(left.instance, right.instance, path)
    elif isinstance(left, Leaf) and isinstance(right, Leaf):
        yield from _leaves(left, right, path, block)
    elif isinstance(left, Group) and isinstance(right, Group):
        yield from _groups(one, other, path, block)
    elif isinstance(left, OwnParameter) and isinstance(right, OwnParameter):
        before, after = left.numbers, right.numbers
        yield from _changed("layer", "shape", before, after, path, block)


def _uses(left: Instance, right: Instance, path: str) -> Iterator[Change]:
    ours, theirs = _arguments(left), _arguments(right)
    names = {**ours, **theirs}
    found = [
        change
        for name in names
        for change in _changed("block", name, ours.get(name), theirs.get(name), path)
    ]
    yield from found
    if not found or _written(left) != _written(right):
        yield from _instances(left, right, path, left.declaration.name)


def _written(instance: Instance) -> object:
    """What tells whether two declarations of a block are the same."""
    node = instance.declaration.node
    return instance.declaration.reference, None if node is None else node_data(node)


def _leaves(left: Leaf, right: Leaf, path: str, block: str) -> Iterator[Change]:
    for argument in left.layer.arguments:
        if argument.inferred:
            continue
        name = argument.name
        before, after = left.values.data(name), right.values.data(name)
        yield from _changed("layer", name, before, after, path, block)


def _groups(one: Module, other: Module, path: str, block: str) -> Iterator[Change]:
    assert isinstance(one.body, Group)
    assert isinstance(other.body, Group)
    ours, theirs = _existing(one.body.children), _existing(other.body.children)
    if STAGE in (one.declaration.type.text, other.declaration.type.text):
        yield from _changed("stage", "depth", len(ours), len(theirs), path, block)
        shared = ours.keys() & theirs.keys()
        ours = {name: item for name, item in ours.items() if name in shared}
        theirs = {name: item for name, item in theirs.items() if name in shared}
    yield from _modules(ours, theirs, path, block)


# --- flows and initial values ---------------------------------------------------------


def _patches(left: Instance, right: Instance) -> Iterator[Change]:
    ours, theirs = _grids(left), _grids(right)
    for branch in {**ours, **theirs}:
        one, other = ours.get(branch), theirs.get(branch)
        yield from _changed("patches", "grid", one, other, branch)


def _grids(instance: Instance) -> dict[str, tuple[int, ...]]:
    return {run.branch: run.grids[-1] for run in runs_of(instance) if run.branch}


def _flows(left: Network, right: Network) -> Iterator[Change]:
    for item in flow_differences(left, right):
        yield Change("flow", "value", item.left, item.right, item.path)


def _initial_changes(left: Network, right: Network) -> Iterator[Change]:
    """What fills tensors otherwise, by lines of `init:`."""
    ours, theirs = _initial_lines(left), _initial_lines(right)
    for path in {**ours, **theirs}:
        yield from _changed("init", "init", ours.get(path), theirs.get(path), path)


def _initial_lines(network: Network) -> dict[str, str]:
    """What fills tensors by a line of `init:`, by class, pass and key."""
    classes = {network.name: network.root} | {
        block.declaration.reference: block.instances[0] for block in network.blocks
    }
    return {
        f"{name} {number}, {line.key}": _initial_text(line)
        for name, instance in classes.items()
        for number, lines in enumerate(instance.initial, 1)
        for line in lines
        if line.key is not None
    }


def _initial_text(line: InitialLine) -> str:
    given = (f"{name}={as_data(value)}" for name, value in line.arguments.items())
    return f"{line.value.name}({', '.join(given)})"


def _schedule_changes(left: Network, right: Network) -> Iterator[Change]:
    """What changes otherwise from epoch to epoch."""
    before, after = left.frozen_epochs, right.frozen_epochs
    yield from _changed("training", "frozen_epochs", before, after)
