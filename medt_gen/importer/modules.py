"""A printed tree -> the modules to write: layers, blocks, containers, classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from medt_gen.algebra.terms import Datum
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


class WrittenAs(Enum):
    """How a module is written in a spec."""

    LEAF = "a layer or a block, with its arguments"
    CONTAINER = "a container"
    CLASS = "a class of its own"


@dataclass(frozen=True, eq=False)
class PrintedModule:
    """A module of a printed tree, as it is to be written.

    Attributes:
        name, path: its name in the module that holds it, and its path from the root.
        type: the class, or the block of the spec that a leaf is a use of.
        arguments: what a leaf is given.
        children: what the others hold.
        complaint: why no spec can say it.
        axis_assumed: an attention whose name does not tell its axis.
        heads_assumed: an attention that prints no row that tells its heads.
    """

    name: str
    path: str
    type: str
    written_as: WrittenAs
    arguments: Mapping[str, Datum] = field(default_factory=dict)
    children: tuple[PrintedModule, ...] = ()
    complaint: Diagnostic | None = None
    axis_assumed: bool = False
    heads_assumed: bool = False


def every(module: PrintedModule) -> Iterator[PrintedModule]:
    """A module and all below it, in printed order."""
    yield module
    for child in module.children:
        yield from every(child)


def printed_modules(root: Node, *, shipped: bool) -> PrintedModule:
    """The root with its modules; `shipped` blocks are looked for, or not.

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
    module = _class(root, "", shipped=shipped)
    complaints = [item.complaint for item in every(module) if item.complaint]
    if complaints:
        raise InvalidInput(*complaints[:_MOST_COMPLAINTS])
    return module


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


def _complaint(path: str, reason: str, help: str | None = None) -> Diagnostic:
    where = f"`{shown(path)}`" if path else "the root"
    return Diagnostic("not-in-catalog", f"{where}: {reason}", help=help)


def _module(node: Node, path: str, *, shipped: bool) -> PrintedModule:
    if not node.is_module:
        complaint = _complaint(path, "this row is text and no module")
        text = PrintedModule(node.name, path, "Identity", WrittenAs.LEAF)
        return replace(text, complaint=complaint)
    if _has_parts(node) and (found := _from_parts(node, path)):
        return found
    if shipped and (facts := block_facts(node)) is not None:
        return PrintedModule(
            node.name, path, facts.type, WrittenAs.LEAF, facts.arguments
        )
    if node.type in CONTAINERS and not node.attributes:
        children = _children(node, path, shipped=shipped)
        return PrintedModule(
            node.name, path, node.type, WrittenAs.CONTAINER, children=children
        )
    if node.children or (not node.attributes and node.type not in LAYERS):
        return _class(node, path, shipped=shipped)
    return _layer(node, path)


def _layer(node: Node, path: str) -> PrintedModule:
    layer = PrintedModule(node.name, path, node.type, WrittenAs.LEAF)
    try:
        return replace(layer, arguments=read_arguments(node.type, node.attributes))
    except NotInCatalog as problem:
        help = did_you_mean(node.type, LAYERS)
        return replace(layer, complaint=_complaint(path, str(problem), help))


def _class(node: Node, path: str, *, shipped: bool) -> PrintedModule:
    complaint = None
    if node.attributes:
        text = shown(" ".join(node.attributes))
        reason = f"`{shown(node.type)}` prints text of its own: {text}"
        complaint = _complaint(path, reason)
    return PrintedModule(
        node.name,
        path,
        node.type,
        WrittenAs.CLASS,
        children=_children(node, path, shipped=shipped),
        complaint=complaint,
    )


def _children(node: Node, path: str, *, shipped: bool) -> tuple[PrintedModule, ...]:
    return tuple(
        _module(row, join(path, row.name), shipped=shipped)
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


def _from_parts(node: Node, path: str) -> PrintedModule | None:
    """A layer that prints rows below it; None where they are not exactly its own."""
    try:
        whole = read_parts(node)
    except NotInCatalog:
        return None
    if compare(node, layer_node("", node.type, whole.sizes, whole.rank)):
        return None
    has_axis = "axis" in LAYERS[node.type].names
    axis = _axis(node.name)
    along = {"axis": axis or _ASSUMED_AXIS} if has_axis else {}
    return PrintedModule(
        node.name,
        path,
        node.type,
        WrittenAs.LEAF,
        {**whole.sizes, **along},
        axis_assumed=has_axis and axis is None,
        heads_assumed=whole.sizes.get("norms") is False,
    )


def _axis(name: str) -> str | None:
    for axis, words in _AXES.items():
        if any(word in name.lower() for word in words):
            return axis
    return None


_ASSUMED_AXIS = "height"
_AXES = {
    "height": ("height", "hight", "row"),
    "width": ("width", "col"),
    "depth": ("depth",),
}
