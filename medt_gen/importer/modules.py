"""A printed tree -> the modules to write: layers, blocks, containers, classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from medt_gen.algebra.terms import Datum
from medt_gen.catalog import LAYERS
from medt_gen.catalog.arguments import terms
from medt_gen.catalog.containers import CONTAINERS
from medt_gen.catalog.entries import LayerType
from medt_gen.catalog.foreign import FOREIGN
from medt_gen.importer.stages import block_facts
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput
from medt_gen.messages.wording import shown
from medt_gen.network.prints_layers import (
    NotInCatalog,
    layer_node,
    layer_row,
    read_arguments,
    read_parts,
    read_text,
)
from medt_gen.paths.keys import join
from medt_gen.printouts import compare, count_modules
from medt_gen.printouts.tree import Node
from medt_gen.spec.identifiers import IDENTIFIER

MOST_MODULES = 20_000
_MOST_COMPLAINTS = 20
_DEEPEST = 40


class WrittenAs(Enum):
    """How a module is written in a spec."""

    LEAF = "a layer or a block, with its arguments"
    CONTAINER = "a container"
    CLASS = "a class of its own"
    PRINTED = "a class that can only be printed, with its text and its rows"


@dataclass(frozen=True, eq=False)
class PrintedModule:
    """A module of a printed tree, as it is to be written.

    Attributes:
        name, path: its name in the module that holds it, and its path from the root.
        type: the class, or the block of the spec that a leaf is a use of.
        arguments: what a leaf, or a class of another library, is given.
        children: what the others hold.
        text: what is printed of it and kept as it is.
        open: whether it is in no catalog, and known by what it prints alone.
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
    text: str = ""
    open: bool = False
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


def _complaint(path: str, reason: str) -> Diagnostic:
    where = f"`{shown(path)}`" if path else "the root"
    return Diagnostic("not-in-catalog", f"{where}: {reason}")


def _module(node: Node, path: str, *, shipped: bool) -> PrintedModule:
    if not node.is_module:
        return _row_of_text(node, path)
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
    layer = None if node.children else _layer(node, path)
    if layer is not None:
        return layer
    unsaid = node.type in LAYERS and not node.children
    if node.attributes or unsaid or not IDENTIFIER.fullmatch(node.type):
        return _printed(node, path, shipped=shipped)
    return _class(node, path, shipped=shipped)


def _row_of_text(node: Node, path: str) -> PrintedModule:
    """A row that shows no class: what stands behind its name is kept."""
    text = "\n".join(node.attributes)
    row = PrintedModule(node.name, path, "", WrittenAs.PRINTED, text=text, open=True)
    if node.name and not node.children and text:
        return row
    return replace(row, complaint=_complaint(path, "this row is text and no module"))


def _layer(node: Node, path: str) -> PrintedModule | None:
    """A layer of the catalog; None where the catalog can't say this row."""
    try:
        arguments = read_arguments(node.type, node.attributes)
    except NotInCatalog:
        return None
    return PrintedModule(node.name, path, node.type, WrittenAs.LEAF, arguments)


def _printed(node: Node, path: str, *, shipped: bool) -> PrintedModule:
    """A class of another library that prints as it is known to, or an open module."""
    children = _children(node, path, shipped=shipped)
    text = "\n".join(node.attributes)
    module = PrintedModule(
        node.name, path, node.type, WrittenAs.PRINTED, children=children
    )
    layer = FOREIGN.get(node.type)
    if layer is None:
        return replace(module, text=text, open=True)
    if layer.keeps_text:
        return replace(module, text=text)
    arguments = _foreign_arguments(layer, node)
    if arguments is None:
        return replace(module, text=text, open=True)
    return replace(module, arguments=arguments)


def _foreign_arguments(layer: LayerType, node: Node) -> Mapping[str, Datum] | None:
    """What it is given; None where it would not print the same with that."""
    try:
        arguments = read_text(layer, node.attributes)
    except NotInCatalog:
        return None
    again = layer_row("", layer, layer.filled(terms(arguments)), 2)
    alone = Node("", node.type, node.attributes)
    return None if compare(alone, again) else arguments


def _class(node: Node, path: str, *, shipped: bool) -> PrintedModule:
    complaint = None
    # Only the root gets here with a text: any other would be open.
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
