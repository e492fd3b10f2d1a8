"""What classes a file needs: one for each block, unless its uses differ in type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from medt_gen.algebra.terms import Plain
from medt_gen.network.records import (
    BlockClass,
    Group,
    Instance,
    Leaf,
    Module,
    Network,
    Use,
)
from medt_gen.spec.identifiers import CLASS_NAMES, free_class_name

Signature = dict[str, str]


@dataclass(frozen=True)
class Constructed:
    """What a class's constructor takes, in order: only what its body uses."""

    order: tuple[str, ...]
    positional: frozenset[str]
    defaults: dict[str, Plain]
    extra: dict[str, list[Plain]]


@dataclass(eq=False)
class ClassPlan:
    """A class to write, with the instances that it must be able to make."""

    python_name: str
    instances: list[Instance]
    types: Signature
    constructor: Constructed | None = None

    @property
    def printed_name(self) -> str:
        """The name that `print(model)` shows."""
        return self.instances[0].declaration.name


@dataclass(eq=False)
class Plan:
    """All classes of a file, used ones before their users, the network last."""

    classes: list[ClassPlan] = field(default_factory=list)
    by_instance: dict[int, ClassPlan] = field(default_factory=dict)


def plan_classes(network: Network) -> Plan:
    """Group the instances of every block into classes."""
    plan = Plan()
    taken: set[str] = {network.name, *CLASS_NAMES}
    for block in network.blocks:
        for instance in block.instances:
            _place(plan, instance, block, taken)
    root = ClassPlan(network.name, [network.root], {})
    plan.classes.append(root)
    plan.by_instance[id(network.root)] = root
    return plan


def _place(plan: Plan, instance: Instance, block: BlockClass, taken: set[str]) -> None:
    types = signature(instance, plan)
    for known in plan.classes:
        same = known.instances[0].declaration is block.declaration
        if same and _compatible(known.types, types):
            known.instances.append(instance)
            known.types.update(types)
            plan.by_instance[id(instance)] = known
            return
    name = free_class_name(block.declaration.name, taken)
    taken.add(name)
    created = ClassPlan(name, [instance], types)
    plan.classes.append(created)
    plan.by_instance[id(instance)] = created


def _compatible(left: Signature, right: Signature) -> bool:
    return all(left[path] == right[path] for path in left.keys() & right.keys())


def signature(instance: Instance, plan: Plan) -> Signature:
    """The type at every path, as far as the instance has a module there."""
    found: Signature = {}
    for module in instance.modules:
        for path, module_type in _types(module, module.name, plan):
            found[path] = module_type
    return found


def _types(module: Module, path: str, plan: Plan) -> Iterator[tuple[str, str]]:
    body = module.body
    if isinstance(body, Leaf):
        names = ",".join(body.arguments)
        yield path, f"{body.layer.name}({names}){body.volume}"
    elif isinstance(body, Use):
        yield path, plan.by_instance[id(body.instance)].python_name
    elif isinstance(body, Group):
        yield path, f"{body.kind} of {len(body.children)}"
        for child in body.children:
            yield from _types(child, f"{path}.{child.name}", plan)


def uses_of(instance: Instance) -> Iterator[Use]:
    """Every use of a block directly inside a class."""
    for module in instance.modules:
        yield from _uses(module)


def _uses(module: Module) -> Iterator[Use]:
    if isinstance(module.body, Use):
        yield module.body
    elif isinstance(module.body, Group):
        for child in module.body.children:
            yield from _uses(child)


def is_network(own: ClassPlan, plan: Plan) -> bool:
    """Whether `own` is the class of the network itself."""
    return own is plan.classes[-1]
