"""The answers before the writing: what each class takes, and what each value is.

A class can only be called once it is known what it takes; that follows from all the
values in it. So this pass goes over them, used classes before their users, and what
comes out is frozen: who writes only reads it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from medt_gen.algebra.expressions import (
    Expression,
    Parameter,
    parameters,
    substitute,
)
from medt_gen.algebra.terms import ArgumentValue, Datum, Plain, Term, as_data
from medt_gen.emitter.flow_slots import flow_slots
from medt_gen.emitter.plan import ClassPlan, Plan
from medt_gen.emitter.values import (
    Owner,
    block_owner,
    expression_text,
    fitting,
    network_owner,
)
from medt_gen.emitter.variants import (
    Slot,
    Taken,
    Variant,
    in_order_of_construction,
    initial_slots,
    is_optional,
    leaf_slots,
    own_slots,
    use_slots,
    variant_of,
)
from medt_gen.network.inputs import IN_CHANNELS, channels_of, size_names
from medt_gen.spec.identifiers import MODULE_ATTRIBUTES
from medt_gen.spec.nodes import ListNode, Node, ScalarNode

PATCHES = "patches"


Default = Plain | tuple[Plain, ...]


@dataclass(frozen=True)
class Signature:
    """What a class's constructor takes, in order: only what its body uses.

    `extra` are the parameters that hold what no expression gives, with their value in
    each instance; `texts` are the values in the class, by path and argument. `kept` are
    the parameters that its flow needs, with the attributes that remember them.
    """

    owner: Owner
    order: tuple[str, ...]
    positional: frozenset[str]
    defaults: Mapping[str, Default]
    extra: Mapping[str, tuple[Datum, ...]]
    texts: Mapping[tuple[str, str], str]
    kept: Mapping[str, str]

    @property
    def taken(self) -> Taken:
        """What a user of the class passes."""
        return Taken(self.order, self.extra)


Signatures = Mapping[str, Signature]
"""The signature of each class, by its name in Python."""


def find_signatures(plan: Plan, arguments: Mapping[str, Plain]) -> Signatures:
    """The signatures of all classes; `arguments` are what the network's takes."""
    found: dict[str, Signature] = {}
    for own in plan.classes:
        owner = block_owner(own.instances)
        if own.is_network:
            owner = network_owner(own.instances[0], arguments)
        needs = _Needs(owner, len(own.instances), set(arguments), _attributes(own))
        texts = {
            (slot.path, slot.argument): needs.text(slot, slot.values, slot.label)
            for slot in _construction_slots(own, plan, found)
        }
        for slot in flow_slots(own):
            key = slot.path, slot.argument
            texts[key] = needs.text(slot, slot.values, slot.label, later=True)
        needs.used |= _used_by_conditions(own)
        if not own.is_network and _holds_patches(own):
            needs.used.add(PATCHES)
        found[own.python_name] = _signature(own, needs, texts, arguments)
    return found


class _Needs:
    """What a class turns out to need while its values are looked at."""

    def __init__(
        self, owner: Owner, count: int, used: set[str], taken: Collection[str]
    ) -> None:
        self.owner = owner
        self.count = count
        self.used = used
        self.taken = taken
        self.extra: dict[str, tuple[Datum, ...]] = {}
        self.kept: dict[str, str] = {}

    def text(
        self,
        slot: Slot,
        values: Sequence[ArgumentValue],
        label: str,
        *,
        later: bool = False,
    ) -> str:
        """A value of the class as Python: an expression, or a further parameter.

        What is asked for `later`, in `forward`, has to be remembered until then.
        """
        if all(isinstance(value, Term) and value.value is None for value in values):
            return "None"
        expression = fitting(values, slot.present, self.owner)
        lists = [value for value in values if isinstance(value, tuple)]
        alike = len(lists) == len(values) and len({len(x) for x in lists}) == 1
        if expression is None and alike:
            items = [
                self.text(slot, column, f"{label}_{position}", later=later)
                for position, column in enumerate(zip(*lists, strict=True))
            ]
            return "(" + ", ".join(items) + ("," if len(items) == 1 else "") + ")"
        if expression is None:
            held: list[Datum] = [None] * self.count
            for index, value in zip(slot.present, values, strict=True):
                held[index] = as_data(value)
            expression = Parameter(self._extra_parameter(label, tuple(held)))
        self.used |= parameters(expression)
        return expression_text(self._remembered(expression) if later else expression)

    def _remembered(self, expression: Expression) -> Expression:
        """The expression over attributes of the class, and not over parameters."""
        names = parameters(expression)
        for name in names:
            taken = {*self.taken, *self.kept.values()}
            self.kept.setdefault(name, _free(name, taken))
        attributes = {name: Parameter(f"self.{self.kept[name]}") for name in names}
        return substitute(expression, attributes) or expression

    def _extra_parameter(self, label: str, held: tuple[Datum, ...]) -> str:
        """A parameter of this name for these values, or of the next that is free."""
        name, number = label, 1
        known = self.owner.environments[0]
        while name in known or self.extra.get(name, held) != held:
            number += 1
            name = f"{label}_{number}"
        self.extra[name] = held
        self.used.add(name)
        return name


