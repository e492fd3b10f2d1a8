"""The text of a new spec that starts from another one."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import Source
from medt_gen.messages.wording import first_of
from medt_gen.paths.keys import join
from medt_gen.spec.declarations import ParameterDeclaration
from medt_gen.spec.nodes import ListNode, MappingNode, Node, ScalarNode, node_data
from medt_gen.spec.overrides import OPTION
from medt_gen.spec.read_class import EXTENDS, LANGUAGE, MODULES, PARAMS, TITLE, VERSION
from medt_gen.spec.read_modules import TYPE
from medt_gen.spec.read_network import INPUT
from medt_gen.spec.schema_types import parameter_words
from medt_gen.spec.yaml_events import parse_value
from medt_gen.spec.yaml_text import comment, inline, scalar

SCHEMA_FILE = "medt-gen.schema.json"
_SCHEMA_LINE = f"# yaml-language-server: $schema={SCHEMA_FILE}"
_NAMED = 3


def started(parent: Spec, wanted: Spec, extends: str) -> str:
    """A spec over `parent`, which it calls `extends`.

    The overrides that make `wanted` of it are written out as its own; what else can be
    changed stands in comments, as `parent` has it.
    """
    own = _nested(wanted)
    lines = [_SCHEMA_LINE, f"{VERSION.name}: {LANGUAGE}"]
    lines.append(f"{EXTENDS.name}: {scalar(extends)}")
    for key, value in own.items():
        lines.append(f"{scalar(key)}: {inline(value)}")
    offered = [*_offered(parent, own)]
    if offered:
        lines += [
            "",
            "# What can be changed, as it is: take away `# `.",
        ]
        lines += [f"# {comment(line)}" for line in offered]
    return "".join(f"{line}\n" for line in lines)


def through_a_list(wanted: Spec) -> str | None:
    """The first override that changes an item of a list, which no spec can state."""
    for option in wanted.overrides:
        node: Node | None = wanted.node
        for name in option.partition("=")[0].split("."):
            if isinstance(node, ListNode):
                return option
            node = node.items.get(name) if isinstance(node, MappingNode) else None
    return None


def first_difference(one: Any, other: Any, path: str = "") -> str | None:
    """The path to the first value in which two documents differ; None if in none."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return None if one == other else path
    for name in {**one, **other}:
        inner = join(path, str(name))
        if name not in one or name not in other:
            return inner
        found = first_difference(one[name], other[name], inner)
        if found is not None:
            return found
    return None


def _nested(wanted: Spec) -> dict[str, Any]:
    """The overrides as a document: `a.b=1` is `{a: {b: 1}}`."""
    document: dict[str, Any] = {}
    for option in wanted.overrides:
        path, _, value = option.partition("=")
        *names, last = _keys(wanted.node, path)
        at = document
        for name in names:
            at[name] = _opened(at.get(name))
            at = at[name]
        at[last] = node_data(parse_value(Source(OPTION, option), value))
    return document


def _opened(data: Any) -> dict[str, Any]:
    """What an earlier override gave, with room for more: a module has its `type:`."""
    if isinstance(data, str):
        return {TYPE.name: data}
    return data if isinstance(data, dict) else {}


def _keys(node: Node | None, path: str) -> list[str]:
    """A path as keys, of which some have dots of their own: `init.Conv2d.bias`."""
    names, keys = path.split("."), []
    while names:
        known: Collection[str] = node.items if isinstance(node, MappingNode) else ()
        longest = next(
            (n for n in range(len(names), 1, -1) if ".".join(names[:n]) in known), 1
        )
        key = ".".join(names[:longest])
        keys.append(key)
        node = node.items.get(key) if isinstance(node, MappingNode) else None
        del names[:longest]
    return keys


def _offered(parent: Spec, own: Mapping[str, Any]) -> Iterator[str]:
    """The title, the input and the parameters, which `own` does not have yet."""
    if TITLE.name not in own:
        yield f"{TITLE.name}: {inline(parent.title)}"
    if INPUT.name not in own:
        yield f"{INPUT.name}: {inline(node_data(parent.node.items[INPUT.name]))}"
    rest = {
        name: item
        for name, item in parent.network.root.declaration.parameters.items()
        if item.default is not None
    }
    if not rest or PARAMS.name in own:
        return
    yield f"{PARAMS.name}:"
    texts = {name: _parameter(name, item) for name, item in rest.items()}
    width = max(map(len, texts.values()))
    for name, text in texts.items():
        words = parameter_words(rest[name])
        users = [*_users(parent.node, name)]
        used = f": {first_of(users, _NAMED)}" if users else ""
        yield f"  {text:{width}}  # {words}{used}"


def _parameter(name: str, declared: ParameterDeclaration) -> str:
    assert declared.default is not None
    return f"{scalar(name)}: {inline(node_data(declared.default))}"


def _users(spec: MappingNode, name: str) -> Iterator[str]:
    """Which arguments of modules read a parameter, by path."""
    modules = spec.items.get(MODULES.name)
    reads = re.compile(rf"\${re.escape(name)}\b", re.ASCII)
    waiting: deque[tuple[str, Node]] = deque()
    if isinstance(modules, MappingNode):
        waiting.extend(modules.items.items())
    while waiting:
        path, node = waiting.popleft()
        if isinstance(node, ScalarNode):
            if isinstance(node.value, str) and reads.search(node.value):
                yield path
        elif isinstance(node, MappingNode):
            waiting.extend((f"{path}.{key}", item) for key, item in node.items.items())
        elif isinstance(node, ListNode):
            waiting.extend((f"{path}.{n}", item) for n, item in enumerate(node.items))
