"""Differences for people and for programs, and the printouts of a text as a list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from medt_gen.messages.wording import counted
from medt_gen.printouts.compare import Difference, Renumbered
from medt_gen.printouts.document import Printout, where
from medt_gen.printouts.summary import Entry, summarised
from medt_gen.printouts.tree import Node, count_modules, count_remarks

ROOT = "(root)"
MOST_KEYS = 1000
"""Renumbered siblings that a report spells out; a text may claim any number."""

_STRETCH = re.compile(r"(.*?)(\d+)(?:-(\d+))?", re.DOTALL)

JsonValue = str | int | list[Any] | dict[str, Any] | None


def as_json(differences: Sequence[Difference]) -> list[dict[str, JsonValue]]:
    """One object a difference: kind, path, what each side has; keys where they change.

    `state_dict` lists [before, after] beginnings of the keys that the difference
    changes; null where a side has none.
    """
    return [_as_object(item) for item in differences]


def _as_object(item: Difference) -> dict[str, JsonValue]:
    result: dict[str, JsonValue] = {
        "kind": item.kind,
        "path": item.path,
        "left": item.left,
        "right": item.right,
    }
    if item.new_path is not None:
        result["new_path"] = item.new_path
    if item.attribute is not None:
        result["attribute"] = item.attribute
    if item.renumbered:
        result["renumbered"] = [
            {"before": stretch.before, "after": stretch.after}
            for stretch in item.renumbered
        ]
    if keys := key_changes(item):
        result["state_dict"] = [[key.before, key.after] for key in keys]
    return result


@dataclass(frozen=True)
class KeyChange:
    """Beginnings of state_dict keys on the left and on the right; None where none."""

    before: str | None
    after: str | None


def key_changes(item: Difference) -> list[KeyChange]:
    """Beginnings of state_dict keys that change by a difference.

    A printout does not show parameters, so a beginning such as `layers.3.` stands for
    every key below that module; where it holds no parameters, there is none.
    """
    moved = (_moved_keys(stretch) for stretch in item.renumbered)
    return [*_own_keys(item), *chain.from_iterable(moved)]


def _own_keys(item: Difference) -> Iterator[KeyChange]:
    if item.kind == "missing":
        yield KeyChange(f"{item.path}.", None)
    elif item.kind == "added":
        yield KeyChange(None, f"{item.path}.")
    elif item.new_path is not None and item.kind in ("moved", "renamed"):
        yield KeyChange(f"{item.path}.", f"{item.new_path}.")


def _moved_keys(stretch: Renumbered) -> Iterator[KeyChange]:
    for before, after in zip(
        _single_paths(stretch.before), _single_paths(stretch.after), strict=False
    ):
        yield KeyChange(f"{before}.", f"{after}.")


def _single_paths(stretch: str) -> Iterator[str]:
    """`a.3-5` as `a.3`, `a.4`, `a.5`; at most `MOST_KEYS` of them."""
    parent, dot, name = stretch.rpartition(".")
    match = _STRETCH.fullmatch(name)
    first = int(match[2]) if match else 0
    last = int(match[3] or first) if match else -1
    for index in range(first, min(last + 1, first + MOST_KEYS)):
        yield f"{parent}{dot}{index}"


def as_lines(differences: Sequence[Difference]) -> list[str]:
    """A line for each difference, its path first, and one for each consequence.

    Equal differences in many places are one line with their count.
    """
    return [line for entry in summarised(differences) for line in _entry_lines(entry)]


def _entry_lines(entry: Entry) -> Iterator[str]:
    yield f"{entry.path or ROOT}: {_sentence(entry)}{_times(entry)}"
    for item in entry.following:
        yield f"    with it {item.path}: {_sentence(item)}"
    for stretch in entry.first.renumbered:
        yield (
            f"    so {stretch.before} -> {stretch.after}; state_dict keys "
            f"{_wildcard(stretch.before)} -> {_wildcard(stretch.after)}"
        )


def _times(entry: Entry) -> str:
    if entry.places == 1:
        return ""
    more = entry.places - len(entry.examples)
    rest = f" and {more} more" if more else ""
    named = f": {', '.join(entry.examples)}{rest}" if entry.examples else ""
    return f", in {entry.places} places{named}"


def _wildcard(stretch: str) -> str:
    parent, dot, name = stretch.rpartition(".")
    return f"{parent}{dot}[{name}].*" if "-" in name else f"{stretch}.*"


def _sentence(entry: Entry) -> str:
    item = entry.first
    match item.kind:
        case "missing":
            return f"missing on the right: {item.left}"
        case "added":
            return f"added on the right: {item.right}"
        case "renamed":
            return f"renamed to {entry.new_path}"
        case "moved":
            return _moved(entry)
        case "type":
            return f"{item.left} -> {item.right}{_elsewhere(entry)}"
        case "attribute":
            name = f"{item.attribute}: " if item.attribute else ""
            return (
                f"{name}{_shown(item.left)} -> {_shown(item.right)}{_elsewhere(entry)}"
            )


def _moved(entry: Entry) -> str:
    if entry.new_path is None:
        return f"stands elsewhere among its siblings: {entry.first.left}"
    return f"moved to {entry.new_path}"


def _elsewhere(entry: Entry) -> str:
    return f" (right: {entry.new_path})" if entry.new_path else ""


def _shown(value: str | None) -> str:
    return "not printed" if value is None else value


def printouts_as_json(printouts: Sequence[Printout]) -> list[dict[str, JsonValue]]:
    """One object a printout: its number, class, line, heading, size and form."""
    return [
        {
            "number": number,
            "class": item.tree.type,
            "line": item.line,
            "heading": item.heading,
            "modules": count_modules(item.tree),
            "flattened": item.flattened,
            "remarks": count_remarks(item.tree),
            "cell": item.cell,
        }
        for number, item in enumerate(printouts, 1)
    ]


def _remarks(tree: Node) -> str:
    count = count_remarks(tree)
    return f", {counted(count, 'remark')}" if count else ""


def _name(item: Printout) -> str:
    return f"({item.tree.name}): " if item.tree.name else ""


def printouts_as_lines(printouts: Sequence[Printout]) -> list[str]:
    """One line a printout: `2  line 28  Net, 174 modules, flattened  heading`."""
    rows = [
        (
            str(number),
            where(item),
            f"{_name(item)}{item.tree.type}, "
            + counted(count_modules(item.tree), "module")
            + (", flattened" if item.flattened else "")
            + _remarks(item.tree),
            item.heading,
        )
        for number, item in enumerate(printouts, 1)
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return ["  ".join(map(str.ljust, row, [*widths, 0])).rstrip() for row in rows]
