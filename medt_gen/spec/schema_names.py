"""The names that a spec may give, as the JSON Schema has them.

What is taken by the builtins is left out: it differs from one Python to the next.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable

from medt_gen.catalog import LAYERS
from medt_gen.catalog.containers import CONTAINERS, STAGE
from medt_gen.spec.fragments import Schema
from medt_gen.spec.identifiers import (
    CHILD_NAMES,
    EMITTED_NAMES,
    IDENTIFIER,
    MODULE_NAMES,
    OWN_WORDS,
    PARAMETER_NAMES,
)


def name_definitions() -> dict[str, Schema]:
    """The names of values, and of what may not hide something else."""
    types = (*LAYERS, *CONTAINERS, STAGE)
    return {
        "name": _name(OWN_WORDS | set(keyword.kwlist)),
        "name.module": _more_taken(MODULE_NAMES),
        "name.parameter": _more_taken(PARAMETER_NAMES),
        "name.block": _more_taken({*types, *EMITTED_NAMES}, pattern="^[^_]"),
        # No flow calls it, so it is what torch itself registers and prints.
        "name.child": {"pattern": r"^(?!__)[^.]+$", **_none_of(CHILD_NAMES)},
    }


def _name(taken: Iterable[str]) -> Schema:
    return {"pattern": f"^(?!__){IDENTIFIER.pattern}$", **_none_of(taken)}


def _more_taken(taken: Iterable[str], pattern: str | None = None) -> Schema:
    limits = {} if pattern is None else {"pattern": pattern}
    return {"allOf": [{"$ref": "#/$defs/name"}], **limits, **_none_of(taken)}


def _none_of(names: Iterable[str]) -> Schema:
    return {"not": {"enum": sorted(names)}}
