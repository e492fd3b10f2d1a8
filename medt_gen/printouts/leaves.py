"""Single layers in a text without a tree, such as `Linear(in_features=8, ...)`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from medt_gen.catalog.containers import CONTAINERS
from medt_gen.catalog.layers import PRINTED_LAYERS
from medt_gen.printouts.grammar import TYPE, Found
from medt_gen.printouts.rows import RowText, read_row
from medt_gen.printouts.tree import Node
from medt_gen.printouts.versions import KNOWN_CLASSES

_LONG = 80
_BEFORE = re.compile(r"(?:Out ?\[\d+\]: ?|>>> |[\s.>#|*+-]+|\d+[.)] |[\w.]+ ?[=:] ?)*")
_MENTIONED = re.compile(rf"\b({TYPE})(\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\))")


@dataclass(frozen=True)
class Mentioned:
    """A layer somewhere in a line: its text, shortened, and its offset."""

    text: str
    offset: int


def find_leaves(text: str) -> list[Found]:
    """Every known layer that has a line of its own, prompts and bullets aside."""
    return list(_leaves(text))


def _leaves(text: str) -> Iterator[Found]:
    position = 0
    for line in text.split("\n"):
        before = _BEFORE.match(line)
        start = before.end() if before else 0
        row = read_row(line.rstrip(), start) if start < len(line) else None
        if row and _is_leaf(row):
            node = Node("", row.type, (row.own,) if row.own else (), form=row.form)
            yield Found(node, position + start, position + len(line), flattened=False)
        position += len(line) + 1


def _is_leaf(row: RowText) -> bool:
    alone = not row.name and row.own is not None and not row.behind
    return alone and _is_known(row.type)


def mentioned_leaf(text: str) -> Mentioned | None:
    """The first known layer that stands anywhere in a line."""
    for match in _MENTIONED.finditer(text):
        if _is_known(match[1]):
            shown = match[0] if len(match[0]) <= _LONG else f"{match[0][:_LONG]}..."
            return Mentioned(shown, match.start())
    return None


def _is_known(type_name: str) -> bool:
    return (
        type_name in PRINTED_LAYERS
        or type_name in KNOWN_CLASSES
        or type_name in CONTAINERS
    )
