"""The modules of a class, each as all its instances have it, and the values in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from medt_gen.algebra.expressions import Parameter
from medt_gen.algebra.terms import ArgumentValue, Datum, Term, from_data
from medt_gen.emitter.plan import ClassPlan, Plan
from medt_gen.emitter.values import instance_values
from medt_gen.network.records import Group, Leaf, Module, OwnParameter, Use
from medt_gen.spec.declarations import ModuleDeclaration


@dataclass(frozen=True)
class Slot:
    """A value that a class writes: as each of the instances `present` has it.

    `path` and `argument` are its key. A module's are its path in the class and the
    argument's name; a step's are those of the value and of the operation.
    """

    path: str
    argument: str
    values: tuple[ArgumentValue, ...]
    present: tuple[int, ...]

    @property
    def label(self) -> str:
        """What a parameter of the class is called that holds this value."""
        text = re.sub(r"\W", "_", f"{self.path}_{self.argument}", flags=re.ASCII)
        return f"_{text}" if text[0].isdigit() else text


@dataclass(frozen=True)
class Variant:
    """A module as each of the instances `present` has it."""

    path: str
    modules: tuple[Module, ...]
    present: tuple[int, ...]

    @property
    def leaves(self) -> list[Leaf]:
        """The layers that it is, where it is one."""
        return [m.body for m in self.modules if isinstance(m.body, Leaf)]

    @property
    def own(self) -> list[OwnParameter]:
        """The tensors that it is, where it is no module but a tensor of the class."""
        return [m.body for m in self.modules if isinstance(m.body, OwnParameter)]

    @property
    def uses(self) -> list[Use]:
        """The uses of a block that it is, where it is one."""
        return [m.body for m in self.modules if isinstance(m.body, Use)]

    @property
    def children(self) -> list[Variant]:
        """What it holds, where it is a container."""
        groups = [m.body for m in self.modules if isinstance(m.body, Group)]
        if not groups:
            return []
        columns = zip(*(group.children for group in groups), strict=True)
        return [
            Variant(f"{self.path}.{column[0].name}", column, self.present)
            for column in columns
        ]


def variant_of(own: ClassPlan, declaration: ModuleDeclaration) -> Variant:
    """The module of `declaration` in the instances where it exists."""
    found = [
        (index, module)
        for index, instance in enumerate(own.instances)
        if (module := instance.module(declaration.name)).body is not None
    ]
    return Variant(
        declaration.name,
        tuple(module for _, module in found),
        tuple(index for index, _ in found),
    )


def is_optional(own: ClassPlan, declaration: ModuleDeclaration) -> bool:
    """Whether some instances have the module and others do not."""
    return 0 < len(variant_of(own, declaration).present) < len(own.instances)


def in_order_of_construction(own: ClassPlan) -> list[ModuleDeclaration]:
    """The modules that exist in any instance, those that are made first in front."""
    declaration = own.instances[0].declaration
    first = {name.text for name in declaration.construct_first}
    there = [item for item in declaration.modules if variant_of(own, item).present]
    return sorted(there, key=lambda item: item.name not in first)


def initial_path(number: int, place: int) -> str:
    """What the values of a line of `init:` are kept under: its pass and its place."""
    return f"init.{number}.{place}"


def initial_slots(own: ClassPlan) -> Iterator[Slot]:
    """The arguments of the lines of `init:`, but for the words among them."""
    instances = own.instances
    for number, lines in enumerate(instances[0].initial):
        for place, line in enumerate(lines):
            for name in line.arguments:
                if line.value.argument(name).word:
                    continue
                values = tuple(
                    item.initial[number][place].arguments[name] for item in instances
                )
                present = tuple(range(len(instances)))
                yield Slot(initial_path(number, place), name, values, present)


@dataclass(frozen=True)
class Taken:
    """What the constructor of a class takes besides its declared parameters.

    `names` is all of it, in order; `extra` has the values of those parameters that hold
    what no expression gives, for each instance.
    """

    names: tuple[str, ...]
    extra: Mapping[str, tuple[Datum, ...]]


def leaf_slots(variant: Variant) -> Iterator[Slot]:
    """The arguments of a layer."""
    leaves = variant.leaves
    for name in leaves[0].arguments:
        values = tuple(leaf.arguments[name] for leaf in leaves)
        yield Slot(variant.path, name, values, variant.present)


def own_slots(variant: Variant) -> Iterator[Slot]:
    """The shape of a tensor of the class, and the arguments of what fills it."""
    bodies = variant.own
    yield Slot(variant.path, "shape", tuple(x.shape for x in bodies), variant.present)
    for name in bodies[0].arguments:
        if not bodies[0].value.argument(name).word:
            values = tuple(body.arguments[name] for body in bodies)
            yield Slot(variant.path, name, values, variant.present)


def use_slots(variant: Variant, plan: Plan, taken: Taken) -> Iterator[Slot]:
    """What the uses of a block pass to the constructor of its class."""
    for name in taken.names:
        values = tuple(_passed(taken, plan, use, name) for use in variant.uses)
        yield Slot(variant.path, name, values, variant.present)


def _passed(taken: Taken, plan: Plan, use: Use, name: str) -> ArgumentValue:
    """What a use passes for a parameter: a term over the enclosing class's."""
    if name in use.arguments:
        given: ArgumentValue = use.arguments[name]
        return given
    if name in taken.extra:
        instances = plan.of(use.instance).instances
        position = next(i for i, x in enumerate(instances) if x is use.instance)
        return from_data(taken.extra[name][position])
    if name == "patches":
        return Term(use.instance.patches, Parameter("patches"))
    if name in use.sizes:
        size: ArgumentValue = use.sizes[name]
        return size
    return from_data(instance_values(use.instance)[name])
