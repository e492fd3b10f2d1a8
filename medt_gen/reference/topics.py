"""Everything that a spec can name, each with what it is in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from medt_gen.catalog import LAYERS, OPERATIONS
from medt_gen.catalog.containers import CONTAINERS, PARAMETER, STAGE
from medt_gen.catalog.containers import SAYS as CONTAINERS_SAY
from medt_gen.catalog.foreign import FOREIGN
from medt_gen.catalog.initial_values import INITIAL_VALUES
from medt_gen.messages.explanations import explanations
from medt_gen.spec.blocks import shipped_block
from medt_gen.spec.key_tables import KEY_TABLES
from medt_gen.spec.read_class import TITLE
from medt_gen.spec.shipped import (
    block_names,
    shipped_source,
    spec_names,
    spec_path,
    variant_names,
)

TopicKind = Literal[
    "spec",
    "variant",
    "block",
    "layer",
    "container",
    "operation",
    "initial value",
    "key",
    "printed class",
    "code",
]

LISTED: dict[TopicKind, str] = {
    "spec": "specs",
    "variant": "variants",
    "block": "blocks",
    "layer": "layers",
    "container": "containers",
    "operation": "operations",
    "initial value": "initial values",
    "key": "keys",
    "printed class": "classes that can only be printed",
    "code": "codes of errors and warnings",
}
"""The kinds in the order of a list, with what several are called."""


@dataclass(frozen=True)
class Topic:
    """A name that can be asked for, and what it is; `where` says of which table."""

    kind: TopicKind
    name: str
    says: str
    where: str = ""


def topics() -> tuple[Topic, ...]:
    """Every topic, by kinds in the order of `LISTED`; those of plugins in use, too."""
    return tuple(_topics())


def _topics() -> Iterator[Topic]:
    yield from _shipped()
    yield from _catalog()
    for table in KEY_TABLES:
        for entry in table.entries:
            yield Topic("key", entry.name, entry.says, table.where)
    for layer in FOREIGN.values():
        yield Topic("printed class", layer.name, layer.says)
    for code in explanations().values():
        yield Topic("code", code.code, code.says)


def _shipped() -> Iterator[Topic]:
    for name in spec_names():
        yield Topic("spec", name, purpose(name))
    for name in variant_names():
        yield Topic("variant", name, purpose(name))
    for name in block_names():
        yield Topic("block", name, f"{shipped_block(name).keys[TITLE]}.")


def _catalog() -> Iterator[Topic]:
    for layer in LAYERS.values():
        yield Topic("layer", layer.name, layer.says)
    for name in (STAGE, PARAMETER, *CONTAINERS):
        yield Topic("container", name, CONTAINERS_SAY[name])
    for operation in OPERATIONS.values():
        yield Topic("operation", operation.name, operation.summary)
    for value in INITIAL_VALUES.values():
        yield Topic("initial value", value.name, value.says)


def purpose(name: str) -> str:
    """What a shipped spec is for: the comment that it begins with."""
    path = spec_path(name)
    assert path is not None
    found = re.match(r"# (.+)", shipped_source(path).text)
    return found[1] if found else ""