def _construction_slots(
    own: ClassPlan, plan: Plan, known: Signatures
) -> Iterator[Slot]:
    """Every value that the modules are made with, in the order of writing."""
    for declaration in in_order_of_construction(own):
        yield from _module_slots(variant_of(own, declaration), plan, known)
    yield from initial_slots(own)


def _attributes(own: ClassPlan) -> set[str]:
    """The attributes that a class has anyway."""
    modules = own.instances[0].declaration.modules
    return {*MODULE_ATTRIBUTES, *(module.name for module in modules)}


def _free(name: str, taken: Collection[str]) -> str:
    """`name` as an attribute, with underscores behind it where it is taken."""
    while name in taken:
        name += "_"
    return name


def _module_slots(variant: Variant, plan: Plan, known: Signatures) -> Iterator[Slot]:
    if variant.own:
        yield from own_slots(variant)
    elif variant.leaves:
        yield from leaf_slots(variant)
    elif variant.uses:
        target = plan.of(variant.uses[0].instance)
        yield from use_slots(variant, plan, known[target.python_name].taken)
    for child in variant.children:
        yield from _module_slots(child, plan, known)


def _used_by_conditions(own: ClassPlan) -> set[str]:
    """The parameters that decide whether a module exists."""
    return {
        name
        for item in in_order_of_construction(own)
        if item.when is not None and is_optional(own, item)
        for name in parameters(item.when.expression)
    }


def _holds_patches(own: ClassPlan) -> bool:
    """Whether a layer of the class normalises patches apart."""
    variants = [variant_of(own, item) for item in in_order_of_construction(own)]
    while variants:
        variant = variants.pop()
        variants += variant.children
        if any(leaf.patches > 1 for leaf in variant.leaves):
            return True
    return False


def _signature(
    own: ClassPlan,
    needs: _Needs,
    texts: Mapping[tuple[str, str], str],
    arguments: Mapping[str, Plain],
) -> Signature:
    defaults: dict[str, Default] = dict(arguments) if own.is_network else {}
    used, declared = needs.used, own.instances[0].declaration.parameters
    for name, parameter in ({} if own.is_network else declared).items():
        if parameter.default is not None and name in used:
            defaults[name] = _data(parameter.default)
    if PATCHES in used:
        defaults[PATCHES] = 1
    required = [name for name in declared if name in used and name not in defaults]
    inputs = own.instances[0].declaration.inputs
    channels = [IN_CHANNELS, *map(channels_of, inputs[1:])]
    positional = [name for name in channels if name in used] + required
    named = [name for name in size_names(inputs) if name in used] + list(needs.extra)
    return Signature(
        needs.owner,
        (*positional, *named, *defaults),
        frozenset(positional),
        defaults,
        needs.extra,
        texts,
        needs.kept,
    )


def _data(node: Node) -> Default:
    """A default as data."""
    if isinstance(node, ListNode):
        return tuple(x.value for x in node.items if isinstance(x, ScalarNode))
    return node.value if isinstance(node, ScalarNode) else None
