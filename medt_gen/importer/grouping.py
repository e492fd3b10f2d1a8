"""Equal subtrees -> blocks: one for each class and structure, with parameters.

What is the same in all uses of a block stands in it; what differs becomes a parameter.
Two arguments that are always equal, or one a multiple of the other, share one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from medt_gen.algebra.terms import as_data
from medt_gen.catalog import LAYERS
from medt_gen.catalog.containers import CONTAINERS, STAGE
from medt_gen.importer.items import Item, Kind
from medt_gen.spec.identifiers import (
    CLASS_NAMES,
    PARAMETER_NAMES,
    free_class_name,
    name_problem,
)
from medt_gen.spec.shipped import block_names

Path = tuple[str, ...]
Slot = tuple[Path, str]
_NONE = object()


@dataclass(eq=False)
class Block:
    """A class of the printed tree: its uses, and what was made of them.

    `written` are the arguments inside of it, by slot; `parameters` the declarations.
    """

    name: str
    class_name: str
    uses: list[Item] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)
    written: dict[Slot, Any] = field(default_factory=dict)

    @property
    def template(self) -> Item:
        """Any of the uses: all have the same structure."""
        return self.uses[0]


@dataclass
class Blocks:
    """All blocks of a tree, used ones before their users."""

    by_structure: dict[object, Block] = field(default_factory=dict)
    of_item: dict[int, Block] = field(default_factory=dict)
    calls: dict[int, dict[str, Any]] = field(default_factory=dict)
    structures: dict[object, int] = field(default_factory=dict)

    def in_order(self) -> list[Block]:
        """The blocks in the order of definition."""
        return list(self.by_structure.values())

    def slots(self, item: Item, path: Path = ()) -> Iterator[tuple[Path, Item]]:
        """What is written inside an item: its leaves and uses of blocks, by path."""
        for child in item.children:
            inner = (*path, child.name)
            if child.kind is Kind.CONTAINER:
                yield from self.slots(child, inner)
            else:
                yield inner, child

    def arguments(self, item: Item) -> dict[str, Any]:
        """What a leaf, or a use of a block, is given."""
        return self.calls.get(id(item), item.arguments)


def grouped(root: Item) -> Blocks:
    """The blocks of a tree; its root is none of them."""
    blocks = Blocks()
    for child in root.children:
        _collect(child, blocks)
    for block in blocks.in_order():
        _merge(block, blocks)
    return blocks


def _collect(item: Item, blocks: Blocks) -> int:
    """Number the item's structure; file it under its block."""
    inner = tuple((child.name, _collect(child, blocks)) for child in item.children)
    structure = (item.kind, item.type, inner)
    number = blocks.structures.setdefault(structure, len(blocks.structures))
    if item.kind is Kind.CLASS:
        block = blocks.by_structure.get(structure)
        if block is None:
            taken = {known.name for known in blocks.by_structure.values()}
            block = Block(_free_name(item.type, taken), item.type)
            blocks.by_structure[structure] = block
        block.uses.append(item)
        blocks.of_item[id(item)] = block
    return number


def _free_name(name: str, taken: set[str]) -> str:
    known = {*LAYERS, *block_names(), *CONTAINERS, STAGE, *CLASS_NAMES, *taken}
    return free_class_name(name, known)


def _merge(block: Block, blocks: Blocks) -> None:
    """Decide what is written in a block, and what each of its uses gives."""
    columns = _columns(block, blocks)
    calls: list[dict[str, Any]] = [{} for _ in block.uses]
    known: dict[str, list[Any]] = {}
    for (path, argument), values in columns.items():
        if len({repr(value) for value in values}) == 1:
            if values[0] is not _NONE:
                block.written[path, argument] = values[0]
            continue
        expression = _expression(values, known)
        if expression is None:
            name = _parameter_name(path, argument, known)
            known[name] = values
            block.parameters[name] = _declared(values)
            for call, value in zip(calls, values, strict=True):
                call[name] = value
            expression = f"${name}"
        block.written[path, argument] = expression
    for item, call in zip(block.uses, calls, strict=True):
        blocks.calls[id(item)] = {
            name: value
            for name, value in call.items()
            if not _by_default(value, block.parameters[name])
        }


def _columns(block: Block, blocks: Blocks) -> dict[Slot, list[Any]]:
    """Every argument inside of a block with its value in each use."""
    rows = [dict(blocks.slots(item)) for item in block.uses]
    columns: dict[Slot, list[Any]] = {}
    for path, template in rows[0].items():
        given = [blocks.arguments(row[path]) for row in rows]
        names = _in_order(template, {name for call in given for name in call})
        for name in names:
            default = _default(template, name, blocks)
            values = [arguments.get(name, default) for arguments in given]
            columns[path, name] = _alike(values)
    return columns


def _in_order(item: Item, names: set[str]) -> list[str]:
    """Argument names in the constructor's order, or as they come."""
    layer = LAYERS.get(item.type)
    return [n for n in layer.names if n in names] if layer else sorted(names)


def _default(item: Item, name: str, blocks: Blocks) -> Any:
    """What an argument is where it is not given."""
    inner = blocks.of_item.get(id(item))
    if inner is not None:
        declared = inner.parameters[name]
        return _NONE if declared in ("int", "float", "bool") else declared
    if item.type not in LAYERS:
        return 1 if name == "stride" else _NONE
    argument = LAYERS[item.type].argument(name)
    return as_data(argument.default_value) if argument.optional else _NONE


def _alike(values: list[Any]) -> list[Any]:
    """Single numbers made lists where other uses have lists."""
    lengths = {len(value) for value in values if isinstance(value, list)}
    if len(lengths) != 1:
        return values
    (length,) = lengths
    return [[value] * length if type(value) is int else value for value in values]


def _expression(values: list[Any], known: dict[str, list[Any]]) -> str | None:
    """The values in terms of a parameter that is already there."""
    for name, others in known.items():
        if [repr(value) for value in values] == [repr(value) for value in others]:
            return f"${name}"
        factor = _factor(values, others)
        if factor:
            return f"{factor} * ${name}"
    return None


def _factor(values: list[Any], others: list[Any]) -> int:
    if any(type(item) is not int or item < 1 for item in (*values, *others)):
        return 0
    factor: int = values[0] // others[0]
    same = all(a == factor * b for a, b in zip(values, others, strict=True))
    return factor if same else 0


def _parameter_name(path: Path, argument: str, known: dict[str, list[Any]]) -> str:
    taken = {*known, *PARAMETER_NAMES}
    longer = (*path, _SHORT.get(argument, argument))
    for count in range(1, len(longer) + 1):
        name = re.sub(r"\W", "_", "_".join(longer[-count:]), flags=re.ASCII)
        name = f"n{name}" if name[:1].isdigit() else name
        if name not in taken and name_problem(name) is None:
            return name
    number = 2
    while f"{argument}_{number}" in taken:
        number += 1
    return f"{argument}_{number}"


# `$in_channels` itself is what a flow gives a block.
_SHORT = {"in_channels": "channels"}


def _declared(values: list[Any]) -> Any:
    """How a parameter is declared: by its type, or with a default."""
    kinds = {type(value) for value in values}
    if kinds == {int}:
        return "int"
    if kinds == {bool}:
        return "bool"
    if kinds <= {int, float}:
        return "float"
    if kinds == {list} or kinds == {str}:
        return values[0]
    return None


def _by_default(value: Any, declared: Any) -> bool:
    return declared not in ("int", "float", "bool") and repr(value) == repr(declared)
