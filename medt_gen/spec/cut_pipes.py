"""Pipes that YAML has cut in pieces, because a comma ends a value inside `{...}`.

`{out: x | add(a, b)}` is the key `out` with `x | add(a`, and a key `b)` with nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from medt_gen.messages.problems import Problems
from medt_gen.spec.nodes import Node, ScalarNode
from medt_gen.spec.yaml_mappings import Pair

_FIX = "quote a pipe, or write it on a line without `{`; lists have `[` and `]`"


def without_pieces(pairs: Iterable[Pair], problems: Problems) -> list[Pair]:
    """The pairs of a mapping in `{...}` but for pieces; each cut pipe is refused once.

    A piece is a key without a value behind a value in which a `(` is still open.
    """
    whole: list[Pair] = []
    unclosed, refused = 0, False
    for pair in pairs:
        if unclosed <= 0 or not _is_empty(pair.value):
            unclosed, refused = calls_left_open(pair.value), False
            whole.append(pair)
            continue
        if not refused:
            what = "the comma before this ends the value: it stands in `{...}`"
            problems.error("yaml-syntax", what, pair.key.place, _FIX)
        unclosed, refused = unclosed + calls_left_open(pair.key), True
    return whole


def calls_left_open(node: Node) -> int:
    """How many `(` of an unquoted value are still open at its end."""
    raw = (node.raw or "") if isinstance(node, ScalarNode) else ""
    return 0 if raw[:1] in {"'", '"'} else raw.count("(") - raw.count(")")


def _is_empty(node: Node) -> bool:
    return isinstance(node, ScalarNode) and not node.raw
