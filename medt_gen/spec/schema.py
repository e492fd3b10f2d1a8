"""The JSON Schema of a spec, generated from the catalog: what editors complete from.

It judges form. Names that depend on the spec itself (blocks of its own, parameters,
values) are left to `medt-gen validate`, which knows the nearest names.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from medt_gen.catalog import LAYERS
from medt_gen.catalog.containers import CONTAINERS, STAGE
from medt_gen.catalog.entries import INFERRED, REQUIRED, Argument
from medt_gen.spec.blocks import shipped_block
from medt_gen.spec.declarations import ClassDeclaration
from medt_gen.spec.identifiers import IDENTIFIER
from medt_gen.spec.read_class import LANGUAGE
from medt_gen.spec.shipped import block_names

SCHEMA_FILE = Path(__file__).parent / "medt-gen.schema.json"

Schema = dict[str, Any]

_EXPRESSION: Schema = {
    "type": "string",
    "pattern": r"\$",
    "description": "an expression over parameters, such as 2 * $planes",
}
_NAME: Schema = {"pattern": f"^{IDENTIFIER.pattern}$"}


def spec_schema() -> Schema:
    """The schema as plain data."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "medt-gen spec",
        "type": "object",
        "required": ["medt-gen"],
        "properties": {**_class_properties(), **_network_properties()},
        "additionalProperties": False,
        "anyOf": [{"required": ["modules", "input"]}, {"required": ["extends"]}],
        "$defs": {
            "expression": _EXPRESSION,
            "when": _when(),
            "unused": {"type": "boolean", "description": "declared, never called"},
            "module": _module(),
            "modules": _modules(),
            "forward": _forward(),
            "block": _block(),
            **{f"type.{name}": schema for name, schema in _types().items()},
        },
    }


def schema_text() -> str:
    """The schema as the package ships it."""
    return json.dumps(spec_schema(), indent=1) + "\n"


def _class_properties() -> Schema:
    return {
        "medt-gen": {"const": LANGUAGE, "description": "the version of the language"},
        "extends": {
            "type": "string",
            "description": "the spec that this one changes: a shipped name or a path",
        },
        "class": {"type": "string", **_NAME, "description": "the printed class"},
        "title": {"type": "string"},
        "source": {"type": "string", "description": "the paper"},
        "params": {
            "type": "object",
            "propertyNames": _NAME,
            "description": "parameters with defaults, or int, float, bool, type",
        },
        "modules": {"$ref": "#/$defs/modules"},
        "construct_first": {
            "type": "array",
            "items": {"type": "string"},
            "description": "modules that are constructed before their siblings",
        },
        "forward": {"$ref": "#/$defs/forward"},
    }


def _network_properties() -> Schema:
    axis = {"type": "integer", "minimum": 1}
    sizes = {"type": "array", "items": axis, "minItems": 2, "maxItems": 3}
    epochs = {"type": "integer", "minimum": 0}
    gates = _object({"frozen_epochs": epochs})
    return {
        "input": _object(
            {
                "channels": axis,
                "size": {
                    "anyOf": [axis, sizes],
                    "description": "N, [H, W] or [D, H, W]",
                },
            }
        ),
        "blocks": {
            "type": "object",
            "propertyNames": _NAME,
            "additionalProperties": {
                "anyOf": [{"type": "string"}, {"$ref": "#/$defs/block"}]
            },
        },
        "training": _object({"gates": gates}, nullable=True),
    }


def _object(properties: Schema, *, nullable: bool = False) -> Schema:
    return {
        "type": ["object", "null"] if nullable else "object",
        "properties": properties,
        "additionalProperties": False,
    }


def _block() -> Schema:
    return {
        "type": "object",
        "properties": _class_properties(),
        "additionalProperties": False,
    }


def _modules() -> Schema:
    module = {"$ref": "#/$defs/module"}
    return {
        "type": ["array", "object", "null"],
        "items": module,
        "additionalProperties": module,
    }


def _module() -> Schema:
    """A type, or a mapping that is judged by its type."""
    names = [*LAYERS, *block_names(), STAGE, *CONTAINERS]
    known = {"enum": names}
    cases = [
        {
            "if": {"required": ["type"], "properties": {"type": {"const": name}}},
            "then": {"$ref": f"#/$defs/type.{name}"},
        }
        for name in names
    ]
    return {
        "if": {"type": "object"},
        "then": {
            "properties": {
                "type": {"anyOf": [known, {"type": "string"}]},
                "after": {"type": "string"},
                **_common(),
            },
            "allOf": cases,
        },
        "else": {"anyOf": [known, {"type": ["string", "null"]}]},
    }


def _when() -> Schema:
    return {
        "anyOf": [{"type": "boolean"}, {"$ref": "#/$defs/expression"}],
        "description": "the module exists where this holds",
    }


def _common() -> Schema:
    return {"when": {"$ref": "#/$defs/when"}, "unused": {"$ref": "#/$defs/unused"}}


def _types() -> dict[str, Schema]:
    types = {
        name: _arguments({item.name: _argument(item) for item in layer.arguments})
        for name, layer in LAYERS.items()
    }
    for name in block_names():
        types[name] = _arguments(_block_arguments(shipped_block(name)))
    for name in CONTAINERS:
        types[name] = _arguments({"modules": {"$ref": "#/$defs/modules"}})
    # A stage passes what it does not know on to its block.
    types[STAGE] = {
        "properties": {
            "block": {"type": "string"},
            "depth": _or_expression({"type": "integer", "minimum": 1}),
            "stride": _or_expression({"type": "integer", "minimum": 1}),
        }
    }
    return types


def _arguments(properties: Schema) -> Schema:
    common = {"type": True, "after": True, **_common()}
    return {
        "properties": {**common, **properties},
        "additionalProperties": False,
    }


def _argument(argument: Argument) -> Schema:
    schema = _or_expression(argument.kind.schema)
    schema["description"] = argument.kind.words
    if argument.default is INFERRED:
        schema["description"] += "; inferred"
    elif argument.default is not REQUIRED:
        default = argument.default
        schema["default"] = list(default) if isinstance(default, tuple) else default
    return schema


def _or_expression(schema: Schema) -> Schema:
    """`schema`, an expression, a list with expressions, or null, which removes."""
    expression = {"$ref": "#/$defs/expression"}
    cases = [schema, expression, {"type": "null"}]
    if "array" in json.dumps(schema):
        cases.append({"type": "array", "contains": expression})
    return {"anyOf": cases}


def _block_arguments(block: ClassDeclaration) -> Schema:
    return {"in_channels": True, **dict.fromkeys(block.parameters, True)}


def _forward() -> Schema:
    patches = _object(
        {
            "of": {"type": "string"},
            "grid": {"type": "array", "minItems": 2, "maxItems": 3},
            "as": {"type": "string", **_NAME},
            "statistics": {"enum": ["patch", "batch"]},
        }
    )
    patches["required"] = ["of", "grid", "as"]
    step = _object({"patches": patches, "forward": {"$ref": "#/$defs/forward"}})
    return {
        "type": ["object", "null"],
        "propertyNames": _NAME,
        "additionalProperties": {
            "anyOf": [
                {"type": "string", "description": "a pipe: x | conv1 | bn1 | relu()"},
                step,
                {"type": "null"},
            ]
        },
    }
