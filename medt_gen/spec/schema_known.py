"""The types of modules where they are known: no block of the spec's own can be meant.

That is so in a spec without `blocks:` that extends none, or one that ships. Elsewhere a
name that is not in the catalog may be a block's, and a shipped block may have been
replaced by one of the same name.
"""

from __future__ import annotations

from medt_gen.catalog.containers import STAGE
from medt_gen.catalog.foreign import FOREIGN
from medt_gen.catalog.kinds import POSITIVES
from medt_gen.messages.problems import Problems
from medt_gen.spec.blocks import shipped_block
from medt_gen.spec.compose import SourceCache, compose
from medt_gen.spec.fragments import TEXT, Schema, one_of, or_expression, or_null
from medt_gen.spec.keys import described
from medt_gen.spec.read_modules import BLOCK, CHILDREN, DEPTH, STRIDE, TYPE
from medt_gen.spec.read_network import BLOCKS
from medt_gen.spec.schema_foreign import foreign, needy_foreign
from medt_gen.spec.schema_types import block_arguments, is_type, only, type_names
from medt_gen.spec.shipped import (
    block_names,
    shipped_source,
    spec_names,
    spec_path,
)


def blockless_specs() -> list[str]:
    """The shipped specs that declare no blocks: what extends them can't use any."""
    return [name for name in spec_names() if not _declares_blocks(name)]


def _declares_blocks(name: str) -> bool:
    path = spec_path(name)
    assert path is not None
    opened = SourceCache(path.parent.resolve())
    composed = compose(shipped_source(path), path.parent, opened, Problems())
    return BLOCKS.name in composed.node.items


def known_definitions() -> dict[str, Schema]:
    """Modules of known types: `settled.` ones are whole, of `known.` ones a parent may
    have the rest."""
    return {
        "known.type": _known([*type_names(), *FOREIGN]),
        **_definitions("known", whole=False),
        **_definitions("settled", whole=True),
    }


def _definitions(how: str, *, whole: bool) -> dict[str, Schema]:
    part = {"$ref": f"#/$defs/{how}.module"}
    within = {"$ref": f"#/$defs/{how}.modules"}
    needy = [name for name in block_names() if whole and _needs(name)]
    needy += needy_foreign() if whole else []
    bare = [name for name in (*type_names(), *FOREIGN) if name not in needy]
    module = {
        "if": {"type": "object"},
        "then": {
            "properties": {
                TYPE.name: described(TYPE, {"$ref": "#/$defs/known.type"}),
                CHILDREN.name: described(CHILDREN, within),
            },
            "if": is_type(STAGE, *block_names()),
            "then": {"allOf": [_stage(), *_blocks(whole=whole)]},
            **foreign(whole=whole),
        },
        "else": _known(bare),
    }
    modules = {"items": part, "additionalProperties": part}
    return {f"{how}.modules": modules, f"{how}.module": module}


def _known(names: list[str]) -> Schema:
    """One of these types, or a parameter that holds one."""
    wrong = {"patternErrorMessage": "there is no such type, or it needs arguments"}
    return {"type": ["string", "null"], **one_of(*names, more=r"|\$.*"), **wrong}


def _stage() -> Schema:
    """A stage of a layer, or of a block that ships: none else takes a stride."""
    stride = or_null(or_expression(POSITIVES.schema))
    properties = {
        BLOCK.name: described(BLOCK, {"$ref": "#/$defs/known.type"}),
        STRIDE.name: described(STRIDE, stride),
    }
    return {"if": is_type(STAGE), "then": {"properties": properties}}


def _blocks(*, whole: bool) -> list[Schema]:
    """The shipped blocks, by themselves and in a stage."""
    return [
        {"if": condition, "then": _block(name, keys, whole=whole)}
        for name in block_names()
        for condition, keys in _uses(name)
    ]


def _uses(name: str) -> list[tuple[Schema, Schema]]:
    """How a block is used: the condition, and the keys beside its arguments."""
    block = {BLOCK.name: {**TEXT, **one_of(name)}}
    of_it = {"required": [BLOCK.name], "properties": block}
    keys = {entry.name: described(entry, {}) for entry in (BLOCK, DEPTH)}
    return [(is_type(name), {}), ({"allOf": [is_type(STAGE), of_it]}, keys)]


def _block(name: str, keys: Schema, *, whole: bool) -> Schema:
    needed = {"required": _needs(name)} if whole else {}
    return {**needed, **only({**block_arguments(name), **keys})}


def _needs(name: str) -> list[str]:
    parameters = shipped_block(name).parameters.items()
    return [item for item, parameter in parameters if parameter.default is None]
