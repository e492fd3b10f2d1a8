"""A change over what it changes: mappings merge, null removes, all else replaces.

A module that gets another type is replaced whole, and keeps only its place: where it
stands in the order, and when it is there or called. Between types of one family, such
as two kinds of attention or two blocks, the arguments stay as well, marked as written
for the former type: what the new one does not know goes once all blocks are known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from medt_gen.catalog import LAYERS
from medt_gen.catalog.containers import CONTAINERS, STAGE
from medt_gen.catalog.foreign import FOREIGN
from medt_gen.spec.nodes import Former, Key, MappingNode, Node, ScalarNode
from medt_gen.spec.read_class import FORWARD, MODULES, PARAMETER_TYPES, PARAMS
from medt_gen.spec.read_modules import (
    AFTER,
    BLOCK,
    DEPTH,
    STRIDE,
    TYPE,
    UNUSED,
    WHEN,
)
from medt_gen.spec.read_network import BLOCKS
from medt_gen.spec.read_open import OPEN
from medt_gen.spec.read_outputs import OUT, lists_outputs

_OF_THE_PLACE = frozenset({WHEN.name, UNUSED.name, AFTER.name})
"""What is said of the module and not of its type."""

_OF_A_STAGE = frozenset({TYPE.name, DEPTH.name, STRIDE.name})


@dataclass(frozen=True)
class Parameters:
    """What the parameters of a class stand for, as far as its own text says."""

    node: Node | None

    @classmethod
    def of(cls, node: MappingNode) -> Parameters:
        """Those of a class."""
        return cls(node.items.get(PARAMS.name))

    def type_name(self, text: str) -> str | None:
        """The type that a `type:` names; None where a caller decides it."""
        if not text.startswith("$"):
            return text
        held = self.node.items if isinstance(self.node, MappingNode) else {}
        value = held.get(text[1:])
        if isinstance(value, MappingNode):
            value = value.items.get(TYPE.name)
        name = _text(value)
        return None if name in PARAMETER_TYPES else name


@dataclass(frozen=True)
class _Meanings:
    """What `$parameters` stand for before a change and with it."""

    before: Parameters
    after: Parameters


_Inner = Callable[[str, MappingNode, MappingNode], MappingNode]
"""(key, old value, new value) -> the one over the other."""


def merge(base: MappingNode, change: MappingNode) -> MappingNode:
    """`change` over `base`, two texts of one class.

    A key that stays keeps its place in the order; a new one goes last.
    """
    params = base.items.get(PARAMS.name)
    changed = change.items.get(PARAMS.name, params)
    if isinstance(params, MappingNode) and isinstance(changed, MappingNode):
        changed = _merged(params, changed)
    meanings = _Meanings(Parameters(params), Parameters(changed))

    def part(name: str, old: MappingNode, new: MappingNode) -> MappingNode:
        if name == MODULES.name:
            return _merged_modules(old, new, meanings)
        if name == BLOCKS.name:
            return _merged(old, new, lambda _, old, new: merge(old, new))
        if name == FORWARD.name:
            return _merged_flow(old, new)
        return _merged(old, new)

    return _merged(base, change, part)


def _merged_flow(base: MappingNode, change: MappingNode) -> MappingNode:
    """The several outputs of a network are replaced as a whole."""
    out = change.items.get(OUT)
    if out is None or OUT not in base.items or not lists_outputs(out):
        return _merged(base, change)
    if isinstance(out, MappingNode):
        named = {key: item for key, item in out.items.items() if not _is_null(item)}
        out = replace(out, items=named)
    rest = replace(base, items={**base.items, OUT: out})
    return _merged(rest, replace(change, items={**change.items, OUT: out}))


def _merged(
    base: MappingNode, change: MappingNode, inner: _Inner | None = None
) -> MappingNode:
    items = dict(base.items)
    keys = dict(base.keys)
    for name, node in change.items.items():
        old = items.get(name)
        if old is not None and _is_null(node):
            del items[name], keys[name]
            continue
        if isinstance(old, MappingNode) and isinstance(node, MappingNode):
            node = inner(name, old, node) if inner else _merged(old, node)
        items[name] = node
        keys[name] = change.keys[name]
    return MappingNode(items, keys, change.place)


def _merged_modules(
    base: MappingNode, change: MappingNode, meanings: _Meanings
) -> MappingNode:
    changed = {name: change.items[name] for name in base.items if name in change.items}
    whole = {
        name: with_type(base.items[name])
        for name, node in changed.items()
        if isinstance(node, MappingNode)
    }
    base = replace(base, items={**base.items, **whole})
    return _merged(base, change, lambda _, old, new: _merged_module(old, new, meanings))


def with_type(node: Node) -> Node:
    """A module that is written as its type is the mapping with that `type:`."""
    if isinstance(node, ScalarNode) and isinstance(node.value, str):
        key = Key(TYPE.name, node.place)
        return MappingNode({TYPE.name: node}, {TYPE.name: key}, node.place)
    return node


def with_other_type(
    module: MappingNode, change: MappingNode, parameters: Parameters
) -> MappingNode:
    """A module with a change in it that leaves the parameters as they are."""
    return _merged_module(module, change, _Meanings(parameters, parameters))


def _merged_module(
    base: MappingNode, change: MappingNode, meanings: _Meanings
) -> MappingNode:
    if OPEN.name in base.items or OPEN.name in change.items:
        return _merged_open(base, change, meanings)
    slot = _changed_slot(base, change)
    old, new = (_text(node.items.get(slot or "")) for node in (base, change))
    if slot is None or old is None or new is None:
        return _with_children(base, change, meanings)
    name = meanings.before.type_name(old)
    other = meanings.after.type_name(new)
    if name == other and name is not None:
        return _with_children(base, change, meanings)
    stays = _OF_THE_PLACE | (_OF_A_STAGE if slot == BLOCK.name else frozenset())
    former = Former(name or old, base.items[slot].place)
    if _are_alike(name, other):
        # The stride of a stage stays, and is its block's to refuse.
        unmarked = {slot, *stays} - {STRIDE.name}
        merged = _with_children(_marked(base, former, unmarked), change, meanings)
    else:
        merged, dropped = _replaced(base, change, {slot, *stays})
        former = replace(former, dropped=dropped)
    keys = {**merged.keys, slot: replace(merged.keys[slot], former=former)}
    return replace(merged, keys=keys)


def _merged_open(
    base: MappingNode, change: MappingNode, meanings: _Meanings
) -> MappingNode:
    """What becomes open, another open class, or a type again is replaced whole."""
    before, after = _class_slot(base), _class_slot(change)
    named = _text(change.items.get(after or ""))
    same = before == after and named == _text(base.items.get(after or ""))
    if before is None or after is None or same:
        return _with_children(base, change, meanings)
    merged, dropped = _replaced(base, change, _OF_THE_PLACE)
    old = base.items[before]
    gone = tuple(key for key in dropped if key.name != before)
    former = Former(_text(old) or "", old.place, gone)
    keys = {**merged.keys, after: replace(merged.keys[after], former=former)}
    return replace(merged, keys=keys)


def _class_slot(module: MappingNode) -> str | None:
    """The key by which a module says what it is, where it says so."""
    names = (name for name in (OPEN.name, TYPE.name) if name in module.items)
    return next(names, None)


def _with_children(
    base: MappingNode, change: MappingNode, meanings: _Meanings
) -> MappingNode:
    """The change of one module over it, with what a container holds."""

    def part(name: str, old: MappingNode, new: MappingNode) -> MappingNode:
        if name == MODULES.name:
            return _merged_modules(old, new, meanings)
        return _merged(old, new)

    return _merged(base, change, part)


def _changed_slot(base: MappingNode, change: MappingNode) -> str | None:
    """The key that names another type: `type:`, or `block:` of what stays a Stage."""
    kind = _text(base.items.get(TYPE.name))
    if _text(change.items.get(TYPE.name)) not in (None, kind):
        return TYPE.name
    block = _text(base.items.get(BLOCK.name))
    if kind == STAGE and _text(change.items.get(BLOCK.name)) not in (None, block):
        return BLOCK.name
    return None


def _are_alike(old: str | None, new: str | None) -> bool:
    """Whether a type takes over the arguments of another.

    Of one that a caller decides, nothing is known: what it refuses shows where it is
    used. What it is changed to has to be one of a family.
    """
    if new is None:
        return True
    family = _family(new)
    return family is not None and (old is None or _family(old) == family)


def _family(name: str) -> str | None:
    """Blocks are one; what is no layer is a block, or is complained of elsewhere."""
    if name in LAYERS:
        return LAYERS[name].family
    return None if name in (*CONTAINERS, STAGE, *FOREIGN) else "block"


def _marked(
    node: MappingNode, former: Former, unmarked: Collection[str]
) -> MappingNode:
    keys = {
        name: key if name in unmarked else replace(key, former=former)
        for name, key in node.keys.items()
    }
    return replace(node, keys=keys)


def _replaced(
    base: MappingNode, change: MappingNode, stays: Collection[str]
) -> tuple[MappingNode, tuple[Key, ...]]:
    """The change with the place of what it replaces, and what is dropped.

    Null says of an argument that it is meant to go.
    """
    kept = {name: node for name, node in base.items.items() if name in stays}
    old = MappingNode(kept, {name: base.keys[name] for name in kept}, base.place)
    gone = {name for name in base.items if name not in kept}
    given = {
        name: node
        for name, node in change.items.items()
        if not (name in gone and _is_null(node))
    }
    new = MappingNode(given, {name: change.keys[name] for name in given}, change.place)
    untold = gone - {*change.items}
    dropped = tuple(key for name, key in base.keys.items() if name in untold)
    return _merged(old, new), dropped


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.value is None


def _text(node: Node | None) -> str | None:
    value = node.value if isinstance(node, ScalarNode) else None
    return value if isinstance(value, str) else None
