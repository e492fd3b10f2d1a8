"""The types of modules in the JSON Schema, each with its arguments and what it says."""

from __future__ import annotations

import json

from medt_gen.algebra.terms import as_data
from medt_gen.catalog import LAYERS
from medt_gen.catalog.arguments import REQUIRED, Argument, Default
from medt_gen.catalog.containers import CONTAINERS, PARAMETER, SAYS, STAGE
from medt_gen.catalog.entries import LayerType
from medt_gen.catalog.kinds import POSITIVE, TENSOR_SHAPE
from medt_gen.spec.blocks import shipped_block
from medt_gen.spec.declarations import ClassDeclaration, ParameterDeclaration
from medt_gen.spec.fragments import (
    REMOVED,
    TEXT,
    Schema,
    one_of,
    or_expression,
    or_null,
)
from medt_gen.spec.keys import described, properties
from medt_gen.spec.nodes import node_data
from medt_gen.spec.read_class import TITLE
from medt_gen.spec.read_modules import CHILDREN, MODULE_KEYS, STAGE_KEYS, TYPE
from medt_gen.spec.read_open import OPEN
from medt_gen.spec.shipped import block_names

COMMON = "^({})$".format(
    "|".join(name for name in MODULE_KEYS.names if name != CHILDREN.name)
)
"""The keys that a module of any type has."""

_FILLED = "`init`: what it starts from, such as `zeros()` or `normal(std=0.02)`."
_PARAMETER = (
    "A parameter: its default, or `int`, `float`, `bool` or `type` where a caller "
    "gives the value."
)


def type_names() -> list[str]:
    """Every type there is without blocks of the spec's own."""
    return [*LAYERS, *block_names(), STAGE, PARAMETER, *CONTAINERS]


def type_name() -> Schema:
    """The name of a type, or any other text: it may be a block of the spec's own.

    The text comes first, since a validator that only judges is done with it.
    """
    known = [{"const": name, "description": _says(name)} for name in type_names()]
    return {"anyOf": [TEXT, *known, {"type": "null"}]}


def module() -> Schema:
    """A type, or a mapping that is judged by its type."""
    return {
        "if": {"type": "object"},
        "then": {
            "properties": properties(MODULE_KEYS),
            "if": {"required": [OPEN.name]},
            "then": {"$ref": "#/$defs/open"},
            "else": {"$ref": "#/$defs/typed"},
        },
        "else": {"$ref": "#/$defs/type"},
    }


def parameter() -> Schema:
    """A mapping is a module that takes further arguments where it is used."""
    return {
        "description": _PARAMETER,
        "if": {"type": "object"},
        "then": {"$ref": "#/$defs/module"},
    }


def typed() -> Schema:
    """A module of a type, judged by it."""
    return {"allOf": _by_type()}


def _by_type() -> list[Schema]:
    """A few types at a time: one case after the other takes ten times as long."""
    names = type_names()
    shelves = [names[at : at + _SHELF] for at in range(0, len(names), _SHELF)]
    return [
        {"if": is_type(*shelf), "then": {"allOf": [_case(name) for name in shelf]}}
        for shelf in shelves
    ]


_SHELF = 10


def _case(name: str) -> Schema:
    return {"if": is_type(name), "then": {"$ref": f"#/$defs/type.{name}"}}


def is_type(*names: str) -> Schema:
    """A module of one of these types."""
    kind = {**TEXT, **one_of(*names)}
    return {"required": [TYPE.name], "properties": {TYPE.name: kind}}


def type_definitions() -> dict[str, Schema]:
    """The arguments of each type; the keys of every module are judged beside them."""
    definitions = {f"type.{name}": _type(name) for name in type_names()}
    # A stage passes what it does not know on to its block; a block of this name may be
    # the spec's own, with other parameters.
    for name in (STAGE, *block_names()):
        del definitions[f"type.{name}"]["additionalProperties"]
    return definitions


def _type(name: str) -> Schema:
    return {"description": _says(name), **only(_arguments(name))}


def only(arguments: Schema) -> Schema:
    """A module with these arguments, and no others."""
    return {
        "properties": arguments,
        "patternProperties": {COMMON: True},
        "additionalProperties": REMOVED,
    }


