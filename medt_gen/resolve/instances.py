"""A class with its parameters and input -> an instance with every module resolved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from medt_gen.algebra.expressions import Parameter
from medt_gen.algebra.terms import Shape, Term, size_terms
from medt_gen.catalog.containers import CONTAINERS, SEQUENTIAL
from medt_gen.messages.diagnostics import Note
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.network.inputs import IN_CHANNELS, channels_of
from medt_gen.network.records import Cost, Group, Instance, Module
from medt_gen.paths.keys import paths_around
from medt_gen.resolve.called import Called, Calls
from medt_gen.resolve.calls import held_by
from medt_gen.resolve.environment import Environment, data_of, own_parameters
from medt_gen.resolve.flowless import flowless_class
from medt_gen.resolve.flows import FlowRun, Ran
from medt_gen.resolve.initial import initial_passes
from medt_gen.resolve.modules import (
    call_module,
    check_module,
    exists,
)
from medt_gen.resolve.own_parameters import own_parameters_of
from medt_gen.resolve.scope import BlockUse, FlowValue, Scope
from medt_gen.resolve.uncalled import uncalled_module
from medt_gen.spec.declarations import ClassDeclaration, ModuleDeclaration
from medt_gen.spec.nodes import MappingNode, node_data
from medt_gen.spec.pipes import Name

OwnModules = Mapping[str, Module | Faulty]

_DEEPEST = 20
_MOST_INSTANCES = 2_000
# How many axes an input is taken to have where it is not known.
_USUAL_RANK = 2


def make_block(use: BlockUse, scope: Scope) -> Instance | Faulty:
    """The instance of a block for one use; made once for equal ones.

    Inside it every number stands for a parameter of the block's class.
    """
    instances = scope.session.instances
    key = _key(use, scope.patches)
    if key in instances:
        return instances[key]
    if not _may_go_on(use.block, scope):
        return FAULTY
    names = use.block.inputs
    prefixes = ["", *(f"{name}_" for name in names[1:])]
    inputs = {
        name: replace(value, shape=_own_shape(value.shape, prefix))
        for name, value, prefix in zip(names, use.inputs, prefixes, strict=True)
    }
    first, *others = (value.shape.channels for value in inputs.values())
    further = zip(names[1:], others, strict=True)
    channels = {channels_of(name): term for name, term in further}
    values = {**own_parameters(use.arguments), IN_CHANNELS: first, **channels}
    inner = replace(
        scope,
        declaration=use.block,
        environment=Environment(values, use.arguments.written),
        repeats=1,
        blocks=(*scope.blocks, use.block.reference),
    )
    instance = resolve_class(inner, inputs)
    instances[key] = instance
    return instance


def _own_shape(shape: Shape, prefix: str) -> Shape:
    """The shape of an input, every number a parameter of the class that takes it."""
    channels = f"{prefix}channels" if prefix else IN_CHANNELS
    return Shape(
        Term(shape.channels.value, Parameter(channels)),
        tuple(
            Term(term.value, Parameter(f"{prefix}{axis}"))
            for axis, term in size_terms(shape).items()
        ),
    )


def _key(use: BlockUse, patches: int) -> tuple[Any, ...]:
    arguments = sorted(use.arguments.items())
    given = tuple((name, _hashable(value)) for name, value in arguments)
    sizes = tuple(value.shape.numbers for value in use.inputs)
    return use.block.reference, patches, sizes, given


def _hashable(value: Any) -> Any:
    if isinstance(value, MappingNode):
        return repr(node_data(value))
    item = data_of(value)
    return tuple(item) if isinstance(item, list) else (type(item).__name__, item)


def _may_go_on(block: ClassDeclaration, scope: Scope) -> bool:
    if block.reference in scope.blocks:
        scope.problems.error(
            "recursive-block",
            f"the block `{block.name}` contains itself",
            block.place,
            "a block can hold other blocks, and layers in the end",
        )
        return False
    deep = len(scope.blocks) >= _DEEPEST
    if deep or len(scope.session.instances) >= _MOST_INSTANCES:
        scope.problems.error(
            "too-large",
            f"blocks are nested more than {_DEEPEST} deep"
            if deep
            else f"blocks are used in more than {_MOST_INSTANCES:,} different ways",
            block.place,
            "blocks with equal arguments and inputs count once",
        )
        return False
    return True


def resolve_class(
    scope: Scope, inputs: Mapping[str, FlowValue | Faulty]
) -> Instance | Faulty:
    """Resolve the class of `scope`, a network or a block, with its inputs by name.

    Where one is FAULTY, only what does not depend on it is checked.
    """
    value, *others = inputs.values()
    declaration = scope.declaration
    declared = declaration.declared_parameters.items()
    faulty = {name: item for name, item in declared if item is FAULTY}
    known = {**faulty, **scope.environment}
    environment = Environment(known, scope.environment.written)
    scope = replace(scope, environment=environment)
    if declaration.forward is None and value is not FAULTY:
        return flowless_class(scope, value.shape)
    calls: Calls = {}
    own = own_parameters_of(scope)
    _check_names(scope, own)
    ran = _run(scope, calls, own, inputs)
    rank = _USUAL_RANK if value is FAULTY else len(value.shape.size)
    modules = _all_modules(scope, calls, rank, ran, own)
    _check_construction(scope)
    if ran.flow is FAULTY or ran.output is FAULTY or value is FAULTY:
        return FAULTY
    names = list(inputs)
    held = sum((module.cost for module in modules), Cost(modules=1))
    instance = Instance(
        declaration,
        scope.environment,
        modules,
        ran.flow,
        value.shape,
        ran.output.shape,
        replace(held, activations=ran.cost.activations, work=ran.cost.work),
        names.index(ran.output.root) if ran.output.root in names else None,
        scope.patches,
        {
            name: item.shape
            for name, item in zip(names[1:], others, strict=True)
            if item is not FAULTY
        },
    )
    initial = initial_passes(scope, instance)
    return FAULTY if initial is FAULTY else replace(instance, initial=initial)


def _check_names(scope: Scope, own: OwnModules) -> None:
    """A value and a tensor of the class share their names."""
    for name in own:
        step = (scope.declaration.forward or {}).get(name)
        if step is not None and step is not FAULTY:
            scope.problems.error(
                "bad-name",
                f"`{name}` is a Parameter, and a value of that name would hide it",
                step.key.place,
                "choose another name for one of the two",
            )


def _run(
    scope: Scope,
    calls: Calls,
    own: OwnModules,
    inputs: Mapping[str, FlowValue | Faulty],
) -> Ran:
    declaration = scope.declaration
    if declaration.forward is None:
        return Ran(FAULTY, FAULTY, Cost(), complete=False)
    run = FlowRun(scope, calls, own)
    ran = run.run(declaration.forward, inputs)
    # What is not called yet may well lead to a result that is missing.
    return ran if "out" in declaration.forward else replace(ran, complete=False)


def _all_modules(
    scope: Scope, calls: Calls, rank: int, ran: Ran, own: OwnModules
) -> tuple[Module, ...]:
    """Every declared module in registration order; the never-called ones checked."""
    made = _Made(calls, _parts(calls), rank, ran)
    found = [
        _with_reads(scope, own[declaration.name], ran)
        if declaration.name in own
        else _module(scope, declaration, made)
        for declaration in scope.declaration.modules
    ]
    return tuple(module for module in found if module is not FAULTY)


def _with_reads(scope: Scope, module: Module | Faulty, ran: Ran) -> Module | Faulty:
    """A tensor of the class; one that nothing reads is as good as not there."""
    if module is FAULTY:
        return FAULTY
    read = module.name in ran.read_parameters
    if not read and ran.complete and not module.declaration.unused:
        scope.problems.warning(
            "unused-module",
            f"the Parameter `{module.name}` is never read",
            module.declaration.key.place,
            f"read it in `forward:`, as in `x | scale({module.name})`, mark it "
            "`unused: true`, or remove it",
        )
    return replace(module, calls=int(read))


@dataclass(frozen=True)
class _Made:
    """What the flow has called, and what of each container, by their labels."""

    calls: Calls
    parts: Mapping[str, Sequence[Called | Faulty]]
    rank: int
    ran: Ran


def _parts(calls: Calls) -> dict[str, list[Called | Faulty]]:
    found: dict[str, list[Called | Faulty]] = {}
    for label, called in calls.items():
        for whole in paths_around(label):
            found.setdefault(whole, []).append(called)
    return found


def _module(
    scope: Scope, declaration: ModuleDeclaration, made: _Made
) -> Module | Faulty:
    called = made.calls.get(declaration.label)
    parts = made.parts.get(declaration.label, ())
    if called is FAULTY:
        return FAULTY
    if called is not None:
        alike = [_is_as_inside(scope, called, part) for part in parts]
        return _counted(scope, called) if all(alike) else FAULTY
    if parts and exists(scope, declaration):
        return _assembled(scope, declaration, made)
    if not made.ran.complete:
        check_module(scope, declaration)
        return FAULTY
    return _uncalled(scope, declaration, made.rank, made.ran)


def _assembled(
    scope: Scope, declaration: ModuleDeclaration, made: _Made
) -> Module | Faulty:
    """A container of which the flow calls what it holds, and not the whole."""
    held = held_by(scope, declaration)
    if held is FAULTY or held is None:
        return FAULTY
    found = [_module(scope, child, made) for child in held]
    children = tuple(child for child in found if child is not FAULTY)
    if len(children) < len(found):
        return FAULTY
    cost = sum((child.cost for child in children), Cost(modules=1))
    kind = declaration.type.text
    group = Group(children, kind if kind in CONTAINERS else SEQUENTIAL)
    calls_inside = sum(child.calls for child in children)
    return Module(declaration.name, declaration, group, cost, calls_inside)


def _is_as_inside(scope: Scope, whole: Called, part: Called | Faulty) -> bool:
    """Whether a module is the same called alone, and in its container as a whole."""
    if part is FAULTY:
        return False
    label = part.module.declaration.label
    inside = whole.module
    for key in label.split(".")[whole.module.declaration.label.count(".") + 1 :]:
        inside = inside.child(key)
    weights = scope.session.weights
    if weights.number(inside) == weights.number(part.module):
        return True
    scope.problems.error(
        "shape-mismatch",
        f"`{label}` is called with {part.shapes[0]} alone, and can't fit what it gets "
        f"in `{whole.module.declaration.label}`",
        part.place,
        "declare a second module for the second use",
        Note("the whole is called here", whole.place),
    )
    return False


def _counted(scope: Scope, called: Called) -> Module:
    declaration = called.module.declaration
    if declaration.unused:
        scope.problems.error(
            "unused-module",
            f"`{declaration.label}` is marked `unused` and is called",
            declaration.place,
            "remove `unused:`",
            Note("called here", called.place),
        )
    return replace(called.module, calls=called.calls)


def _uncalled(
    scope: Scope, declaration: ModuleDeclaration, rank: int, ran: Ran
) -> Module | Faulty:
    if declaration.unused_on is not None:
        return _as_if_called(scope, declaration, declaration.unused_on, ran)
    found = uncalled_module(scope, declaration, rank)
    if found is FAULTY:
        return FAULTY
    if not declaration.unused and exists(scope, declaration):
        scope.problems.warning(
            "unused-module",
            f"the module `{declaration.label}` is never called",
            declaration.key.place,
            "call it in `forward:`, mark it `unused: true`, or remove it",
        )
    return found


def _as_if_called(
    scope: Scope, declaration: ModuleDeclaration, on: Name, ran: Ran
) -> Module | Faulty:
    """A module that is never called, with the sizes that it would have on a value."""
    reached = ran.values.get(on.text)
    if reached is None:
        scope.problems.error(
            "unknown-value",
            f"there is no value `{shown(on.text)}` in this `forward:`",
            on.place,
            did_you_mean(on.text, ran.values),
        )
        return FAULTY
    if reached.value is FAULTY:
        check_module(scope, declaration)
        return FAULTY
    found = call_module(reached.scope, declaration, (reached.value,), on.place)
    if found is FAULTY:
        return FAULTY
    return replace(found.module, shapes=None)


def _check_construction(scope: Scope) -> None:
    declaration = scope.declaration
    names = [module.name for module in declaration.modules]
    named = {
        "construct_first": declaration.construct_first,
        "construct_again": declaration.construct_again,
    }
    for key, modules in named.items():
        for module in modules:
            if declaration.module(module.text) is None:
                scope.problems.error(
                    "unknown-module",
                    f"`{key}:` names no module: `{shown(module.text)}`",
                    module.place,
                    did_you_mean(module.text, names),
                )
