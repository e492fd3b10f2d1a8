"""The lines of a spec that is written out: one for each module and each pipe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from medt_gen.messages.diagnostics import Place
from medt_gen.showing.comments import Comments, comments_of, joined
from medt_gen.showing.inferred import NOTHING_INFERRED, InferredArguments
from medt_gen.showing.origins import origin_remark
from medt_gen.spec.nodes import Key, ListNode, MappingNode, Node, node_data
from medt_gen.spec.read_class import EXTENDS, FORWARD, MODULES
from medt_gen.spec.read_modules import CHILDREN, TYPE
from medt_gen.spec.read_network import BLOCKS
from medt_gen.spec.yaml_text import comment, inline, scalar

_PIPE = re.compile(r"[A-Za-z_][A-Za-z0-9_.|()=,$+*/ -]*[A-Za-z0-9_)]", re.ASCII)
_INDENT = "  "


@dataclass(frozen=True)
class Shown:
    """What a class is written from: its node, and what is inferred by module path.

    `own` is what the spec's own source is called: what is written elsewhere is said to
    be from there. `dropped` says what a changed type has dropped, by its place.
    """

    node: MappingNode
    inferred: Mapping[str, InferredArguments]
    own: str
    dropped: Mapping[Place, str]


def class_lines(shown: Shown, indent: str = "") -> Iterator[str]:
    """The keys of a class, `extends:` and `blocks:` left out."""
    for name, node in shown.node.items.items():
        if name in (EXTENDS.name, BLOCKS.name):
            continue
        key = shown.node.keys[name]
        if isinstance(node, MappingNode) and node.items and name in _PARTS:
            yield from head_lines(key, indent)
            yield from _PARTS[name](node, shown, indent + _INDENT)
            continue
        yield from _entry(key, node, inline(node_data(node)), shown.own, indent)


def head_lines(key: Key, indent: str) -> Iterator[str]:
    """A key with lines of its own below it."""
    said = comments_of(key.place, key.place.line)
    yield from _lines(f"{scalar(key.name)}:", said, indent)


def _entry(
    key: Key, node: Node, text: str, own: str, indent: str, *remarks: str
) -> Iterator[str]:
    """A key with its value in one line, and what is said of it."""
    said = comments_of(key.place, _last_line(key, node))
    origin = origin_remark(node, own)
    behind = joined(said.behind, origin, *remarks)
    line = f"{scalar(key.name)}: {text}"
    yield from _lines(line, Comments(said.above, behind), indent)


def _lines(line: str, said: Comments, indent: str) -> Iterator[str]:
    for above in said.above:
        yield f"{indent}# {comment(above)}".rstrip()
    behind = f"  # {comment(said.behind)}" if said.behind else ""
    yield f"{indent}{line}{behind}"


def _last_line(key: Key, node: Node) -> int:
    """The last line of a value that stands in the source of its key."""
    return max(
        (
            place.place.end_line
            for place in _nodes(node)
            if place.place.source == key.place.source
        ),
        default=key.place.line,
    )


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, MappingNode):
        for item in node.items.values():
            yield from _nodes(item)
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _nodes(item)


# --- modules --------------------------------------------------------------------------


def _module_lines(node: MappingNode, shown: Shown, indent: str) -> Iterator[str]:
    remarks_of = _remarks(shown.inferred)
    for name, item in node.items.items():
        data = _with_inferred(node_data(item), name, shown.inferred)
        gone = (shown.dropped.get(part.place, "") for part in _nodes(item))
        remarks = [*gone, *remarks_of.get(name, ())]
        yield from _entry(
            node.keys[name], item, inline(data), shown.own, indent, *remarks
        )


def _with_inferred(
    data: Any, path: str, inferred: Mapping[str, InferredArguments]
) -> Any:
    """A module with what follows for it, and for what it holds."""
    written = inferred.get(path, NOTHING_INFERRED).written
    if isinstance(data, str):
        return {TYPE.name: data, **written} if written else data
    if not isinstance(data, dict):
        return data
    new = {name: value for name, value in written.items() if name not in data}
    typed = {TYPE.name: data[TYPE.name]} if TYPE.name in data else {}
    found = {**typed, **new, **data}
    held = found.get(CHILDREN.name)
    if isinstance(held, list):
        found[CHILDREN.name] = [
            _with_inferred(item, f"{path}.{number}", inferred)
            for number, item in enumerate(held)
        ]
    elif isinstance(held, dict):
        found[CHILDREN.name] = {
            name: _with_inferred(item, f"{path}.{name}", inferred)
            for name, item in held.items()
        }
    return found


def _remarks(inferred: Mapping[str, InferredArguments]) -> dict[str, list[str]]:
    """What is said of each module and of what it holds, that by the path in it."""
    found: dict[str, list[str]] = {}
    for path, item in inferred.items():
        name, _, inner = path.partition(".")
        said = found.setdefault(name, [])
        said += [f"{inner}: {remark}" if inner else remark for remark in item.remarks]
    return found


# --- flows ----------------------------------------------------------------------------


def _flow_lines(node: MappingNode, shown: Shown, indent: str) -> Iterator[str]:
    """Pipes; a step on patches has a flow of its own."""
    for name, item in node.items.items():
        key = node.keys[name]
        if isinstance(item, MappingNode) and FORWARD.name in item.items:
            yield from head_lines(key, indent)
            yield from class_lines(replace(shown, node=item), indent + _INDENT)
            continue
        data = node_data(item)
        plain = isinstance(data, str) and _PIPE.fullmatch(data)
        text = str(data) if plain else inline(data)
        yield from _entry(key, item, text, shown.own, indent)


_PARTS = {MODULES.name: _module_lines, FORWARD.name: _flow_lines}
