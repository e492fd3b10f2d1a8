"""Pieces of JSON Schema that the entries of several keys are written with.

`errorMessage` and `patternErrorMessage` are words of editors: what they say in place of
"incorrect type", or of a long pattern.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

EXPRESSION_REFERENCE: Schema = {"$ref": "#/$defs/expression"}
NAME: Schema = {"$ref": "#/$defs/name"}
PARAMETER_NAME: Schema = {"$ref": "#/$defs/name.parameter"}
BLOCK_NAME: Schema = {"$ref": "#/$defs/name.block"}
TEXT: Schema = {"type": "string"}
TYPE_NAME: Schema = {"$ref": "#/$defs/type"}
AXIS: Schema = {"type": "integer", "minimum": 1}

REMOVED: Schema = {"type": "null", "errorMessage": "there is no such key here"}
"""A key that is not known here: what a parent gives may be taken away all the same."""

NOT_NULL: Schema = {
    "type": ["array", "boolean", "number", "object", "string"],
    "errorMessage": "null takes away what a parent gives, and there is no parent here",
}


def or_null(schema: Schema) -> Schema:
    """`schema`, or null, which takes away what a parent gives.

    What is only a reference takes null itself.
    """
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    if "const" in schema:
        return {**without(schema, "const"), "enum": [schema["const"], None]}
    if "enum" in schema:
        return {**schema, "enum": [*schema["enum"], None]}
    if "type" not in schema:
        return schema
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return {**schema, "type": [*types, *({"null"} - set(types))]}


def or_expression(schema: Schema) -> Schema:
    """`schema`, or an expression in place of any single value of it."""
    cases = schema.get("anyOf", [schema])
    computed = [_computed(case) for case in cases]
    if EXPRESSION_REFERENCE["$ref"] not in [case.get("$ref") for case in computed]:
        computed.append(_computed(TEXT))
    return computed[0] if len(computed) == 1 else {"anyOf": computed}


def _computed(case: Schema) -> Schema:
    """A list of computed values, or a value or an expression; words stay words."""
    if case.get("type") == "array":
        return {**case, "items": or_expression(case["items"])}
    if "type" not in case:
        return case
    types = case["type"] if isinstance(case["type"], list) else [case["type"]]
    texts = [*types, *({"string"} - set(types))]
    return {**case, "type": texts, **EXPRESSION_REFERENCE}


def one_of(*names: str, more: str = "") -> Schema:
    """One of these texts, as a pattern: of an `enum` an editor lists all the values."""
    return {"pattern": f"^({'|'.join(names)}{more})$"}


def without(schema: Schema, key: str) -> Schema:
    """`schema` without one of its words."""
    return {name: item for name, item in schema.items() if name != key}
