"""What has to be there in a spec that extends none, beside what may be there at all.

Nothing is missing, nothing is null, and modules are called as attributes can be.
"""

from __future__ import annotations

from dataclasses import dataclass

from medt_gen.catalog import LAYERS
from medt_gen.catalog.containers import CONTAINERS, PARAMETER, STAGE
from medt_gen.catalog.entries import LayerType
from medt_gen.catalog.kinds import accepts
from medt_gen.spec.fragments import NOT_NULL, Schema, one_of
from medt_gen.spec.keys import KeyTable, described, whole_schema
from medt_gen.spec.read_class import BLOCK_KEYS, EXTENDS, FORWARD, MODULES
from medt_gen.spec.read_flow import PATCH_STEP_KEYS
from medt_gen.spec.read_modules import BLOCK, CHILDREN, DEPTH, TYPE, UNUSED
from medt_gen.spec.read_network import NETWORK_KEYS
from medt_gen.spec.read_open import OPEN
from medt_gen.spec.read_outputs import OUT, OUT_SAYS, PATCHED
from medt_gen.spec.schema_types import COMMON, is_type

EXTENDING: Schema = {
    "required": [EXTENDS.name],
    "properties": {EXTENDS.name: {"type": "string"}},
}
"""A spec or a block that states only its difference, or no mapping at all."""


def whole_definitions() -> dict[str, Schema]:
    """What holds besides of each part that a parent could have given."""
    block = {"if": EXTENDING, "else": _class(BLOCK_KEYS)}
    return {
        "whole.spec": _class(NETWORK_KEYS),
        "whole.block": {"type": ["string", "object"], **block},
        "whole.parameter": {
            "if": {"type": "object"},
            "then": {"required": [TYPE.name]},
        },
        "whole.modules": _modules(),
        "whole.module": _module(),
        "whole.forward": _forward(),
        "whole.network.forward": _network_forward(),
    }


def _class(table: KeyTable) -> Schema:
    """A network or a block: where it has a flow, its modules are called by name."""
    attributes = {"propertyNames": {"$ref": "#/$defs/name.module"}}
    return {
        **whole_schema(table),
        "if": {"required": [FORWARD.name]},
        "then": {"properties": {MODULES.name: described(MODULES, attributes)}},
    }


def _forward() -> Schema:
    step = {**whole_schema(PATCH_STEP_KEYS), "type": ["string", "object"]}
    return {"type": "object", "required": [OUT], "additionalProperties": step}


def _network_forward() -> Schema:
    patches = {
        "if": PATCHED,
        "then": whole_schema(PATCH_STEP_KEYS),
        "else": {"additionalProperties": NOT_NULL, "minProperties": 1},
    }
    types = ["string", "object", "array"]
    out = {"description": OUT_SAYS, "type": types, **patches}
    return {**_forward(), "properties": {OUT: out}}


def _modules() -> Schema:
    return {
        "type": ["array", "object"],
        "propertyNames": {"$ref": "#/$defs/name.child"},
        "additionalProperties": {"$ref": "#/$defs/whole.module"},
    }


def _module() -> Schema:
    """A mapping with all that its type needs, or a type that needs nothing."""
    mapping = {
        **_says_what_it_is(),
        "properties": {CHILDREN.name: described(CHILDREN, CHILDREN.whole)},
        "allOf": [*_layers(), *_others()],
    }
    return {
        "type": ["object", "string"],
        "if": {"type": "object"},
        "then": mapping,
        "else": {"not": one_of(*_NEEDY, *CONTAINERS, STAGE, PARAMETER)},
    }


def _says_what_it_is() -> Schema:
    """A module has a type, or is open."""
    return {"if": {"required": [OPEN.name]}, "else": {"required": [TYPE.name]}}


_NEEDY = [
    name
    for name, layer in LAYERS.items()
    if any(argument.required for argument in layer.arguments)
]


@dataclass(frozen=True)
class _Needs:
    """The arguments that a layer must be given: always, and where no flow calls it; and
    those for which null is a value."""

    always: tuple[str, ...]
    uncalled: tuple[str, ...]
    nothing: tuple[str, ...]


def _needs(layer: LayerType) -> _Needs:
    return _Needs(
        tuple(item.name for item in layer.arguments if item.required),
        # A length may be the network's own.
        tuple(item.name for item in layer.arguments if item.counts_channels),
        tuple(item.name for item in layer.arguments if accepts(item.kind, None)),
    )


def _layers() -> list[Schema]:
    """The layers, those together that need the same."""
    groups: dict[_Needs, list[str]] = {}
    for name, layer in LAYERS.items():
        groups.setdefault(_needs(layer), []).append(name)
    return [
        {"if": is_type(*names), "then": _layer(needs)}
        for needs, names in groups.items()
    ]


def _layer(needs: _Needs) -> Schema:
    complete = _complete(needs.always, needs.nothing)
    if not needs.uncalled:
        return complete
    unused = {"required": [UNUSED.name], "properties": {UNUSED.name: {"const": True}}}
    return {**complete, "if": unused, "then": {"required": [*needs.uncalled]}}


def _complete(needed: tuple[str, ...], nothing: tuple[str, ...] = ()) -> Schema:
    """A module with all of `needed`, and nulls only where they are values."""
    names = "|".join(nothing)
    return {
        "required": [*needed],
        **({"patternProperties": {f"^({names})$": True}} if nothing else {}),
        "additionalProperties": NOT_NULL,
    }


def _others() -> list[Schema]:
    """Containers hold modules, and a stage says what it repeats."""
    own = f"^({BLOCK.name}|{DEPTH.name})$|{COMMON}"
    stage = {"required": [BLOCK.name], "patternProperties": {own: NOT_NULL}}
    tensor = {"if": is_type(PARAMETER), "then": _complete(("shape", "init"))}
    return [
        tensor,
        {"if": is_type(*CONTAINERS), "then": _complete((CHILDREN.name,))},
        {"if": is_type(STAGE), "then": stage},
    ]
