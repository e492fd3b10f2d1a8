"""Arguments that were written for another type: kept where the new one knows them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from medt_gen.catalog import LAYERS
from medt_gen.catalog.containers import STAGE
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import either, shown
from medt_gen.spec.merging import Parameters
from medt_gen.spec.nodes import Key, ListNode, MappingNode, Node, ScalarNode
from medt_gen.spec.read_class import MODULES, PARAMS
from medt_gen.spec.read_modules import BLOCK, MODULE_KEYS, STAGE_KEYS, TYPE
from medt_gen.spec.read_open import OPEN

BlockArguments = Callable[[str], Collection[str] | None]
"""What a block of that name takes; None where that is not known."""

IN_CHANNELS = "in_channels"
"""What every block takes."""


def arguments_of(node: MappingNode) -> Collection[str] | None:
    """What a block takes, by its composed text."""
    declared = node.items.get(PARAMS.name)
    if declared is None:
        return (IN_CHANNELS,)
    return (*declared.items, IN_CHANNELS) if isinstance(declared, MappingNode) else None


def without_left_over(
    node: MappingNode, blocks: BlockArguments, problems: Problems
) -> MappingNode:
    """A composed class without the arguments that its modules' new types don't know.

    What was dropped, here or where a type was replaced, is remarked upon.
    """
    modules = node.items.get(MODULES.name)
    if modules is None:
        return node
    search = _Search(Parameters.of(node), blocks, problems)
    return replace(node, items={**node.items, MODULES.name: search.modules(modules)})


class _Search:
    """The modules of one class, one by one."""

    def __init__(
        self, parameters: Parameters, blocks: BlockArguments, problems: Problems
    ) -> None:
        self.parameters = parameters
        self.blocks = blocks
        self.problems = problems

    def modules(self, node: Node) -> Node:
        if isinstance(node, ListNode):
            return replace(node, items=tuple(map(self._module, node.items)))
        if isinstance(node, MappingNode):
            changed = {name: self._module(item) for name, item in node.items.items()}
            return replace(node, items=changed)
        return node

    def _module(self, node: Node) -> Node:
        if not isinstance(node, MappingNode):
            return node
        inner = node.items.get(MODULES.name)
        if inner is not None:
            items = {**node.items, MODULES.name: self.modules(inner)}
            node = replace(node, items=items)
        for slot in (TYPE.name, OPEN.name, BLOCK.name):
            self._tell_replaced(node, slot)
        return self._without_unknown(node)

    def _tell_replaced(self, node: MappingNode, slot: str) -> None:
        former = node.keys[slot].former if slot in node.keys else None
        if former is None:
            return
        gone = [key for key in former.dropped if key.name not in node.items]
        if gone:
            text = f"replaces `{shown(former.type)}` whole"
            self._remark(node.items[slot], text, gone)

    def _without_unknown(self, node: MappingNode) -> MappingNode:
        marked = [key for key in node.keys.values() if key.former is not None]
        stage = _text(node.items.get(TYPE.name)) == STAGE
        slot = node.items.get(BLOCK.name if stage else TYPE.name)
        known = self._known(_text(slot))
        if not marked or slot is None or known is None:
            return node
        known = {*known, *MODULE_KEYS.names, *(STAGE_KEYS.names if stage else ())}
        gone = [key for key in marked if key.name not in known]
        if gone and (former := gone[0].former) is not None:
            text = f"takes less than `{shown(former.type)}`"
            self._remark(slot, text, gone)
        left = {key.name for key in gone}
        items = {name: item for name, item in node.items.items() if name not in left}
        keys = {name: key for name, key in node.keys.items() if name not in left}
        return MappingNode(items, keys, node.place)

    def _known(self, text: str | None) -> Collection[str] | None:
        name = self.parameters.type_name(text) if text else None
        if name is None:
            return None
        return LAYERS[name].names if name in LAYERS else self.blocks(name)

    def _remark(self, slot: Node, text: str, gone: Sequence[Key]) -> None:
        """Null is how a user says that something is meant to go."""
        names = [shown(key.name) for key in gone]
        told = either([f"`{name}`" for name in names], "and")
        verb = "is" if len(names) == 1 else "are"
        nulls = ", ".join(f"{name}: null" for name in names)
        self.problems.remark(
            "dropped-argument",
            f"`{shown(_text(slot) or '')}` {text}: {told} {verb} dropped",
            slot.place,
            f"give what it should have; `{nulls}` says that it is meant to go",
        )


def _text(node: Node | None) -> str | None:
    value = node.value if isinstance(node, ScalarNode) else None
    return value if isinstance(value, str) else None
