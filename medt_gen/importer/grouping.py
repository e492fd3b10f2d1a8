"""Equal subtrees -> blocks: one for each class and structure, with parameters.

A use of a block is then a leaf, as a layer is: its name, and the arguments it gives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace

from medt_gen.algebra.terms import Datum, as_data
from medt_gen.catalog import LAYERS
from medt_gen.catalog.containers import CONTAINERS, STAGE
from medt_gen.catalog.entries import LayerType
from medt_gen.catalog.foreign import FOREIGN
from medt_gen.importer.modules import PrintedModule, WrittenAs
from medt_gen.importer.parameters import (
    ABSENT,
    Absent,
    BlockParameter,
    Column,
    Path,
    Slot,
    shared_parameters,
)
from medt_gen.spec.identifiers import CLASS_NAMES, free_class_name
from medt_gen.spec.shipped import block_names


@dataclass(frozen=True)
class FoundBlock:
    """A class of the printed tree as a block: one use of it, in parameters."""

    name: str
    class_name: str
    parameters: Mapping[str, BlockParameter]
    body: PrintedModule


@dataclass(frozen=True)
class FoundBlocks:
    """All blocks of a tree, used ones before their users, and the tree with them."""

    blocks: tuple[FoundBlock, ...]
    root: PrintedModule


Leaves = dict[PrintedModule, PrintedModule]
"""For each use of a block, the leaf that is written for it."""


def found_blocks(root: PrintedModule) -> FoundBlocks:
    """The blocks of a tree; its root is none of them."""
    blocks: dict[str, FoundBlock] = {}
    leaves: Leaves = {}
    for uses in _equal_classes(root):
        name = _free_name(uses[0].type, blocks)
        bodies = [_with_leaves(use, leaves) for use in uses]
        blocks[name] = _block(name, bodies, blocks)
        for place, use in enumerate(uses):
            leaves[use] = _use(use, blocks[name], place)
    return FoundBlocks(tuple(blocks.values()), _with_leaves(root, leaves))


def _equal_classes(root: PrintedModule) -> list[list[PrintedModule]]:
    """The classes of a tree, those of one structure together, inner ones first."""
    structures: dict[Hashable, int] = {}
    numbers: dict[PrintedModule, int] = {}
    equal: dict[int, list[PrintedModule]] = defaultdict(list)
    for module in _below(root):
        rows = tuple((child.name, numbers[child]) for child in module.children)
        kept = (module.text, module.open)
        structure = (module.written_as, module.type, *kept, rows)
        number = structures.setdefault(structure, len(structures))
        numbers[module] = number
        if module.written_as is WrittenAs.CLASS:
            equal[number].append(module)
    return list(equal.values())


def _below(module: PrintedModule) -> Iterator[PrintedModule]:
    """All modules in a module, each behind those in it."""
    for child in module.children:
        yield from _below(child)
        yield child


def _free_name(name: str, taken: Collection[str]) -> str:
    types = {*LAYERS, *FOREIGN, *CONTAINERS, STAGE}
    known = {*types, *block_names(), *CLASS_NAMES, *taken}
    return free_class_name(name, known)


def _with_leaves(module: PrintedModule, leaves: Leaves) -> PrintedModule:
    """The module with every use of a block in it as a leaf."""
    children = (
        leaves[child] if child in leaves else _with_leaves(child, leaves)
        for child in module.children
    )
    return replace(module, children=tuple(children))


def _block(
    name: str, bodies: list[PrintedModule], known: Mapping[str, FoundBlock]
) -> FoundBlock:
    """The block of these uses; `known` are those that are used inside of it."""
    shared = shared_parameters(_columns(bodies, known))
    written: dict[Path, dict[str, Datum]] = defaultdict(dict)
    for slot, value in shared.written.items():
        written[slot.path][slot.argument] = value
    body = _in_parameters(bodies[0], written)
    return FoundBlock(name, bodies[0].type, shared.parameters, body)


def _in_parameters(
    module: PrintedModule, written: Mapping[Path, dict[str, Datum]], path: Path = ()
) -> PrintedModule:
    """A body with all arguments in it as they are written in the block."""
    children = (
        _in_parameters(child, written, (*path, child.name)) for child in module.children
    )
    given = written.get(path, {})
    return replace(module, arguments=given, children=tuple(children))


def _use(module: PrintedModule, block: FoundBlock, place: int) -> PrintedModule:
    """The leaf for the use of a block that is at this place among its uses."""
    given = {
        name: value
        for name, parameter in block.parameters.items()
        if (value := parameter.values[place]) is not ABSENT
        and repr(value) != repr(parameter.default)
    }
    return replace(
        module,
        type=block.name,
        written_as=WrittenAs.LEAF,
        arguments=given,
        children=(),
    )


def _columns(
    bodies: list[PrintedModule], known: Mapping[str, FoundBlock]
) -> dict[Slot, Column]:
    """Every argument inside of a block with its value in each use."""
    uses = [_leaves(body) for body in bodies]
    columns: dict[Slot, Column] = {}
    for path, leaf in uses[0].items():
        given = [use[path].arguments for use in uses]
        names = {name for arguments in given for name in arguments}
        for name in _in_order(leaf, names):
            default = _default(leaf, name, known)
            column = [arguments.get(name, default) for arguments in given]
            columns[Slot(path, name)] = column
    return columns


def _leaves(module: PrintedModule, path: Path = ()) -> dict[Path, PrintedModule]:
    """The modules inside of a module that are given anything in some use."""
    found: dict[Path, PrintedModule] = {}
    for child in module.children:
        inner = (*path, child.name)
        if child.written_as in (WrittenAs.LEAF, WrittenAs.PRINTED):
            found[inner] = child
        found |= _leaves(child, inner)
    return found


def _in_order(leaf: PrintedModule, names: set[str]) -> list[str]:
    """Argument names in the constructor's order, or as they come."""
    layer = _layer(leaf)
    return [n for n in layer.names if n in names] if layer else sorted(names)


def _layer(leaf: PrintedModule) -> LayerType | None:
    return LAYERS.get(leaf.type) or FOREIGN.get(leaf.type)


def _default(
    leaf: PrintedModule, name: str, known: Mapping[str, FoundBlock]
) -> Datum | Absent:
    """What an argument is where it is not given."""
    if leaf.type in known:
        return known[leaf.type].parameters[name].default
    layer = _layer(leaf)
    if layer is None:
        return 1 if name == "stride" else ABSENT
    argument = layer.argument(name)
    return as_data(argument.default_value) if argument.optional else ABSENT
