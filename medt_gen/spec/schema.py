"""The JSON Schema of a spec, generated from the catalog: what editors complete from.

It judges form. Names that depend on the spec itself (blocks of its own, parameters,
values) are left to `medt-gen validate`, which knows the nearest names.
"""

from __future__ import annotations

import json
from pathlib import Path

from medt_gen.algebra.terms import as_data
from medt_gen.catalog import LAYERS
from medt_gen.catalog.arguments import Argument
from medt_gen.catalog.containers import CONTAINERS, STAGE
from medt_gen.spec.blocks import shipped_block
from medt_gen.spec.declarations import ClassDeclaration
from medt_gen.spec.fragments import NAME, TEXT, Schema, or_expression
from medt_gen.spec.keys import properties, table_schema
from medt_gen.spec.read_class import BLOCK_KEYS, EXTENDS, VERSION
from medt_gen.spec.read_flow import PATCH_STEP_KEYS
from medt_gen.spec.read_modules import CHILDREN, MODULE_KEYS, STAGE_KEYS
from medt_gen.spec.read_network import NETWORK_KEYS
from medt_gen.spec.shipped import block_names

SCHEMA_FILE = Path(__file__).parent / "medt-gen.schema.json"


def spec_schema() -> Schema:
    """The schema as plain data."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "medt-gen spec",
        **table_schema(NETWORK_KEYS),
        **_needed(),
        "$defs": {
            "expression": _expression(),
            "type": {"enum": _type_names()},
            "module": _module(),
            "modules": _modules(),
            "forward": _forward(),
            "block": table_schema(BLOCK_KEYS),
            **{f"type.{name}": schema for name, schema in _types().items()},
        },
    }


def schema_text() -> str:
    """The schema as the package ships it."""
    return json.dumps(spec_schema(), indent=1) + "\n"


def _needed() -> Schema:
    """The version always; the rest may come from the spec that this one extends."""
    keys = [entry.name for entry in NETWORK_KEYS.entries if entry.needed is not None]
    keys.remove(VERSION.name)
    whole, difference = {"required": keys}, {"required": [EXTENDS.name]}
    return {"required": [VERSION.name], "anyOf": [whole, difference]}


def _expression() -> Schema:
    return {
        **TEXT,
        "pattern": r"\$",
        "description": "an expression over parameters, such as 2 * $planes",
    }


def _type_names() -> list[str]:
    return [*LAYERS, *block_names(), STAGE, *CONTAINERS]


def _modules() -> Schema:
    module = {"$ref": "#/$defs/module"}
    return {
        "type": ["array", "object", "null"],
        "items": module,
        "additionalProperties": module,
    }


def _module() -> Schema:
    """A type, or a mapping that is judged by its type."""
    cases = [
        {
            "if": {"required": ["type"], "properties": {"type": {"const": name}}},
            "then": {"$ref": f"#/$defs/type.{name}"},
        }
        for name in _type_names()
    ]
    return {
        "if": {"type": "object"},
        "then": {"properties": properties(MODULE_KEYS), "allOf": cases},
        "else": {"anyOf": [{"$ref": "#/$defs/type"}, {"type": ["string", "null"]}]},
    }


def _types() -> dict[str, Schema]:
    """The arguments of each type; the keys of every module are judged beside them."""
    types = {
        name: _arguments({item.name: _argument(item) for item in layer.arguments})
        for name, layer in LAYERS.items()
    }
    for name in block_names():
        types[name] = _arguments(_block_arguments(shipped_block(name)))
    for name in CONTAINERS:
        types[name] = _arguments({CHILDREN.name: True})
    # A stage passes what it does not know on to its block.
    types[STAGE] = {"properties": properties(STAGE_KEYS)}
    return types


def _arguments(properties: Schema) -> Schema:
    keys = [name for name in MODULE_KEYS.names if name != CHILDREN.name]
    return {
        "properties": {**dict.fromkeys(keys, True), **properties},
        "additionalProperties": False,
    }


def _argument(argument: Argument) -> Schema:
    schema = or_expression(argument.kind.schema)
    schema["description"] = argument.kind.words
    if argument.inferred:
        schema["description"] += "; inferred"
    elif argument.optional:
        schema["default"] = as_data(argument.default_value)
    return schema


def _block_arguments(block: ClassDeclaration) -> Schema:
    return {"in_channels": True, **dict.fromkeys(block.parameters, True)}


def _forward() -> Schema:
    pipe = {**TEXT, "description": "a pipe: x | conv1 | bn1 | relu()"}
    step = table_schema(PATCH_STEP_KEYS)
    return {
        "type": ["object", "null"],
        "propertyNames": NAME,
        "additionalProperties": {"anyOf": [pipe, step, {"type": "null"}]},
    }
