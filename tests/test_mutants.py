"""The sample of mutants: seeded, in proportion, and without what mypy judges."""

import sqlite3

from tools.mutants.sample import keep_sample, mutants_of, shares

SOURCE = """\
from __future__ import annotations

def f(a: int | str, b: int = 1 | 2) -> int | None:
    c: int | None = a | b
    return c
"""


def session(folder):
    """A session as cosmic-ray writes it, with a mutant at every `|` of a source."""
    module = folder / "source.py"
    module.write_text(SOURCE)
    path = folder / "session.sqlite"
    with sqlite3.connect(path) as rows:
        rows.execute("CREATE TABLE work_items (job_id TEXT)")
        rows.execute(
            "CREATE TABLE mutation_specs (module_path TEXT, start_pos_row INTEGER,"
            " start_pos_col INTEGER, operator_name TEXT, occurrence INTEGER,"
            " job_id TEXT)"
        )
        lines = enumerate(SOURCE.splitlines(), 1)
        found = [(n, c) for n, line in lines for c, x in enumerate(line) if x == "|"]
        for number, (line, column) in enumerate(reversed(found)):
            job = f"job {number}"
            rows.execute("INSERT INTO work_items VALUES (?)", (job,))
            rows.execute(
                "INSERT INTO mutation_specs VALUES (?, ?, ?, ?, ?, ?)",
                (str(module), line, column, "BitOr", number, job),
            )
    return path


def places(path):
    return [(mutant.line, mutant.column) for mutant in mutants_of(path)]


def test_mutants_of_types_are_left_out_and_the_rest_is_in_order(tmp_path):
    assert places(session(tmp_path)) == [(3, 31), (4, 22)]


def test_a_sample_is_what_is_left_in_a_session(tmp_path):
    path = session(tmp_path)
    keep_sample(path, 1, seed=13)
    (kept,) = mutants_of(path)
    with sqlite3.connect(path) as rows:
        assert rows.execute("SELECT job_id FROM work_items").fetchall() == [(kept.job,)]
    other = tmp_path / "again"
    other.mkdir()
    again = session(other)
    keep_sample(again, 1, seed=13)
    assert places(again) == places(path)


def test_rooms_get_their_shares_of_a_sample():
    assert shares({"a": 50, "b": 30, "c": 20}, 10) == {"a": 5, "b": 3, "c": 2}
    assert shares({"a": 2, "b": 1}, 10) == {"a": 7, "b": 3}
    assert shares({"a": 1, "b": 1, "c": 1}, 100) == {"a": 34, "b": 33, "c": 33}
    assert sum(shares({"a": 7, "b": 11, "c": 13}, 100).values()) == 100
