"""What a spec consists of, each node with the place where it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from medt_gen.messages.diagnostics import Place
from medt_gen.spec.scalars import ScalarValue


@dataclass(frozen=True)
class ScalarNode:
    """A single value; `raw` is the source text when it stands for itself there."""

    value: ScalarValue
    place: Place
    raw: str | None = None


@dataclass(frozen=True)
class Former:
    """The type that a module had before a change gave it another one.

    `dropped` are the keys that went with it.
    """

    type: str
    place: Place
    dropped: tuple[Key, ...] = ()


@dataclass(frozen=True)
class Key:
    """A key of a mapping, with the place where it is written.

    Where a change gave a module another type, that key knows the former one; and so
    does the key of every argument that was written for it and has stayed.
    """

    name: str
    place: Place
    former: Former | None = None


@dataclass(frozen=True)
class MappingNode:
    """Keys with their values, in written order."""

    items: dict[str, Node]
    keys: dict[str, Key]
    place: Place


@dataclass(frozen=True)
class ListNode:
    """A YAML sequence."""

    items: tuple[Node, ...]
    place: Place


Node = ScalarNode | MappingNode | ListNode


def kind_of(node: Node) -> str:
    """What a node is, in the words of a message: `a list`, `a text`, ..."""
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, ListNode):
        return "a list"
    return {
        type(None): "nothing",
        bool: "a boolean",
        int: "an integer",
        float: "a number",
        str: "a text",
    }[type(node.value)]


def node_data(node: Node) -> Any:
    """The node as plain Python data, without places."""
    if isinstance(node, MappingNode):
        return {name: node_data(item) for name, item in node.items.items()}
    if isinstance(node, ListNode):
        return [node_data(item) for item in node.items]
    return node.value
