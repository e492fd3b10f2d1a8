"""What is promised of a printout whose modules are known, and whether it holds."""

from __future__ import annotations

from typing import Any

from medt_gen.messages.diagnostics import InvalidInput
from medt_gen.printout import Node, parse, render, walk


def flatten(text: str) -> str:
    """The printout as web pages leave it: no line breaks, no indentation."""
    return "".join(line.strip() for line in text.split("\n"))


def judge(
    text: str, pairs: list[tuple[str, str]], overridden: list[str]
) -> tuple[str, str]:
    """(outcome, detail) of a printout whose modules are known.

    The outcome is `kept`; `hidden` (kept but below modules with a `__repr__` of their
    own, which print what they like); `refused` (the flattened form is ambiguous, and a
    diagnostic says so, as promised); or `failed`.
    """
    try:
        tree = parse(text)
    except InvalidInput as error:
        return "failed", str(error)[:500]
    if render(tree) != text:
        return "failed", "rendered text differs"
    found = _pairs(tree)
    shown = _pruned(pairs, overridden)
    if _pruned(found, overridden) != shown:
        detail = _first_difference(_pruned(found, overridden), shown)
        return "failed", f"modules differ: {detail}"
    outcome, detail = _judge_flattened(text, tree, overridden)
    if outcome == "kept" and found != pairs:
        return "hidden", _first_difference(found, pairs)
    return outcome, detail


def _judge_flattened(text: str, tree: Node, overridden: list[str]) -> tuple[str, str]:
    try:
        flat = parse(flatten(text))
    except InvalidInput as refusal:
        codes = {item.code for item in refusal.diagnostics}
        outcome = "refused" if codes == {"printout-ambiguous"} else "failed"
        return outcome, f"flattened: {refusal}"[:500]
    found, expected = _pairs(flat), _pairs(tree)
    if _pruned(found, overridden) != _pruned(expected, overridden):
        return "failed", f"flattened: {_first_difference(found, expected)}"
    if changed := _one_liners(tree).items() - _one_liners(flat).items():
        return "failed", f"flattened: attributes differ: {min(changed)}"
    return "kept", ""


def _pairs(tree: Node) -> list[tuple[str, str]]:
    return [(path, node.type) for path, node in walk(tree, expand=True)]


def _pruned(
    pairs: list[tuple[str, str]], overridden: list[str]
) -> list[tuple[str, str]]:
    """The pairs that are neither one of the given modules nor below one."""
    below = tuple(f"{path}." for path in overridden)
    return [pair for pair in pairs if not f"{pair[0]}.".startswith(below)]


def _one_liners(tree: Node) -> dict[str, str]:
    return {
        path: node.attributes[0].strip()
        for path, node in walk(tree)
        if len(node.attributes) == 1
    }


def _first_difference(found: list[Any], expected: list[Any]) -> str:
    for one, other in zip(found, expected, strict=False):
        if one != other:
            return f"read {one}, is {other}"
    return f"read {len(found)} modules, are {len(expected)}"
