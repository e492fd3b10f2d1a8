"""A comparison of two descriptions, for people and for programs."""

from __future__ import annotations

from typing import Any

from medt_gen.compare.comparison import Comparison, FactDifference
from medt_gen.printouts import report as modules


def as_json(found: Comparison) -> dict[str, Any]:
    """The comparison as plain data."""
    return {
        "left": {"name": found.left.name, "kind": found.left.kind},
        "right": {"name": found.right.name, "kind": found.right.kind},
        "equal": found.equal,
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


def as_lines(found: Comparison) -> list[str]:
    """A line for each difference, then what was compared, and what was not."""
    return [
        *modules.as_lines(found.modules),
        *map(_fact_line, found.facts),
        *(["no difference"] if found.equal else []),
        *(f"compared: {text}" for text in found.compared),
        *(f"not compared: {text}" for text in found.not_compared),
    ]


def _fact_line(item: FactDifference) -> str:
    where = f"{item.kind} {item.path}".strip()
    return f"{where}: {_value(item.left)} -> {_value(item.right)}"


def _value(value: str | None) -> str:
    return "nothing" if value is None else value
