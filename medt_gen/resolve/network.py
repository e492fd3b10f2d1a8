"""A composed spec -> the resolved network, or every diagnostic that it earns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from medt_gen.algebra.expressions import LARGEST
from medt_gen.algebra.terms import Shape, constant
from medt_gen.messages.diagnostics import Place
from medt_gen.messages.problems import Problems
from medt_gen.network.records import BlockClass, Group, Instance, Module, Network, Use
from medt_gen.resolve.environment import MISSING, constants, node_value
from medt_gen.resolve.instances import resolve_class
from medt_gen.resolve.scope import FlowValue, Limits, Session, fits_in_memory
from medt_gen.resolve.types import Types
from medt_gen.spec.declarations import ClassDeclaration, ParameterDeclaration
from medt_gen.spec.expect import (
    check_keys,
    expect_integer,
    expect_mapping,
    joined_numbers,
    start_of,
)
from medt_gen.spec.nodes import ListNode, MappingNode, Node, ScalarNode
from medt_gen.spec.read_class import LANGUAGE, NETWORK_KEYS, declare_class


@dataclass(frozen=True)
class Declared:
    """A network whose form has been read; parts that were wrong are None or MISSING."""

    declaration: ClassDeclaration
    environment: Mapping[str, Any]
    input: Shape | None
    input_place: Place | None
    frozen_epochs: int | None
    place: Place


def declare_network(node: MappingNode, name: str, problems: Problems) -> Declared:
    """Read the form of a composed spec; `name` is the class when it names none."""
    check_keys(node, NETWORK_KEYS, "a spec", problems)
    _check_version(node, problems)
    declaration = declare_class(node, name, problems, network=True)
    shape = _input_shape(node, problems)
    epochs = _frozen_epochs(node.items.get("training"), problems)
    environment = _environment(declaration.parameters, problems)
    modules = node.keys.get("modules")
    place = modules.place if modules else start_of(node)
    given = node.items.get("input")
    size = given.items.get("size", given) if isinstance(given, MappingNode) else given
    return Declared(
        declaration,
        environment,
        shape,
        None if size is None else size.place,
        epochs,
        place,
    )


def resolve_network(
    declared: Declared, types: Types, problems: Problems, limits: Limits
) -> Network | None:
    """The network that a spec describes; None when it has errors."""
    session = Session(types, problems, limits)
    shape = declared.input
    if shape is not None and not fits_in_memory(shape, declared.place, problems):
        return None
    environment = {
        **declared.environment,
        "in_channels": MISSING if shape is None else shape.channels,
    }
    own = constants(environment)
    value = FlowValue(shape, origin=declared.input_place)
    root = resolve_class(session, declared.declaration, own, value, 1)
    if root is None or problems.errors:
        return None
    _check_budgets(root, declared.place, limits, problems)
    return Network(root, _block_classes(root), declared.frozen_epochs)


def _check_version(node: MappingNode, problems: Problems) -> None:
    version = node.items.get("medt-gen")
    if version is None:
        problems.error(
            "missing-key",
            "`medt-gen: 1` is missing: the version of the language",
            start_of(node),
            "add `medt-gen: 1` as the first line",
        )
    elif not isinstance(version, ScalarNode) or version.value is not LANGUAGE:
        problems.error(
            "wrong-value",
            "`medt-gen:` is the version of the language",
            version.place,
            f"this release reads version {LANGUAGE}: write `medt-gen: {LANGUAGE}`",
        )


def _input_shape(node: MappingNode, problems: Problems) -> Shape | None:
    given = node.items.get("input")
    if given is None:
        problems.error(
            "missing-key",
            "`input:` is missing",
            start_of(node),
            "add `input: {channels: 3, size: 128}`",
        )
        return None
    mapping = expect_mapping(given, "`input:`", problems)
    if mapping is None:
        return None
    check_keys(mapping, ("channels", "size"), "`input:`", problems)
    for key in ("channels", "size"):
        if key not in mapping.items:
            problems.error(
                "missing-key",
                f"`input:` needs `{key}:`",
                given.place,
                "write `input: {channels: 3, size: 128}`",
            )
            return None
    channels = expect_integer(mapping.items["channels"], "`channels:`", 1, problems)
    size = _size(mapping.items["size"], problems)
    if channels is None or size is None:
        return None
    return Shape(constant(channels), tuple(constant(axis) for axis in size))


def _size(node: Node, problems: Problems) -> tuple[int, ...] | None:
    """N is [N, N]; a list has two axes for images and three for volumes."""
    items = node.items if isinstance(node, ListNode) else (node, node)
    joined = joined_numbers(node, (2, 3))
    if joined or len(items) not in (2, 3):
        problems.error(
            "wrong-value",
            "`size:` is N, [H, W] or [D, H, W]",
            node.place,
            f"write `size: [{', '.join(joined or ('128', '256'))}]`",
        )
        return None
    numbers = [expect_integer(item, "`size:`", 1, problems) for item in items]
    known = tuple(number for number in numbers if number is not None)
    return known if len(known) == len(items) else None


def _frozen_epochs(node: Node | None, problems: Problems) -> int | None:
    mapping = expect_mapping(node, "`training:`", problems) if node else None
    if mapping is None:
        return None
    check_keys(mapping, ("gates",), "`training:`", problems)
    if "gates" not in mapping.items:
        return None
    gates = expect_mapping(mapping.items["gates"], "`gates:`", problems)
    if gates is None:
        return None
    check_keys(gates, ("frozen_epochs",), "`gates:`", problems)
    if "frozen_epochs" not in gates.items:
        return None
    return expect_integer(gates.items["frozen_epochs"], "`frozen_epochs:`", 0, problems)


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
            values[name] = MISSING
        else:
            values[name] = node_value(parameter.default, {}, problems)
    return values


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
        BlockClass(declarations[name], tuple(instances.values()))
        for name, instances in found.items()
    )


def used_instances(module: Module) -> list[Instance]:
    """The block instances that a module consists of."""
    if isinstance(module.body, Use):
        return [module.body.instance]
    if isinstance(module.body, Group):
        return [
            item for child in module.body.children for item in used_instances(child)
        ]
    return []
