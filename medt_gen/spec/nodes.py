"""What a spec consists of, each node with the place where it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from medt_gen.messages.diagnostics import Place
from medt_gen.spec.scalars import Value


@dataclass(frozen=True)
class Scalar:
    """A single value; `raw` is the source text when it stands for itself there."""

    value: Value
    place: Place
    raw: str | None = None


@dataclass(frozen=True)
class Key:
    """A key of a mapping, with the place where it is written."""

    name: str
    place: Place


@dataclass(frozen=True)
class Mapping:
    """Keys with their values, in written order."""

    items: dict[str, Node]
    keys: dict[str, Key]
    place: Place


@dataclass(frozen=True)
class Items:
    """A YAML sequence."""

    items: tuple[Node, ...]
    place: Place


Node = Scalar | Mapping | Items


def kind_of(node: Node) -> str:
    """What a node is, in the words of a message: `a list`, `a string`, ..."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Items):
        return "a list"
    return {
        type(None): "nothing",
        bool: "a boolean",
        int: "an integer",
        float: "a number",
        str: "a string",
    }[type(node.value)]


def plain(node: Node) -> Any:
    """The node as plain Python data, without places."""
    if isinstance(node, Mapping):
        return {name: plain(item) for name, item in node.items.items()}
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return node.value