def _says(name: str) -> str:
    if name in LAYERS:
        return LAYERS[name].says
    if name in SAYS:
        return SAYS[name]
    return f"{shipped_block(name).keys[TITLE]}."


def _arguments(name: str) -> Schema:
    if name in LAYERS:
        given = {item.name: argument_schema(item) for item in LAYERS[name].arguments}
        return {**given, **_together(LAYERS[name])}
    if name == STAGE:
        return properties(STAGE_KEYS)
    if name == PARAMETER:
        shape = or_null(or_expression(TENSOR_SHAPE.schema))
        return {
            "shape": {**shape, "description": f"`shape`: {TENSOR_SHAPE.words}."},
            "init": {**or_null(TEXT), "description": _FILLED},
        }
    if name in CONTAINERS:
        # Judged once, as a key of every module: twice on every level is 2^depth times.
        return {CHILDREN.name: described(CHILDREN, {})}
    block = shipped_block(name)
    texts = {**_INPUT, **{item: _described(block, item) for item in block.parameters}}
    return {item: {"description": text} for item, text in texts.items()}


def _together(layer: LayerType) -> Schema:
    """What may be written in a mapping of its own: `pooling: {padding: 1}`."""
    wholes: dict[str, Schema] = {}
    for argument in layer.arguments:
        if argument.within is not None:
            whole, name = argument.within
            wholes.setdefault(whole, {})[name] = argument_schema(argument)
    return {
        whole: {
            "description": f"`{whole}`: "
            + ", ".join(f"`{name}`" for name in parts)
            + " together.",
            "type": ["object", "null"],
            "properties": parts,
            "additionalProperties": REMOVED,
        }
        for whole, parts in wholes.items()
    }


def argument_schema(argument: Argument) -> Schema:
    """A value of its kind, an expression, or null, with what it says."""
    schema = or_null(or_expression(argument.kind.schema))
    schema["description"] = _sentence(
        argument.name, argument.kind.words, _else(argument)
    )
    if argument.optional:
        schema["default"] = as_data(argument.default_value)
    return schema


def _else(argument: Argument) -> str:
    """What holds where the argument is not given."""
    default = argument.default
    if isinstance(default, Default):
        return f"inferred: {default.value}" if argument.inferred else default.value
    if default is None:
        return "it may be left out"
    return _without(as_data(argument.default_value))


_INPUT = {"in_channels": "`in_channels`: a positive integer; inferred from the input."}


def _without(value: object) -> str:
    return f"{value if isinstance(value, str) else json.dumps(value)} without it"


def _sentence(name: str, words: str, otherwise: str) -> str:
    return f"`{name}`: {words}; {otherwise}."


# --- the parameters of shipped blocks -------------------------------------------------

_MODULE = {"type": ["string", "object"]}


def _listed(kind: str) -> Schema:
    return {"anyOf": [{"type": kind}, {"type": "array", "items": {"type": kind}}]}


_KINDS: dict[str, tuple[str, Schema]] = {
    "int": ("an integer", _listed("integer")),
    "float": ("a number", _listed("number")),
    "bool": ("true or false", {"type": "boolean"}),
    "name": ("a name, or a module", _MODULE),
    "type": ("a type, or a module", _MODULE),
    "list": ("a list", {"type": "array"}),
    "any": ("a value", {}),
}


def _described(block: ClassDeclaration, name: str) -> str:
    parameter = block.parameters[name]
    given = parameter.default
    otherwise = REQUIRED.value if given is None else _without(node_data(given))
    return _sentence(name, parameter_words(parameter), otherwise)


def parameter_words(parameter: ParameterDeclaration) -> str:
    """What a parameter may be, in words."""
    return _KINDS[parameter.type][0]


def block_arguments(name: str) -> Schema:
    """The arguments of a shipped block, where no other can be meant."""
    block, texts = shipped_block(name), _arguments(name)
    kinds = {item: _KINDS[block.parameters[item].type][1] for item in block.parameters}
    kinds["in_channels"] = POSITIVE.schema
    return {
        item: {**or_null(or_expression(kinds[item])), **text}
        for item, text in texts.items()
    }
