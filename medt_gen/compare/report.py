"""A comparison of two descriptions, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from medt_gen.compare.comparison import Comparison, FactDifference
from medt_gen.compare.parts import Part
from medt_gen.compare.words import change_lines, total_lines
from medt_gen.printouts import report as modules
from medt_gen.printouts.summary import common_path, pattern


def as_json(found: Comparison) -> dict[str, Any]:
    """The comparison as plain data."""
    return {
        "left": {"name": found.left.name, "kind": found.left.kind},
        "right": {"name": found.right.name, "kind": found.right.kind},
        "equal": found.equal,
        "changes": [vars(change) for change in found.changes],
        "totals": [vars(totals) for totals in found.totals or ()],
        "parts": [
            {"side": part.side, "path": part.path, "rest": list(part.rest)}
            for part in found.parts
        ],
        "differences": [*modules.as_json(found.modules), *map(_fact, found.facts)],
        "compared": list(found.compared),
        "not_compared": list(found.not_compared),
    }


def _fact(item: FactDifference) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "path": item.path,
        "left": item.left,
        "right": item.right,
    }


MOST_LINES = 40
"""How many lines of differences are shown unless all are asked for."""


def as_lines(found: Comparison, *, most: int | None = None) -> list[str]:
    """What changed in words, then all that `fact_lines` has."""
    return [*word_lines(found), *fact_lines(found, most=most)]


def word_lines(found: Comparison) -> list[str]:
    """What changed between two specs in a person's words, and what it comes to."""
    lines = list(change_lines(found.changes))
    if found.totals is not None:
        lines += total_lines(*found.totals)
    return [f"changed: {line}" for line in lines]


def fact_lines(found: Comparison, *, most: int | None = None) -> list[str]:
    """Which parts were compared, a line for each difference, what was compared or not.

    Equal differences in many places are one line with their count; of more than `most`
    lines the rest is counted.
    """
    differences = [*modules.as_lines(found.modules), *_fact_lines(found.facts)]
    return [
        *map(_part_line, found.parts),
        *_shortened(differences, most),
        *(["no difference"] if found.equal else []),
        *(f"compared: {text}" for text in found.compared),
        *(f"not compared: {text}" for text in found.not_compared),
    ]


def _shortened(lines: list[str], most: int | None) -> list[str]:
    if most is None or len(lines) <= most:
        return lines
    return [
        *lines[:most],
        f"... and {len(lines) - most:,} lines more: --all shows them",
    ]


def _part_line(part: Part) -> str:
    return f"{part.path} ({part.type}) of the {part.side} side is compared"


def _fact_lines(facts: Iterable[FactDifference]) -> Iterator[str]:
    """A line for each fact, and for equal ones of keys that differ in numbers."""
    alike: dict[tuple[str, str, str | None, str | None], list[FactDifference]] = {}
    for item in facts:
        key = (item.kind, pattern(item.path), item.left, item.right)
        alike.setdefault(key, []).append(item)
    for items in alike.values():
        path = common_path([item.path for item in items])
        times = f", in {len(items)} places" if len(items) > 1 else ""
        yield f"{_fact_line(replace(items[0], path=path))}{times}"


def _fact_line(item: FactDifference) -> str:
    where = f"{item.kind} {item.path}".strip()
    return f"{where}: {_value(item.left)} -> {_value(item.right)}"


def _value(value: str | None) -> str:
    return "nothing" if value is None else value
