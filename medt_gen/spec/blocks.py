"""The blocks that a spec can name: shipped ones, and its own under `blocks:`."""

from __future__ import annotations

from functools import cache

from medt_gen.catalog import LAYERS
from medt_gen.catalog.containers import CONTAINERS, STAGE
from medt_gen.messages.diagnostics import InvalidInput
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.spec.compose import (
    BLOCK_SHELF,
    Composed,
    SourceCache,
    compose,
    compose_node,
)
from medt_gen.spec.declarations import ClassDeclaration
from medt_gen.spec.expect import check_name, expect_mapping
from medt_gen.spec.identifiers import CLASS_NAMES
from medt_gen.spec.keys import check_keys
from medt_gen.spec.nodes import MappingNode, Node, ScalarNode
from medt_gen.spec.read_class import BLOCK_KEYS, CLASS, declare_class
from medt_gen.spec.read_network import BLOCKS
from medt_gen.spec.shipped import block_names, block_path, shipped_source

_TAKEN = {
    **CLASS_NAMES,
    **dict.fromkeys((*LAYERS, *CONTAINERS, STAGE), "the catalog has this type"),
}


@cache
def shipped_block(name: str) -> ClassDeclaration:
    """A block that ships with the package."""
    path = block_path(name)
    assert path is not None
    opened = SourceCache(path.parent.resolve())
    problems = Problems()
    source = shipped_source(path)
    composed = compose(source, path.parent, opened, problems, BLOCK_SHELF)
    declaration = declare_class(composed.node, name, BLOCK_KEYS, problems, shipped=True)
    problems.stop_on_errors()
    return declaration


def all_blocks(
    node: MappingNode, composed: Composed, opened: SourceCache, problems: Problems
) -> dict[str, ClassDeclaration | Faulty]:
    """Shipped blocks and those of the spec, which may replace them.

    FAULTY ones have been complained of.
    """
    blocks: dict[str, ClassDeclaration | Faulty] = {
        name: shipped_block(name) for name in block_names()
    }
    own = node.items.get(BLOCKS.name)
    mapping = FAULTY if own is None else expect_mapping(own, "`blocks:`", problems)
    if mapping is FAULTY:
        return blocks
    for name, item in mapping.items.items():
        taken = {name: "the layers keep such names"} if name[:1] == "_" else _TAKEN
        if check_name(mapping.keys[name], "a block", problems, taken):
            blocks[name] = _own_block(name, item, composed, opened, problems)
        else:
            blocks[name] = FAULTY
    return blocks


def _own_block(
    name: str, node: Node, composed: Composed, opened: SourceCache, problems: Problems
) -> ClassDeclaration | Faulty:
    """A block written in place, or in a file of its own."""
    try:
        found = _composed_block(name, node, composed, opened, problems)
    except InvalidInput as error:
        # The other blocks are still worth a look.
        problems.extend(error.diagnostics)
        return FAULTY
    if found is FAULTY:
        return FAULTY
    check_keys(found, BLOCK_KEYS, problems)
    return declare_class(found, name, BLOCK_KEYS, problems)


def _composed_block(
    name: str, node: Node, composed: Composed, opened: SourceCache, problems: Problems
) -> MappingNode | Faulty:
    folder = opened.folder_of(node.place.source, composed.folder)
    if isinstance(node, ScalarNode) and isinstance(node.value, str):
        path = folder / node.value
        text = opened.source(path, node.value, node.place)
        return compose(text, path.parent, opened, problems, BLOCK_SHELF).node
    mapping = expect_mapping(node, f"the block `{name}`", problems)
    if mapping is FAULTY:
        return FAULTY
    source = composed.source
    whole = compose_node(mapping, source, folder, opened, problems, BLOCK_SHELF).node
    if CLASS.name in mapping.items:
        return whole
    # What it extends has a name of its own; this block is called by its key.
    items = {key: item for key, item in whole.items.items() if key != CLASS.name}
    return MappingNode(items, whole.keys, mapping.place)
