"""The arguments of a block, its instance, and its output in the terms of its user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from medt_gen.algebra.expressions import substitute
from medt_gen.algebra.terms import Shape, Term, as_data, bounded
from medt_gen.catalog.kinds import POSITIVE
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import BlockUsed
from medt_gen.network.records import Instance
from medt_gen.resolve.arguments import Missing, check_given
from medt_gen.resolve.environment import (
    NO_PARAMETERS,
    Environment,
    Given,
    argument_value,
    complain_of_value,
    known_expressions,
    node_value,
)
from medt_gen.resolve.leaves import remark_inferred
from medt_gen.resolve.scope import BlockUse, FlowValue, Scope
from medt_gen.spec.declarations import (
    ClassDeclaration,
    ModuleDeclaration,
    ParameterDeclaration,
    Written,
)
from medt_gen.spec.nodes import MappingNode


def block_arguments(
    scope: Scope,
    declaration: ModuleDeclaration,
    block: ClassDeclaration,
    given: Mapping[str, Written],
) -> dict[str, Any] | Faulty:
    """What a use of a block gives for its parameters."""
    missing = [
        Missing(name, _TYPE_WORDS.get(parameter.type, "a value"))
        for name, parameter in block.parameters.items()
        if parameter.default is None and name not in given
    ]
    known = [*block.declared_parameters, "in_channels"]
    complete = check_given(
        block.name, given, known, missing, declaration, scope.problems
    )
    found: dict[str, Any] = {}
    for name, item in given.items():
        parameter = block.parameters.get(name)
        if parameter is not None:
            found[name] = _block_argument(scope, parameter, item)
        elif name in block.declared_parameters:
            found[name] = FAULTY
    return found if complete and FAULTY not in found.values() else FAULTY


def _block_argument(
    scope: Scope, parameter: ParameterDeclaration, item: Written
) -> Any:
    value = node_value(item.node, scope.environment, scope.problems)
    if value is FAULTY or _has_type(value, parameter.type):
        return value
    name, wanted = parameter.key.name, _TYPE_WORDS[parameter.type]
    complain_of_value(name, wanted, item.node, value, scope.environment, scope.problems)
    return FAULTY


_TYPE_WORDS = {
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "name": "a name, or a module such as `{type: GroupNorm, num_groups: 4}`",
    "type": "a module type, such as `BatchNorm2d`",
    "list": "a list, or one number for all",
    "any": "a value",
}

_ACCEPTED: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "name": (str,),
    "type": (str,),
    "list": (int, float),
    "any": (int, float, bool, str, type(None)),
}


def _has_type(value: Any, wanted: str) -> bool:
    if isinstance(value, MappingNode):
        return wanted in ("type", "name", "any")
    if isinstance(value, tuple):
        # One for each axis is taken where one for all is: the layer knows better.
        one = {"list": "any"}.get(wanted, wanted)
        return wanted in _LISTED and all(_has_type(item, one) for item in value)
    if isinstance(value.value, bool) and wanted in ("int", "float"):
        return False
    return isinstance(value.value, _ACCEPTED[wanted])


_LISTED = ("int", "float", "list", "any")


def with_defaults(
    scope: Scope,
    block: ClassDeclaration,
    given: Mapping[str, Written],
    arguments: Mapping[str, Any],
) -> Environment:
    """The values of all parameters of a block: what is given, else the default."""
    declared = {
        name: parameter.default
        for name, parameter in block.parameters.items()
        if parameter.default is not None
    }
    defaults = {
        name: node_value(node, NO_PARAMETERS, scope.problems)
        for name, node in declared.items()
    }
    written = {name: Given(name, node.place) for name, node in declared.items()}
    for name, item in given.items():
        written[name] = scope.environment.given(name, item.node)
    return Environment({**defaults, **arguments}, written)


def block_instance(
    scope: Scope,
    declaration: ModuleDeclaration,
    block: ClassDeclaration,
    values: Environment,
    inputs: tuple[FlowValue, ...],
) -> Instance | Faulty:
    """The instance of a block for one use; what is wrong in it names the use."""
    used = BlockUsed(declaration.label, block.name, declaration.place)
    inner = scope.problems.inside(used)
    use = BlockUse(block, values, inputs)
    return scope.session.make(use, replace(scope, problems=inner))


def channels_agree(
    scope: Scope, given: Mapping[str, Written], value: FlowValue
) -> bool:
    """Whether `in_channels`, where it is given, is what the input has."""
    if "in_channels" not in given:
        return True
    node, problems = given["in_channels"].node, scope.problems
    channels = argument_value(
        "in_channels", node, POSITIVE, scope.environment, problems
    )
    if channels is FAULTY:
        return False
    if as_data(channels) == value.shape.channels.value:
        remark_inferred("in_channels", given["in_channels"], problems)
        return True
    problems.error(
        "shape-mismatch",
        f"`in_channels` is {as_data(channels)} here, and the input is {value.shape}",
        node.place,
        "remove `in_channels`: it is inferred",
    )
    return False


def translated(
    shape: Shape, values: Mapping[str, Any], sizes: Mapping[str, Term]
) -> Shape:
    """A shape over a block's parameters as one over the enclosing class's.

    `values` are the block's arguments, `sizes` those of what it is called with.
    """
    known = known_expressions({**values, **sizes})

    def translate(term: Term) -> Term:
        if term.expression is None:
            return Term(term.value)
        return Term(term.value, bounded(substitute(term.expression, known)))

    return Shape(translate(shape.channels), tuple(map(translate, shape.size)))
