"""Pairs of nodes -> a mapping: keys are names, each written once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from medt_gen.messages.diagnostics import Note, Place
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import shown
from medt_gen.spec.nodes import Key, MappingNode, Node, ScalarNode, kind_of


@dataclass(frozen=True)
class Pair:
    """A key with its value, as the parser sees them."""

    key: Node
    value: Node


def mapping_of(pairs: Iterable[Pair], place: Place, problems: Problems) -> MappingNode:
    """The mapping of `pairs`, without those whose key is wrong or a repetition."""
    items: dict[str, Node] = {}
    keys: dict[str, Key] = {}
    for pair in pairs:
        name = _key_name(pair.key, problems)
        if name is None:
            continue
        if name in items:
            problems.error(
                "duplicate-key",
                f"the key `{shown(name)}` is written twice",
                pair.key.place,
                "remove one of the two",
                Note("first written here", keys[name].place),
            )
            continue
        items[name] = pair.value
        keys[name] = Key(name, pair.key.place)
    return MappingNode(items, keys, place)


def _key_name(key: Node, problems: Problems) -> str | None:
    if isinstance(key, ScalarNode) and isinstance(key.value, str):
        return key.value
    fix = None
    if isinstance(key, ScalarNode) and key.raw:
        fix = f'write it in quotes: `"{shown(key.raw)}"`'
    problems.error(
        "key-not-a-string",
        f"a key is a name, and this one is {kind_of(key)}",
        key.place,
        fix,
    )
    return None
