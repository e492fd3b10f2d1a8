"""Which of all mutants of a room are run: a seeded sample, without annotations.

Sessions are cosmic-ray's: SQLite, with a row of `mutation_specs` for each mutant.
"""

from __future__ import annotations

import ast
import sqlite3
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple


class Mutant(NamedTuple):
    """A mutant by what stays the same in every session of one source."""

    module: str
    line: int
    column: int
    operator: str
    occurrence: int
    job: str


def mutants_of(session: Path) -> list[Mutant]:
    """All mutants of a session that a test can tell, in a stable order."""
    columns = "module_path, start_pos_row, start_pos_col, operator_name, occurrence"
    with sqlite3.connect(session) as rows:
        found = rows.execute(f"SELECT {columns}, job_id FROM mutation_specs")
        every = sorted(Mutant(*row) for row in found)
    return [mutant for mutant in every if not _in_annotation(mutant)]


def shares(counts: Mapping[str, int], size: int) -> dict[str, int]:
    """`size` shared out in proportion to counts, what is left to the largest rests."""
    total = sum(counts.values())
    found = {name: count * size // total for name, count in counts.items()}
    by_rest = sorted(counts, key=lambda name: counts[name] * size % total, reverse=True)
    for name in by_rest[: size - sum(found.values())]:
        found[name] += 1
    return found


def keep_sample(session: Path, size: int, seed: int) -> None:
    """Leave so many mutants in a session, and drop the rest."""
    kept = Random(seed).sample(mutants_of(session), size)
    with sqlite3.connect(session) as rows:
        rows.execute("CREATE TEMP TABLE kept (job_id TEXT)")
        rows.executemany("INSERT INTO kept VALUES (?)", [(x.job,) for x in kept])
        for table in ("mutation_specs", "work_items"):
            rows.execute(
                f"DELETE FROM {table} WHERE job_id NOT IN (SELECT job_id FROM kept)"
            )


def _in_annotation(mutant: Mutant) -> bool:
    """Whether a mutant is in a type: mypy reads those, and tests can't tell."""
    place = mutant.line, mutant.column
    return any(first <= place < last for first, last in _annotations(mutant.module))


@cache
def _annotations(module: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    found: list[ast.expr | None] = []
    for node in ast.walk(ast.parse(Path(module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            found.append(node.returns)
        elif isinstance(node, ast.arg | ast.AnnAssign):
            found.append(node.annotation)
    return [
        (
            (item.lineno, item.col_offset),
            (item.end_lineno or 0, item.end_col_offset or 0),
        )
        for item in found
        if item is not None
    ]
