"""What an editor underlines: the complaints of the JSON Schema."""

from __future__ import annotations

from functools import cache

import jsonschema

from medt_gen.spec.schema import spec_schema


@cache
def validator(of=""):
    """Of a whole spec, or of the definition `of`."""
    schema = spec_schema()
    if of:
        schema = {"$ref": f"#/$defs/{of}", "$defs": schema["$defs"]}
    return jsonschema.Draft202012Validator(schema)


def complaints(data, of=""):
    return [
        f"{error.json_path}: {error.message[:200]}"
        for error in validator(of).iter_errors(data)
    ]
