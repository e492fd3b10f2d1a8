"""A tree of what the keys of a checkpoint tell: modules by name, tensors by shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from medt_gen.paths.keys import Shape
from medt_gen.printouts.tree import Node

_MODULE = "Module"


@dataclass
class _Holder:
    """A module in the making."""

    children: dict[str, _Holder] = field(default_factory=dict)
    tensors: dict[str, Shape] = field(default_factory=dict)


def tree_of_keys(tensors: Mapping[str, Shape]) -> Node:
    """The modules that hold these tensors; a class is unknown, and called Module."""
    root = _Holder()
    for key, shape in tensors.items():
        *path, name = key.split(".")
        at = root
        for step in path:
            at = at.children.setdefault(step, _Holder())
        at.tensors[name] = shape
    return _node("", root)


def _node(name: str, root: _Holder) -> Node:
    """A module with all below it; nothing recurses, since keys may be long."""
    made: dict[int, Node] = {}
    stack = [(name, root, False)]
    while stack:
        own, holder, is_ready = stack.pop()
        if not is_ready:
            stack.append((own, holder, True))
            stack += [(step, child, False) for step, child in holder.children.items()]
            continue
        children = tuple(made[id(child)] for child in holder.children.values())
        lines = tuple(f"{key}: {list(size)}" for key, size in holder.tensors.items())
        made[id(holder)] = Node(own, _MODULE, lines, children)
    return made[id(root)]
