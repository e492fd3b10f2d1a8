"""Differences for people and for programs, and the printouts of a text as a list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from medt_gen.printouts.compare import Difference, Renumbered
from medt_gen.printouts.document import Printout
from medt_gen.printouts.tree import count_modules

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
    """One line a difference, its path first, and one for each consequence."""
    lines: list[str] = []
    for item in differences:
        lines.append(f"{item.path or ROOT}: {_sentence(item)}")
        lines += [
            f"    so {stretch.before} -> {stretch.after}; state_dict keys "
            f"{_wildcard(stretch.before)} -> {_wildcard(stretch.after)}"
            for stretch in item.renumbered
        ]
    return lines


def _wildcard(stretch: str) -> str:
    parent, dot, name = stretch.rpartition(".")
    return f"{parent}{dot}[{name}].*" if "-" in name else f"{stretch}.*"


def _sentence(item: Difference) -> str:
    match item.kind:
        case "missing":
            return f"missing on the right: {item.left}"
        case "added":
            return f"added on the right: {item.right}"
        case "renamed":
            return f"renamed to {item.new_path}"
        case "moved":
            return _moved(item)
        case "type":
            return f"{item.left} -> {item.right}{_elsewhere(item)}"
        case "attribute":
            name = f"{item.attribute}: " if item.attribute else ""
            return (
                f"{name}{_shown(item.left)} -> {_shown(item.right)}{_elsewhere(item)}"
            )


def _moved(item: Difference) -> str:
    if item.new_path is None:
        return f"stands elsewhere among its siblings: {item.left}"
    return f"moved to {item.new_path}"


def _elsewhere(item: Difference) -> str:
    return f" (right: {item.new_path})" if item.new_path else ""


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
        }
        for number, item in enumerate(printouts, 1)
    ]


def printouts_as_lines(printouts: Sequence[Printout]) -> list[str]:
    """One line a printout: `2  line 28  Net, 174 modules, flattened  heading`."""
    rows = [
        (
            str(number),
            f"line {item.line}",
            f"{item.tree.type}, {count_modules(item.tree)} modules"
            + (", flattened" if item.flattened else ""),
            item.heading,
        )
        for number, item in enumerate(printouts, 1)
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return ["  ".join(map(str.ljust, row, [*widths, 0])).rstrip() for row in rows]
