"""The tables of keys in docs/language.md, written from the entries of the language."""

from __future__ import annotations

import re

from medt_gen.spec.keys import KeyEntry, KeyTable
from medt_gen.spec.read_flow import PATCH_STEP_KEYS, PATCHES_KEYS
from medt_gen.spec.read_modules import MODULE_KEYS, STAGE_KEYS
from medt_gen.spec.read_network import (
    GATES_KEYS,
    INPUT_KEYS,
    NETWORK_KEYS,
    TRAINING_KEYS,
)

TABLES = {
    table.where: table
    for table in (
        NETWORK_KEYS,
        INPUT_KEYS,
        MODULE_KEYS,
        STAGE_KEYS,
        PATCH_STEP_KEYS,
        PATCHES_KEYS,
        TRAINING_KEYS,
        GATES_KEYS,
    )
}

_TABLE = re.compile(
    r"(?P<begin><!-- keys of (?P<where>[^\n]+?), written by tools\.refresh -->\n)"
    r".*?(?P<end><!-- end of keys -->\n)",
    re.DOTALL,
)


def with_tables(page: str) -> str:
    """`page` with every table of keys between its two comments written anew.

    Raises KeyError for a place that has no table.
    """
    return _TABLE.sub(_renewed, page)


def _renewed(match: re.Match[str]) -> str:
    return f"{match['begin']}{key_table(TABLES[match['where']])}{match['end']}"


def key_table(table: KeyTable) -> str:
    """The keys of one place, as a table of Markdown."""
    rows = ["| key | what it says | such as |", "|---|---|---|"]
    return "\n".join([*rows, *map(_row, table.entries), ""])


def _row(entry: KeyEntry[object]) -> str:
    example = entry.example.replace("|", r"\|")
    return f"| `{entry.name}` | {entry.says} | `{example}` |"
