"""A spec as YAML, with all that it inherits and all that is inferred written out."""

from __future__ import annotations

from collections.abc import Iterator

from medt_gen.emitter.plan import ClassPlan, plan_classes
from medt_gen.loading.spec import Spec
from medt_gen.messages.codes import Code
from medt_gen.messages.diagnostics import Place, Source
from medt_gen.network.records import Network, Use
from medt_gen.network.walk import walk_network
from medt_gen.showing.inferred import Uses, inferred_arguments
from medt_gen.showing.layout import Shown, class_lines, head_lines
from medt_gen.spec.declarations import ClassDeclaration
from medt_gen.spec.nodes import Key, MappingNode, Node, ScalarNode
from medt_gen.spec.read_class import CLASS, VERSION
from medt_gen.spec.read_network import BLOCKS

_INDENT = "  "
DROPPED: Code = "dropped-argument"


def written_out(spec: Spec, *, blocks: bool = False) -> str:
    """The spec with nothing left to look up; it loads to the same network.

    Behind a line stands where it comes from, where that is another file or an option,
    and what an inferred argument follows from. `blocks` also writes out the blocks that
    ship. What a changed type has dropped is told where the spec was loaded as pedantic.
    The text of a spec that was written out is the same text.
    """
    plans, uses = plan_classes(spec.network).classes, _uses(spec.network)
    by_class: dict[int, list[ClassPlan]] = {}
    for plan in plans:
        key = id(plan.instances[0].declaration)
        by_class.setdefault(key, []).append(plan)

    dropped = {
        item.place: item.message.replace("`", "")
        for item in spec.warnings
        if item.code == DROPPED and item.place is not None
    }

    def lines_of(
        declaration: ClassDeclaration, node: MappingNode, indent: str
    ) -> Iterator[str]:
        inferred = inferred_arguments(by_class[id(declaration)], uses)
        return class_lines(Shown(node, inferred, spec.label, dropped), indent)

    root = spec.network.root.declaration
    lines = [*lines_of(root, _with_class(spec), "")]
    written = [
        (block.declaration, block.declaration.node)
        for block in spec.network.blocks
        if blocks or not block.declaration.shipped
    ]
    keys = _block_keys(spec)
    if written:
        lines += head_lines(keys[""], "")
    for declaration, node in written:
        if node is None:
            continue
        name = declaration.reference
        lines += head_lines(keys.get(name, Key(name, keys[""].place)), _INDENT)
        lines += lines_of(declaration, node, 2 * _INDENT)
    return "".join(f"{line}\n" for line in lines)


def _uses(network: Network) -> Uses:
    """At which paths each instance of a block stands."""
    found: dict[int, list[str]] = {id(network.root): [network.name]}
    for path, module in walk_network(network):
        if isinstance(module.body, Use):
            found.setdefault(id(module.body.instance), []).append(path)
    return found


def _with_class(spec: Spec) -> MappingNode:
    """The spec with the name of its class, which else is that of its file."""
    node = spec.node
    if CLASS.name in node.items:
        return node
    place = _nowhere(spec)
    name = ScalarNode(spec.network.name, place)
    items: dict[str, Node] = {}
    keys: dict[str, Key] = {}
    for key, item in node.items.items():
        items[key], keys[key] = item, node.keys[key]
        if key == VERSION.name:
            items[CLASS.name], keys[CLASS.name] = name, Key(CLASS.name, place)
    return MappingNode(items, keys, node.place)


def _nowhere(spec: Spec) -> Place:
    """The place of what no text has, as if it stood in the spec."""
    return Place(Source(spec.label, ""), 1, 1, 1, 1)


def _block_keys(spec: Spec) -> dict[str, Key]:
    """The keys of the spec's own blocks, and that of the section under ""."""
    section = spec.node.keys.get(BLOCKS.name, Key(BLOCKS.name, _nowhere(spec)))
    own = spec.node.items.get(BLOCKS.name)
    named = own.keys if isinstance(own, MappingNode) else {}
    return {"": section, **named}
