"""What classes a file needs: one for each block, unless its uses differ in type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from medt_gen.algebra.terms import as_data
from medt_gen.catalog import OPERATIONS
from medt_gen.emitter.packages import imported_layers
from medt_gen.network.records import (
    BlockClass,
    Flow,
    Group,
    Instance,
    Leaf,
    Module,
    Network,
    OwnParameter,
    Use,
)
from medt_gen.spec.identifiers import CLASS_NAMES, free_class_name
from medt_gen.spec.pipes import OperationCall, Pipe

ModuleTypes = dict[str, str]
"""The type at every path inside of an instance."""


@dataclass(frozen=True, eq=False)
class ClassPlan:
    """A class to write, with the instances that it must be able to make."""

    python_name: str
    instances: tuple[Instance, ...]
    is_network: bool = False

    @property
    def printed_name(self) -> str:
        """The name that `print(model)` shows."""
        return self.instances[0].declaration.name


@dataclass(frozen=True, eq=False)
class Plan:
    """All classes of a file, used ones before their users, the network last."""

    classes: tuple[ClassPlan, ...]
    by_instance: Mapping[int, ClassPlan]

    @property
    def network(self) -> ClassPlan:
        """The class of the network itself."""
        return self.classes[-1]

    def of(self, instance: Instance) -> ClassPlan:
        """The class that makes this instance."""
        return self.by_instance[id(instance)]


@dataclass(eq=False)
class _Draft:
    """A class while instances are still being found for it."""

    python_name: str
    block: BlockClass
    instances: list[Instance] = field(default_factory=list)
    types: ModuleTypes = field(default_factory=dict)


def plan_classes(network: Network) -> Plan:
    """Group the instances of every block into classes."""
    drafts: list[_Draft] = []
    names: dict[int, str] = {}
    taken: set[str] = {network.name, *CLASS_NAMES, *imported_layers(network)}
    for block in network.blocks:
        for instance in block.instances:
            types = module_types(instance, names)
            draft = _fitting_draft(drafts, block, types)
            if draft is None:
                name = free_class_name(block.declaration.name, taken)
                taken.add(name)
                draft = _Draft(name, block)
                drafts.append(draft)
            draft.instances.append(instance)
            draft.types.update(types)
            names[id(instance)] = draft.python_name
    blocks = [ClassPlan(x.python_name, tuple(x.instances)) for x in drafts]
    root = ClassPlan(network.name, (network.root,), is_network=True)
    classes = (*blocks, root)
    owners = {id(item): own for own in classes for item in own.instances}
    return Plan(classes, owners)


def _fitting_draft(
    drafts: list[_Draft], block: BlockClass, types: ModuleTypes
) -> _Draft | None:
    """The class of a block that has the same types wherever both have a module."""
    for draft in drafts:
        shared = draft.types.keys() & types.keys()
        same = all(draft.types[path] == types[path] for path in shared)
        if draft.block.declaration is block.declaration and same:
            return draft
    return None


def module_types(instance: Instance, names: Mapping[int, str]) -> ModuleTypes:
    """The type at every path, as far as the instance has a module there.

    `names` are the classes of the instances that it uses. The words of operations are
    types as well: another `mode` is other code.
    """
    modules = (
        found
        for module in instance.modules
        for found in _types(module, module.name, names)
    )
    return dict((*modules, *_words(instance.flow, "forward")))


def _words(flow: Flow | None, path: str) -> Iterator[tuple[str, str]]:
    for step in flow.steps if flow else ():
        here = f"{path}.{step.name}"
        yield from _words(step.inner, here)
        if not isinstance(step.body, Pipe):
            continue
        calls = zip(step.body.steps, step.arguments, strict=True)
        for position, (call, given) in enumerate(calls):
            for name, value in given.items():
                if not isinstance(call, OperationCall):
                    continue
                key = f"{here}.{position}.{name}"
                if is_word(call, name):
                    yield key, str(as_data(value))
                elif isinstance(value, tuple):
                    yield key, "a list"
                else:
                    yield key, "a number"


def is_word(call: OperationCall, name: str) -> bool:
    """Whether an argument of an operation is a word, and not a value."""
    return OPERATIONS[call.name].is_word(name)


def _types(
    module: Module, path: str, names: Mapping[int, str]
) -> Iterator[tuple[str, str]]:
    body = module.body
    if isinstance(body, Leaf):
        given = ",".join(body.arguments)
        yield path, f"{body.layer.name}({given}){body.volume}"
    elif isinstance(body, Use):
        yield path, names[id(body.instance)]
    elif isinstance(body, OwnParameter):
        given = ",".join(body.arguments)
        yield path, f"Parameter({len(body.shape)}, {body.value.name}, {given})"
    elif isinstance(body, Group):
        yield path, f"{body.kind} of {len(body.children)}"
        for child in body.children:
            yield from _types(child, f"{path}.{child.name}", names)
