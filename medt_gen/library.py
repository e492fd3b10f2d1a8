"""The blocks that a spec can name: shipped ones, and its own under `blocks:`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from medt_gen.compose import BLOCKS, Opened, compose, compose_node
from medt_gen.declarations import ClassDeclaration
from medt_gen.declare import BLOCK_KEYS, declare_class
from medt_gen.diagnostics import Source
from medt_gen.document import Mapping, Node, Scalar
from medt_gen.problems import Problems
from medt_gen.reading import check_keys, check_name, read_mapping
from medt_gen.shipped import block_names, block_path, shipped_source


@cache
def shipped_block(name: str) -> ClassDeclaration:
    """A block that ships with the package."""
    path = block_path(name)
    assert path is not None
    opened = Opened(path.parent.resolve())
    composed = compose(shipped_source(path), path.parent, opened, BLOCKS)
    problems = Problems()
    declaration = declare_class(composed.node, name, problems, shipped=True)
    problems.stop_on_errors()
    return declaration


def all_blocks(
    node: Mapping, source: Source, folder: Path, opened: Opened, problems: Problems
) -> dict[str, ClassDeclaration]:
    """Shipped blocks and those of the spec, which may replace them."""
    blocks = {name: shipped_block(name) for name in block_names()}
    own = node.items.get("blocks")
    mapping = read_mapping(own, "`blocks:`", problems) if own is not None else None
    if mapping is None:
        return blocks
    for name, item in mapping.items.items():
        key = mapping.keys[name]
        if not check_name(key, "a block", problems):
            continue
        found = _own_block(name, item, source, folder, opened, problems)
        if found is not None:
            blocks[name] = found
    return blocks


def _own_block(
    name: str,
    node: Node,
    source: Source,
    folder: Path,
    opened: Opened,
    problems: Problems,
) -> ClassDeclaration | None:
    """A block written in place, or in a file of its own."""
    if isinstance(node, Scalar) and isinstance(node.value, str):
        path = folder / node.value
        text = opened.source(path, node.value, node.place)
        composed = compose(text, path.parent, opened, BLOCKS)
        return _declared(composed.node, name, problems)
    mapping = read_mapping(node, f"the block `{name}`", problems)
    if mapping is None:
        return None
    composed = compose_node(mapping, source, folder, opened, BLOCKS)
    if "class" in mapping.items:
        return _declared(composed.node, name, problems)
    # What it extends has a name of its own; this block is called by its key.
    items = {key: item for key, item in composed.node.items.items() if key != "class"}
    return _declared(Mapping(items, composed.node.keys, mapping.place), name, problems)


def _declared(node: Mapping, name: str, problems: Problems) -> ClassDeclaration:
    check_keys(node, BLOCK_KEYS, "a block", problems)
    return declare_class(node, name, problems)
