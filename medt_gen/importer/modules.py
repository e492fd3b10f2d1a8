"""A printed tree -> items: layers of the catalog, containers, other classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from medt_gen.catalog import LAYERS
from medt_gen.catalog.containers import CONTAINERS
from medt_gen.importer.stages import block_facts
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput
from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.network.prints_layers import (
    NotInCatalog,
    layer_node,
    read_arguments,
    read_parts,
)
from medt_gen.paths.keys import join
from medt_gen.printouts import compare, count_modules
from medt_gen.printouts.tree import Node

MOST_MODULES = 20_000
_MOST_COMPLAINTS = 20
_DEEPEST = 40


class Kind(Enum):
    """What an item is written as."""

    LEAF = "a layer or a shipped block"
    CONTAINER = "a container"
    CLASS = "a class of its own"


@dataclass(frozen=True, eq=False)
class Item:
    """A module to write: `arguments` are a leaf's, `children` the others'."""

    name: str
    type: str
    kind: Kind
    arguments: dict[str, Any] = field(default_factory=dict)
    children: tuple[Item, ...] = ()


@dataclass
class Reading:
    """What reading a tree has found out on the way.

    `assumed_axes` are the attentions whose name does not tell their axis; `empty` are
    classes of which nothing is printed.
    """

    shipped: bool
    complaints: list[Diagnostic] = field(default_factory=list)
    assumed_axes: list[str] = field(default_factory=list)
    empty: set[str] = field(default_factory=set)

    def complain(self, path: str, reason: str, help: str | None = None) -> None:
        """Note a row that no spec can say."""
        where = f"`{shown(path)}`" if path else "the root"
        self.complaints.append(
            Diagnostic("not-in-catalog", f"{where}: {reason}", help=help)
        )


def read_items(root: Node, reading: Reading) -> Item:
    """The root as an item; `reading.shipped` says whether to look for shipped blocks.

    Raises InvalidInput with every row that no spec can say.
    """
    if count_modules(root) > MOST_MODULES:
        raise InvalidInput(
            Diagnostic(
                "too-large",
                f"this tree stands for more than {MOST_MODULES:,} modules",
                help="import a part of it: cut the printout down to one module",
            )
        )
    _check_depth(root)
    item = _class(root, "", reading)
    if reading.complaints:
        raise InvalidInput(*reading.complaints[:_MOST_COMPLAINTS])
    return item


def _check_depth(root: Node) -> None:
    """Refuse what the readers of specs would, before anything here recurses."""
    level: list[Node] = [root]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in node.children]
    if level:
        raise InvalidInput(
            Diagnostic(
                "too-deep",
                f"modules are nested more than {_DEEPEST} deep",
                help="import a part of it: cut the printout down to one module",
            )
        )


def _item(node: Node, path: str, reading: Reading) -> Item:
    if not node.is_module:
        reading.complain(path, "this row is text and no module")
        return Item(node.name, "Identity", Kind.LEAF)
    if _has_parts(node) and (found := _from_parts(node, path, reading)):
        return found
    if reading.shipped and (facts := block_facts(node)) is not None:
        given = {"in_channels": facts.in_channels, **facts.arguments}
        return Item(node.name, facts.type, Kind.LEAF, given)
    if node.type in CONTAINERS and not node.attributes:
        return Item(
            node.name, node.type, Kind.CONTAINER, {}, _children(node, path, reading)
        )
    if node.children or (not node.attributes and node.type not in LAYERS):
        return _class(node, path, reading)
    return _layer(node, path, reading)


def _layer(node: Node, path: str, reading: Reading) -> Item:
    try:
        arguments = read_arguments(node.type, node.attributes)
    except NotInCatalog as problem:
        reading.complain(path, str(problem), did_you_mean(node.type, LAYERS))
        arguments = {}
    return Item(node.name, node.type, Kind.LEAF, arguments)


def _class(node: Node, path: str, reading: Reading) -> Item:
    if node.attributes:
        text = shown(" ".join(node.attributes))
        reading.complain(path, f"`{shown(node.type)}` prints text of its own: {text}")
    if not node.children:
        reading.empty.add(node.type)
    return Item(node.name, node.type, Kind.CLASS, {}, _children(node, path, reading))


def _children(node: Node, path: str, reading: Reading) -> tuple[Item, ...]:
    return tuple(
        _item(row, join(path, row.name), reading)
        for child in node.children
        for row in _counted(child)
    )


def _counted(node: Node) -> Iterator[Node]:
    if node.count == 1:
        yield node
        return
    for index in node.indices:
        yield Node(str(index), node.type, node.attributes, node.children)


def _has_parts(node: Node) -> bool:
    layer = LAYERS.get(node.type)
    return layer is not None and layer.whole is not None


def _from_parts(node: Node, path: str, reading: Reading) -> Item | None:
    try:
        whole = read_parts(node)
    except NotInCatalog:
        return None
    if compare(node, layer_node("", node.type, whole.sizes, whole.rank)):
        return None
    axis = _axis(node.name)
    if axis is None:
        reading.assumed_axes.append(path)
    given = {**whole.sizes, "axis": axis or "height"}
    return Item(node.name, node.type, Kind.LEAF, given)


def _axis(name: str) -> str | None:
    for axis, words in _AXES.items():
        if any(word in name.lower() for word in words):
            return axis
    return None


_AXES = {
    "height": ("height", "hight", "row"),
    "width": ("width", "col"),
    "depth": ("depth",),
}
