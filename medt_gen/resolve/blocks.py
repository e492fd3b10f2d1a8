"""The arguments of a block, and its output in the terms of who uses it."""

from __future__ import annotations

from typing import Any

from medt_gen.algebra.expressions import Expression, substitute
from medt_gen.algebra.terms import Shape, Term, bounded, size_terms
from medt_gen.catalog.entries import plain
from medt_gen.catalog.kinds import POSITIVE
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import did_you_mean
from medt_gen.resolve.environment import (
    MISSING,
    Environment,
    argument_value,
    described,
    node_value,
)
from medt_gen.resolve.leaves import remark_inferred, unknown_argument
from medt_gen.resolve.scope import FlowValue
from medt_gen.spec.declarations import (
    ClassDeclaration,
    ModuleDeclaration,
    ParameterDeclaration,
    Written,
)
from medt_gen.spec.nodes import MappingNode


def block_arguments(
    declaration: ModuleDeclaration,
    block: ClassDeclaration,
    given: dict[str, Written],
    environment: Environment,
    problems: Problems,
) -> dict[str, Any] | None:
    """What a use of a block gives for its parameters; None after a complaint."""
    found: dict[str, Any] = {}
    for name, item in given.items():
        parameter = block.parameters.get(name)
        if parameter is not None:
            found[name] = _block_argument(parameter, item, environment, problems)
        elif name in block.broken_parameters:
            found[name] = MISSING
        elif name != "in_channels":
            unknown_argument(block.name, item, list(block.parameters), problems)
            found[name] = MISSING
    for name, parameter in block.parameters.items():
        if parameter.default is None and name not in given:
            problems.error(
                "missing-argument",
                f"`{block.name}` needs `{name}`",
                declaration.type.place,
                f"add `{name}:`, {_TYPE_WORDS.get(parameter.type, 'a value')}",
            )
            found[name] = MISSING
    return None if MISSING in found.values() else found


def _block_argument(
    parameter: ParameterDeclaration,
    item: Written,
    environment: Environment,
    problems: Problems,
) -> Any:
    value = node_value(item.node, environment, problems)
    if value is MISSING or _has_type(value, parameter.type):
        return value
    problems.error(
        "wrong-value",
        f"`{parameter.key.name}` must be {_TYPE_WORDS[parameter.type]}, not "
        + described(item.node, value),
        item.node.place,
        _parameter_help(value, environment),
    )
    return MISSING


def _parameter_help(value: Any, environment: Environment) -> str | None:
    if isinstance(value, Term) and isinstance(value.value, str):
        return did_you_mean(value.value, environment, "$")
    return None


_TYPE_WORDS = {
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "name": "a name, or a module such as `{type: GroupNorm, num_groups: 4}`",
    "type": "a module type, such as `BatchNorm2d`",
    "list": "a list",
    "any": "a value",
}

_ACCEPTED: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "name": (str,),
    "type": (str,),
    "list": (),
    "any": (int, float, bool, str, type(None)),
}


def _has_type(value: Any, wanted: str) -> bool:
    if isinstance(value, MappingNode):
        return wanted in ("type", "name", "any")
    if isinstance(value, tuple):
        return wanted in ("list", "any")
    if isinstance(value.value, bool) and wanted in ("int", "float"):
        return False
    return isinstance(value.value, _ACCEPTED[wanted])


def defaults(block: ClassDeclaration, problems: Problems) -> dict[str, Any]:
    """The values of the parameters that have one by themselves."""
    return {
        name: node_value(parameter.default, {}, problems)
        for name, parameter in block.parameters.items()
        if parameter.default is not None
    }


def channels_agree(
    given: dict[str, Written],
    value: FlowValue,
    environment: Environment,
    problems: Problems,
) -> bool:
    """Whether `in_channels`, where it is given, is what the input has."""
    if "in_channels" not in given or value.shape is None:
        return True
    node = given["in_channels"].node
    channels = argument_value("in_channels", node, POSITIVE, environment, problems)
    actual = value.shape.channels.value
    if channels is MISSING:
        return False
    if plain(channels) == actual:
        remark_inferred("in_channels", given["in_channels"], problems)
        return True
    problems.error(
        "shape-mismatch",
        f"`in_channels` is {plain(channels)} here, and the input is {value.shape}",
        node.place,
        "remove `in_channels`: it is inferred",
    )
    return False


def input_terms(shape: Shape) -> dict[str, Term]:
    """The channels and the axes of an input by name."""
    return {"in_channels": shape.channels, **size_terms(shape)}


def translated(shape: Shape, values: dict[str, Any], source: Shape) -> Shape:
    """A shape over a block's parameters as one over the enclosing class's.

    `values` are the block's arguments, `source` is what it is called with.
    """
    terms = {name: item for name, item in values.items() if isinstance(item, Term)}
    known: dict[str, Expression] = {
        name: term.expression
        for name, term in {**terms, **input_terms(source)}.items()
        if term.expression is not None
    }

    def translate(term: Term) -> Term:
        if term.expression is None:
            return Term(term.value)
        return Term(term.value, bounded(substitute(term.expression, known)))

    return Shape(translate(shape.channels), tuple(map(translate, shape.size)))
