"""The JSON Schema of a spec, generated from the catalog: what editors complete from.

It judges form, of all that is written, whatever of it the parameters make use of. Names
that depend on the spec itself (parameters, values, modules) are left to `medt-gen
validate`, which knows the nearest names.

What may stand where is one layer of it: under `extends:` any part may be left out, and
null takes away what the parent gives. What has to be there where there is no parent is
the second layer, the definitions `whole.`; the third, `known.` and `settled.`, is which
types there are where no blocks but the shipped ones can be meant.
"""

from __future__ import annotations

import json
from pathlib import Path

from medt_gen.spec.fragments import Schema
from medt_gen.spec.keys import table_schema
from medt_gen.spec.read_class import BLOCK_KEYS, EXTENDS, MODULES
from medt_gen.spec.read_flow import PATCH_STEP_KEYS
from medt_gen.spec.read_network import BLOCKS, NETWORK_KEYS
from medt_gen.spec.read_outputs import OUT, OUT_SAYS, out_schema
from medt_gen.spec.schema_foreign import printed_definitions
from medt_gen.spec.schema_known import blockless_specs, known_definitions
from medt_gen.spec.schema_names import name_definitions
from medt_gen.spec.schema_types import (
    module,
    parameter,
    type_definitions,
    type_name,
    typed,
)
from medt_gen.spec.schema_whole import EXTENDING, whole_definitions

SCHEMA_FILE = Path(__file__).parent / "medt-gen.schema.json"

_PIPE = "A pipe, such as x | conv1 | bn1 | relu(), or a flow on patches."


TITLE = "medt-gen spec"


def is_schema(text: str) -> bool:
    """Whether a text is a schema of specs, of this version or another one."""
    return f'"title": "{TITLE}"' in text


def spec_schema() -> Schema:
    """The schema as plain data; of a block's file, `#/$defs/block`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": TITLE,
        **table_schema(NETWORK_KEYS),
        "allOf": [
            {"if": EXTENDING, "else": {"$ref": "#/$defs/whole.spec"}},
            *_known_types(),
        ],
        "$defs": {
            **name_definitions(),
            "expression": _expression(),
            "type": type_name(),
            "module": module(),
            "typed": typed(),
            "modules": _modules(),
            "parameter": parameter(),
            "forward": _forward(),
            "network.forward": _network_forward(),
            "form.block": _block_form(),
            "block": _block(),
            **whole_definitions(),
            **known_definitions(),
            **printed_definitions(),
            **type_definitions(),
        },
    }


def schema_text() -> str:
    """The schema as the package ships it."""
    return json.dumps(spec_schema(), indent=1) + "\n"


def _known_types() -> list[Schema]:
    """Where the types are judged: blocks can be the spec's own, or a parent's."""
    own = {"required": [BLOCKS.name]}
    alone = {"not": {"anyOf": [own, {"required": [EXTENDS.name]}]}}
    names = {EXTENDS.name: {"enum": blockless_specs()}}
    shipped = {"required": [EXTENDS.name], "properties": names, "not": own}
    return [
        {"if": alone, "then": _types_are("settled")},
        {"if": shipped, "then": _types_are("known")},
    ]


def _types_are(how: str) -> Schema:
    modules = {"$ref": f"#/$defs/{how}.modules", "description": MODULES.says}
    return {"properties": {MODULES.name: modules}}


def _expression() -> Schema:
    """What a text must be that is neither a word, nor a number in quotes.

    Without a description: an editor would show it in place of the argument's.
    """
    number = r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?"
    operator = r"[$+*/<>=!()-]|\b(and|or|not)\b"
    letters = r"[\sA-Za-z0-9_.$+*/<>=!()-]*"
    pattern = f"^(?!{number}$)(?={letters}({operator})){letters}$"
    wrong = "this is no value here, and no expression such as 2 * $planes"
    return {"pattern": pattern, "patternErrorMessage": wrong}


def _modules() -> Schema:
    """A mapping, whose parts a parent may have; a list takes the place of another."""
    part = {"$ref": "#/$defs/module"}
    return {
        "type": ["array", "object", "null"],
        "items": {"allOf": [part, {"$ref": "#/$defs/whole.module"}]},
        "additionalProperties": part,
    }


def _forward() -> Schema:
    step = {**table_schema(PATCH_STEP_KEYS), "type": ["string", "object", "null"]}
    return {
        "type": ["object", "null"],
        "propertyNames": {"$ref": "#/$defs/name"},
        "additionalProperties": {"description": _PIPE, **step},
    }


def _network_forward() -> Schema:
    """The flow of a network, whose result may be several values."""
    out = out_schema(table_schema(PATCH_STEP_KEYS))
    return {**_forward(), "properties": {OUT: {"description": OUT_SAYS, **out}}}


def _block_form() -> Schema:
    """A block inside a spec, or the path of its file; both may change a parent's."""
    return {**table_schema(BLOCK_KEYS), "type": ["string", "object", "null"]}


def _block() -> Schema:
    """A block in a file of its own."""
    form = {"$ref": "#/$defs/form.block"}
    whole = {"if": EXTENDING, "else": {"$ref": "#/$defs/whole.block"}}
    return {"type": "object", "allOf": [form, whole]}
