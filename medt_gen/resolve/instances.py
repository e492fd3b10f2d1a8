"""A class with its parameters and input -> an instance with every module resolved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from medt_gen.algebra.expressions import Parameter
from medt_gen.algebra.terms import Shape, Term, size_terms
from medt_gen.messages.diagnostics import Note
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.network.records import Cost, Instance, Module
from medt_gen.resolve.environment import Environment, data_of, own_parameters
from medt_gen.resolve.flowless import flowless_class
from medt_gen.resolve.flows import Called, FlowRun, Ran
from medt_gen.resolve.modules import (
    call_module,
    check_module,
    exists,
    uncalled_module,
)
from medt_gen.resolve.scope import BlockUse, FlowValue, Scope
from medt_gen.spec.declarations import ClassDeclaration, ModuleDeclaration
from medt_gen.spec.nodes import MappingNode, node_data
from medt_gen.spec.pipes import Name

_DEEPEST = 20
_MOST_INSTANCES = 2_000
# How many axes an input is taken to have where it is not known.
_USUAL_RANK = 2

Calls = dict[str, Called | Faulty]


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
    own = Shape(
        Term(use.shape.channels.value, Parameter("in_channels")),
        tuple(
            Term(term.value, Parameter(name))
            for name, term in size_terms(use.shape).items()
        ),
    )
    values = {**own_parameters(use.arguments), "in_channels": own.channels}
    inner = replace(
        scope,
        declaration=use.block,
        environment=Environment(values, use.arguments.written),
        repeats=1,
        blocks=(*scope.blocks, use.block.reference),
    )
    instance = resolve_class(inner, FlowValue(own, trail=use.trail))
    instances[key] = instance
    return instance


def _key(use: BlockUse, patches: int) -> tuple[Any, ...]:
    arguments = sorted(use.arguments.items())
    given = tuple((name, _hashable(value)) for name, value in arguments)
    return use.block.reference, patches, use.shape.numbers, given


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


def resolve_class(scope: Scope, value: FlowValue | Faulty) -> Instance | Faulty:
    """Resolve the class of `scope`, a network or a block, with its input.

    Where that is FAULTY, only what does not depend on it is checked.
    """
    declaration = scope.declaration
    declared = declaration.declared_parameters.items()
    faulty = {name: item for name, item in declared if item is FAULTY}
    known = {**faulty, **scope.environment}
    environment = Environment(known, scope.environment.written)
    scope = replace(scope, environment=environment)
    if declaration.forward is None and value is not FAULTY:
        return flowless_class(scope, value.shape)
    calls: Calls = {}
    ran = _run(scope, calls, value)
    rank = _USUAL_RANK if value is FAULTY else len(value.shape.size)
    modules = _all_modules(scope, calls, rank, ran)
    _check_construct_first(scope)
    if ran.flow is FAULTY or ran.output is FAULTY or value is FAULTY:
        return FAULTY
    held = sum((module.cost for module in modules), Cost(modules=1))
    return Instance(
        declaration,
        scope.environment,
        modules,
        ran.flow,
        value.shape,
        ran.output.shape,
        replace(held, activations=ran.cost.activations, work=ran.cost.work),
        ran.output.root is not None,
        scope.patches,
    )


def _run(scope: Scope, calls: Calls, value: FlowValue | Faulty) -> Ran:
    declaration = scope.declaration
    if declaration.forward is None:
        return Ran(FAULTY, FAULTY, Cost(), complete=False)
    run = FlowRun(scope, calls)
    ran = run.run(declaration.forward, "x", value)
    # What is not called yet may well lead to a result that is missing.
    return ran if "out" in declaration.forward else replace(ran, complete=False)


def _all_modules(scope: Scope, calls: Calls, rank: int, ran: Ran) -> tuple[Module, ...]:
    """Every declared module in registration order; the never-called ones checked."""
    found = []
    for declaration in scope.declaration.modules:
        called = calls.get(declaration.name)
        if called is FAULTY:
            continue
        if called is not None:
            found.append(_counted(scope, called))
        elif not ran.complete:
            check_module(scope, declaration)
        else:
            module = _uncalled(scope, declaration, rank, ran)
            if module is not FAULTY:
                found.append(module)
    return tuple(found)


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
    found = call_module(reached.scope, declaration, reached.value, on.place)
    if found is FAULTY:
        return FAULTY
    return replace(found.module, shapes=None)


def _check_construct_first(scope: Scope) -> None:
    declaration = scope.declaration
    names = [module.name for module in declaration.modules]
    for first in declaration.construct_first:
        if declaration.module(first.text) is None:
            scope.problems.error(
                "unknown-module",
                f"`construct_first:` names no module: `{shown(first.text)}`",
                first.place,
                did_you_mean(first.text, names),
            )
