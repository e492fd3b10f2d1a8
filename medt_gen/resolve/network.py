"""A composed spec -> the resolved network, or every diagnostic that it earns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from medt_gen.algebra.expressions import LARGEST
from medt_gen.algebra.terms import Shape, Term, constant
from medt_gen.messages.diagnostics import Place
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.network.records import BlockClass, Group, Instance, Module, Network, Use
from medt_gen.resolve.environment import (
    NO_PARAMETERS,
    Environment,
    Given,
    network_parameters,
    node_value,
)
from medt_gen.resolve.initial import check_lines
from medt_gen.resolve.instances import make_block, resolve_class
from medt_gen.resolve.scope import (
    FlowValue,
    Limits,
    Scope,
    Session,
    StepCount,
    fits_in_memory,
)
from medt_gen.resolve.trails import Trail
from medt_gen.resolve.types import Types
from medt_gen.spec.declarations import (
    INPUT,
    ClassDeclaration,
    InputDeclaration,
    NetworkDeclaration,
    ParameterDeclaration,
)
from medt_gen.spec.read_training import FROZEN_EPOCHS, GATES, TRAINING


def resolve_network(
    declared: NetworkDeclaration,
    types: Types,
    problems: Problems,
    limits: Limits,
    count: StepCount | None = None,
) -> Network | None:
    """The network that a spec describes; None when it has errors.

    `count` bounds the work, together with that of others who share it.
    """
    parameters = _environment(declared.root.parameters, problems)
    value = _input(declared.input)
    channels: Term | Faulty = FAULTY
    if value is not FAULTY:
        if not fits_in_memory(value.shape, declared.place, problems):
            return None
        channels = value.shape.channels
    environment = Environment(
        {**network_parameters(parameters), "in_channels": channels},
        _written(declared.root.parameters),
    )
    session = Session(types, limits, make_block, count=count or StepCount())
    scope = Scope(session, declared.root, environment, problems)
    root = resolve_class(scope, {INPUT: value})
    if root is FAULTY or problems.errors:
        return None
    _check_budgets(root, declared.place, limits, problems)
    blocks = _block_classes(root)
    for own in (BlockClass(root.declaration, (root,)), *blocks):
        check_lines(own.declaration, own.instances, problems)
    _check_order(blocks, problems)
    frozen_epochs = declared.root.keys[TRAINING][GATES][FROZEN_EPOCHS]
    return Network(root, blocks, frozen_epochs)


def _input(declared: InputDeclaration | Faulty) -> FlowValue | Faulty:
    if declared is FAULTY:
        return FAULTY
    axes = tuple(constant(axis) for axis in declared.size.axes)
    shape = Shape(constant(declared.channels), axes)
    return FlowValue(shape, trail=Trail("x", shape, declared.size.place))


def _environment(
    declared: Mapping[str, ParameterDeclaration], problems: Problems
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, parameter in declared.items():
        if parameter.default is None:
            problems.error(
                "missing-argument",
                f"the parameter `{name}` of a network needs a value",
                parameter.key.place,
                f"write `{name}:` with a default instead of `{parameter.type}`",
            )
            values[name] = FAULTY
        else:
            values[name] = node_value(parameter.default, NO_PARAMETERS, problems)
    return values


def _written(declared: Mapping[str, ParameterDeclaration]) -> dict[str, Given]:
    """Where the value of each parameter is written."""
    return {
        name: Given(name, parameter.default.place)
        for name, parameter in declared.items()
        if parameter.default is not None
    }


def _check_budgets(
    root: Instance, place: Place, limits: Limits, problems: Problems
) -> None:
    for name in ("modules", "parameters", "buffers", "activations"):
        held, most = getattr(root.cost, name), getattr(limits, name)
        if held > most:
            problems.error(
                "too-large",
                f"the network would have {_count(held)} {_UNITS[name]}, and the limit "
                f"is {most:,}",
                place,
                _budget_help(name, held),
            )


def _count(number: int) -> str:
    return f"{number:,}" if number <= LARGEST else "more than 2^63"


def _budget_help(name: str, held: int) -> str:
    if held > LARGEST:
        return "no machine holds this: make the spec smaller"
    return f"make it smaller, or raise the limit with `--limit {name}={held}`"


_UNITS = {
    "modules": "modules",
    "parameters": "parameters",
    "buffers": "values in buffers",
    "activations": "values in activations for one image",
}


def _block_classes(root: Instance) -> tuple[BlockClass, ...]:
    """The blocks in use with all their instances; used ones before their users."""
    found: dict[str, dict[int, Instance]] = {}
    declarations: dict[str, ClassDeclaration] = {}

    def visit(instance: Instance) -> None:
        for module in instance.modules:
            for used in used_instances(module):
                name = used.declaration.reference
                seen = found.get(name, {})
                if id(used) in seen:
                    continue
                visit(used)
                declarations[name] = used.declaration
                found.setdefault(name, {})[id(used)] = used

    visit(root)
    return tuple(
        BlockClass(declarations[name], tuple(found[name].values()))
        for name in _used_first(found)
    )


def _check_order(blocks: tuple[BlockClass, ...], problems: Problems) -> None:
    """Blocks that use each other, by turns, can't be written one after the other."""
    known: set[str] = set()
    for block in blocks:
        known.add(block.declaration.reference)
        for instance in block.instances:
            for module in instance.modules:
                for used in used_instances(module):
                    if used.declaration.reference not in known:
                        _complain_of_turns(block, used, module, problems)
                        return


def _complain_of_turns(
    block: BlockClass, used: Instance, module: Module, problems: Problems
) -> None:
    problems.error(
        "recursive-block",
        f"the blocks `{block.declaration.name}` and `{used.declaration.name}` use each "
        "other",
        module.declaration.place,
        "declare one of them twice, under two names",
    )


def _used_first(blocks: Mapping[str, Mapping[int, Instance]]) -> list[str]:
    """The names of blocks, used ones before their users.

    The first use of a block need not show what it uses: `when:` may leave that out.
    """
    begun: set[str] = set()
    ordered: list[str] = []

    def place(name: str) -> None:
        if name in begun:
            return
        begun.add(name)
        for instance in blocks[name].values():
            for module in instance.modules:
                for used in used_instances(module):
                    place(used.declaration.reference)
        ordered.append(name)

    for name in blocks:
        place(name)
    return ordered


def used_instances(module: Module) -> list[Instance]:
    """The block instances that a module consists of."""
    if isinstance(module.body, Use):
        return [module.body.instance]
    if isinstance(module.body, Group):
        return [
            item for child in module.body.children for item in used_instances(child)
        ]
    return []
