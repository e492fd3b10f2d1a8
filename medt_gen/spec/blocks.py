"""The blocks that a spec can name: shipped ones, and its own under `blocks:`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

from medt_gen.catalog import LAYERS
from medt_gen.catalog.containers import CONTAINERS, STAGE
from medt_gen.catalog.layers import plugin_layers
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
from medt_gen.spec.left_over import BlockArguments, arguments_of, without_left_over
from medt_gen.spec.nodes import MappingNode, Node, ScalarNode
from medt_gen.spec.read_class import BLOCK_KEYS, CLASS, declare_class
from medt_gen.spec.read_network import BLOCKS
from medt_gen.spec.shipped import block_names, block_path, shipped_source

_TAKEN = {
    **CLASS_NAMES,
    **dict.fromkeys((*LAYERS, *CONTAINERS, STAGE), "the catalog has this type"),
}


def _taken() -> dict[str, str]:
    """The names that no block can have, with the reason."""
    return {**_TAKEN, **dict.fromkeys(plugin_layers(), "a plugin has this type")}


@cache
def shipped_block(name: str) -> ClassDeclaration:
    """A block that ships with the package."""
    path = block_path(name)
    assert path is not None
    opened = SourceCache(path.parent.resolve())
    problems = Problems()
    source = shipped_source(path)
    composed = compose(source, path.parent, opened, problems, BLOCK_SHELF)
    node = without_left_over(composed.node, lambda _: None, problems)
    declaration = declare_class(node, name, BLOCK_KEYS, problems, shipped=True)
    problems.stop_on_errors()
    return declaration


def all_blocks(
    node: MappingNode, composed: Composed, opened: SourceCache, problems: Problems
) -> dict[str, ClassDeclaration | Faulty]:
    """Shipped blocks and those of the spec, which may replace them.

    FAULTY ones have been complained of.
    """
    shipped = {name: shipped_block(name) for name in block_names()}
    own = node.items.get(BLOCKS.name)
    mapping = FAULTY if own is None else expect_mapping(own, "`blocks:`", problems)
    if mapping is FAULTY:
        return {**shipped}
    texts: dict[str, MappingNode | Faulty] = {}
    for name, item in mapping.items.items():
        taken = {name: "the layers keep such names"} if name[:1] == "_" else _taken()
        good = check_name(mapping.keys[name], "a block", problems, taken)
        found = _own_block(name, item, composed, opened, problems) if good else FAULTY
        texts[name] = found
    known = {**{name: block.node or FAULTY for name, block in shipped.items()}, **texts}
    takes = _arguments_in(known)
    declared = {
        name: _declared(name, text, takes, problems) for name, text in texts.items()
    }
    return {**shipped, **declared}


def arguments_of_blocks(
    blocks: Mapping[str, ClassDeclaration | Faulty],
) -> BlockArguments:
    """What each of these blocks takes."""
    return _arguments_in(
        {
            name: FAULTY if block is FAULTY else block.node or FAULTY
            for name, block in blocks.items()
        }
    )


def _arguments_in(texts: Mapping[str, MappingNode | Faulty]) -> BlockArguments:
    def takes(name: str) -> Collection[str] | None:
        text = texts.get(name, FAULTY)
        return None if text is FAULTY else arguments_of(text)

    return takes


def _own_block(
    name: str, node: Node, composed: Composed, opened: SourceCache, problems: Problems
) -> MappingNode | Faulty:
    """A block written in place, or in a file of its own."""
    try:
        found = _composed_block(name, node, composed, opened, problems)
    except InvalidInput as error:
        # The other blocks are still worth a look.
        problems.extend(error.diagnostics)
        return FAULTY
    if found is not FAULTY:
        check_keys(found, BLOCK_KEYS, problems)
    return found


def _declared(
    name: str, text: MappingNode | Faulty, takes: BlockArguments, problems: Problems
) -> ClassDeclaration | Faulty:
    if text is FAULTY:
        return FAULTY
    node = without_left_over(text, takes, problems)
    return declare_class(node, name, BLOCK_KEYS, problems)


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
