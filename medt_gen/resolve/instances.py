"""A class with its parameters and input -> an instance with every module resolved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from medt_gen.algebra.expressions import Parameter
from medt_gen.algebra.terms import Shape, Term, size_terms
from medt_gen.catalog.entries import plain
from medt_gen.messages.diagnostics import Note
from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.network.records import Cost, Flow, Instance, Module
from medt_gen.resolve.environment import MISSING, Environment, own_parameters
from medt_gen.resolve.flows import FlowRunner
from medt_gen.resolve.modules import Modules
from medt_gen.resolve.open import open_class
from medt_gen.resolve.scope import UNKNOWN, Called, FlowValue, Scope, Session
from medt_gen.spec.declarations import ClassDeclaration, ModuleDeclaration
from medt_gen.spec.nodes import MappingNode, node_data

_DEEPEST = 20
_MOST_INSTANCES = 2_000


def make_block(
    session: Session,
    declaration: ClassDeclaration,
    arguments: dict[str, Any],
    shape: Shape,
    patches: int,
) -> Instance | None:
    """The instance of a block for these arguments and this input; made once.

    Inside it every number stands for a parameter of the block's class.
    """
    key = (
        declaration.reference,
        patches,
        shape.numbers,
        tuple((name, _hashable(arguments[name])) for name in sorted(arguments)),
    )
    if key in session.instances:
        found: Instance | None = session.instances[key]
        return found
    if not _may_go_on(session, declaration):
        return None
    session.unfinished.append(declaration.reference)
    own = Shape(
        Term(shape.channels.value, Parameter("in_channels")),
        tuple(
            Term(term.value, Parameter(name))
            for name, term in size_terms(shape).items()
        ),
    )
    environment = {**own_parameters(arguments), "in_channels": own.channels}
    instance = resolve_class(session, declaration, environment, FlowValue(own), patches)
    session.unfinished.pop()
    session.instances[key] = instance
    return instance


def _hashable(value: Any) -> Any:
    if isinstance(value, MappingNode):
        return repr(node_data(value))
    item = plain(value)
    return tuple(item) if isinstance(item, list) else (type(item).__name__, item)


def _may_go_on(session: Session, declaration: ClassDeclaration) -> bool:
    if declaration.reference in session.unfinished:
        session.problems.error(
            "recursive-block",
            f"the block `{declaration.name}` contains itself",
            declaration.place,
            "a block can hold other blocks, and layers in the end",
        )
        return False
    deep = len(session.unfinished) >= _DEEPEST
    if deep or len(session.instances) >= _MOST_INSTANCES:
        session.problems.error(
            "too-large",
            f"blocks are nested more than {_DEEPEST} deep"
            if deep
            else f"blocks are used in more than {_MOST_INSTANCES:,} different ways",
            declaration.place,
            "blocks with equal arguments and inputs count once",
        )
        return False
    return True


def resolve_class(
    session: Session,
    declaration: ClassDeclaration,
    environment: Environment,
    value: FlowValue,
    patches: int,
) -> Instance | None:
    """Resolve a network or a block whose parameters are decided, with its input.

    Without a shape of that, only what does not depend on one is checked.
    """
    shape = value.shape
    broken = dict.fromkeys(declaration.broken_parameters, MISSING)
    scope = Scope(declaration, {**broken, **environment}, patches)
    modules = Modules(session, scope, make_block)
    if declaration.forward is None and shape is not None:
        return open_class(scope, modules, shape)
    runner = FlowRunner(session, scope, modules)
    flow = _run(runner, declaration, value)
    result = runner.values.get("out", UNKNOWN)
    resolved = _all_modules(session, scope, modules, len(shape.size) if shape else 2)
    _check_construct_first(session, declaration)
    if flow is None or result.shape is None or shape is None:
        return None
    held = sum((module.cost for module in resolved), Cost(modules=1))
    cost = Cost(
        held.parameters,
        held.frozen,
        held.buffers,
        held.modules,
        runner.cost.activations,
        runner.cost.work,
    )
    return Instance(
        declaration,
        environment,
        resolved,
        flow,
        shape,
        result.shape,
        cost,
        result.root is not None,
        patches,
    )


def _run(
    runner: FlowRunner, declaration: ClassDeclaration, value: FlowValue
) -> Flow | None:
    if declaration.forward is None:
        runner.scope.incomplete = True
        return None
    if "out" not in declaration.forward:
        # What is not called yet may well lead to the missing result.
        runner.scope.incomplete = True
    return runner.run(declaration.forward, "x", value, declaration.broken_values)


def _all_modules(
    session: Session, scope: Scope, modules: Modules, rank: int
) -> tuple[Module, ...]:
    """Every declared module in registration order; the never-called ones checked."""
    found = []
    for declaration in scope.declaration.modules:
        called = scope.called.get(declaration.name)
        if called is not None:
            found.append(_counted(session, called))
        elif declaration.name in scope.failed:
            continue
        elif scope.incomplete:
            modules.check(declaration)
        else:
            found.append(_uncalled(session, modules, declaration, rank))
    return tuple(found)


def _counted(session: Session, called: Called) -> Module:
    declaration = called.module.declaration
    if declaration.unused:
        session.problems.error(
            "unused-module",
            f"`{declaration.label}` is marked `unused: true` and is called",
            declaration.place,
            "remove `unused: true`",
            Note("called here", called.place),
        )
    return replace(called.module, calls=called.calls)


def _uncalled(
    session: Session, modules: Modules, declaration: ModuleDeclaration, rank: int
) -> Module:
    if not declaration.unused and modules.exists(declaration):
        session.problems.warning(
            "unused-module",
            f"the module `{declaration.label}` is never called",
            declaration.key.place,
            "call it in `forward:`, mark it `unused: true`, or remove it",
        )
    return modules.unused(declaration, rank)


def _check_construct_first(session: Session, declaration: ClassDeclaration) -> None:
    names = [module.name for module in declaration.modules]
    for first in declaration.construct_first:
        if declaration.lacks(first.text):
            session.problems.error(
                "unknown-module",
                f"`construct_first:` names no module: `{shown(first.text)}`",
                first.place,
                did_you_mean(first.text, names),
            )
