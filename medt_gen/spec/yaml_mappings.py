"""Pairs of nodes -> a mapping: keys are names, each written once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from medt_gen.messages.diagnostics import Diagnostic, Note, Place
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import shown
from medt_gen.spec.lookalikes import lookalike
from medt_gen.spec.nodes import Key, MappingNode, Node, ScalarNode, kind_of
from medt_gen.spec.yaml_places import part_of


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
        name = _key_name(pair.key, pair.value, problems)
        if name is None or _is_trap(pair, name, problems):
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


MERGE = "<<"
_SLIPS = (
    (
        re.compile(r"([A-Za-z_][\w-]*):(\S.*)"),
        "a space is missing after this `:`",
    ),
    (
        re.compile(r"([A-Za-z_][\w-]*)\s*=\s*(\S.*)"),
        "a key is followed by `:` and a space, not by `=`",
    ),
)
"""Keys without a value that were meant to be a key with one: name, then value."""


def _is_trap(pair: Pair, name: str, problems: Problems) -> bool:
    """Complain of a key that the parser reads and nobody meant, unless it is quoted."""
    key = pair.key
    raw = key.raw if isinstance(key, ScalarNode) else None
    if raw is None or raw[:1] in ("'", '"'):
        return False
    odd = lookalike(raw)
    if odd is not None:
        place = part_of(key.place, odd.offset, odd.end)
        problems.error("yaml-syntax", odd.message, place, odd.help)
        return True
    for pattern, message in _SLIPS:
        found = pattern.fullmatch(name)
        if found is not None and is_empty(pair.value):
            at = len(found[1])
            problems.error(
                "yaml-syntax",
                message,
                part_of(key.place, at, at + 1),
                f"write `{shown(found[1])}: {shown(found[2])}`",
            )
            return True
    if name == MERGE:
        problems.add(merge_refused(key.place))
        return True
    return False


def merge_refused(place: Place) -> Diagnostic:
    """What is said of `<<`."""
    return Diagnostic(
        "yaml-syntax",
        "merge keys (`<<`) are not in the language",
        place,
        "write the keys out, or declare a block with parameters",
    )


def is_empty(node: Node) -> bool:
    """Whether nothing is written for a value."""
    return isinstance(node, ScalarNode) and not node.raw


def _key_name(key: Node, value: Node, problems: Problems) -> str | None:
    if isinstance(key, ScalarNode) and isinstance(key.value, str):
        return key.value
    fix = None
    if isinstance(key, ScalarNode) and key.raw:
        fix = f'write it in quotes: `"{shown(key.raw)}"`'
        if is_empty(value):
            fix = f"a value has a name: write `kernel_size: {shown(key.raw)}`"
    problems.error(
        "key-not-a-string",
        f"a key is a name, and this one is {kind_of(key)}",
        key.place,
        fix,
    )
    return None
