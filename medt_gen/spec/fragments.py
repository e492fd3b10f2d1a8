"""Pieces of JSON Schema that the entries of several keys are written with."""

from __future__ import annotations

import json
from typing import Any

from medt_gen.spec.identifiers import IDENTIFIER

Schema = dict[str, Any]

EXPRESSION_REFERENCE: Schema = {"$ref": "#/$defs/expression"}
NAME: Schema = {"pattern": f"^{IDENTIFIER.pattern}$"}
TEXT: Schema = {"type": "string"}
TYPE_NAME: Schema = {"anyOf": [{"$ref": "#/$defs/type"}, TEXT]}
AXIS: Schema = {"type": "integer", "minimum": 1}


def or_expression(schema: Schema) -> Schema:
    """`schema`, an expression, a list with expressions, or null, which removes."""
    cases = [schema, EXPRESSION_REFERENCE, {"type": "null"}]
    if "array" in json.dumps(schema):
        cases.append({"type": "array", "contains": EXPRESSION_REFERENCE})
    return {"anyOf": cases}
