"""Pipes that YAML has cut in pieces, because a comma ends a value inside `{...}`.

`{out: x | add(a, b)}` is the key `out` with `x | add(a`, and a key `b)` with nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import shown
from medt_gen.spec.nodes import Node, ScalarNode
from medt_gen.spec.yaml_mappings import Pair, is_empty

_LONGEST = 60
_FIX = "quote a pipe, or write it on a line without `{`; lists have `[` and `]`"


def without_pieces(pairs: Iterable[Pair], problems: Problems) -> list[Pair]:
    """The pairs of a mapping in `{...}` but for pieces; each cut pipe is refused once.

    A piece is a key without a value behind a value in which a `(` is still open.
    """
    whole: list[Pair] = []
    pieces: list[Pair] = []
    unclosed = 0
    for pair in pairs:
        if unclosed > 0 and is_empty(pair.value):
            pieces.append(pair)
            unclosed += calls_left_open(pair.key)
            continue
        _refuse(whole, pieces, problems)
        unclosed, pieces = calls_left_open(pair.value), []
        whole.append(pair)
    _refuse(whole, pieces, problems)
    return whole


def _refuse(whole: list[Pair], pieces: list[Pair], problems: Problems) -> None:
    if not pieces:
        return
    what = "the comma before this ends the value: it stands in `{...}`"
    fix = _as_meant(whole[-1].value, [pair.key for pair in pieces])
    problems.error("yaml-syntax", what, pieces[0].key.place, fix)


def _as_meant(value: Node, pieces: list[Node]) -> str:
    """Help: the value put together again, as a list or in quotes."""
    parts = [item.raw for item in (value, *pieces) if isinstance(item, ScalarNode)]
    text = ", ".join(part or "" for part in parts)
    if len(text) > _LONGEST or "'" in text:
        return _FIX
    if text.startswith("(") and text.endswith(")"):
        return f"a list has brackets: write `[{shown(text[1:-1])}]`"
    return f"quote it: `'{shown(text)}'`"


def calls_left_open(node: Node) -> int:
    """How many `(` of an unquoted value are still open at its end."""
    raw = (node.raw or "") if isinstance(node, ScalarNode) else ""
    return 0 if raw[:1] in {"'", '"'} else raw.count("(") - raw.count(")")
