"""`medt-gen summary`: sizes, parameters and work of every module, without torch."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from medt_gen.commands.options import add_spec_options, load_spec
from medt_gen.commands.shown import show_warnings
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput

if TYPE_CHECKING:
    from medt_gen.network.cost_groups import GroupCost
    from medt_gen.network.costs import ModuleCost
    from medt_gen.network.summary import Summary

_USUAL_DEPTH = 2
_ALL = "all"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_spec_options(parser)
    rows = parser.add_mutually_exclusive_group()
    rows.add_argument(
        "--depth",
        metavar="N",
        help="how many levels of modules are shown, or `all`; a table has "
        f"{_USUAL_DEPTH} without it, --json and --csv all",
    )
    rows.add_argument(
        "--by",
        choices=("block", "stage", "branch"),
        help="sum up by blocks, by modules of the network itself, or by branches",
    )
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument(
        "--json", dest="as_json", action="store_true", help="the summary for programs"
    )
    forms.add_argument(
        "--csv", dest="as_csv", action="store_true", help="the rows as a spreadsheet"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the rows that were asked for."""
    depth = _depth(arguments)
    spec = load_spec(arguments, arguments.spec)
    show_warnings(spec)
    from medt_gen.network.cost_groups import grouped_costs
    from medt_gen.network.summary import summarize
    from medt_gen.spec.read_class import TITLE

    summary = summarize(spec.network, spec.usual)
    rows = [row for row in summary.modules if depth is None or row.depth < depth]
    groups: Sequence[GroupCost] = ()
    if arguments.by is not None:
        groups = grouped_costs(summary, spec.usual, arguments.by)
    if arguments.as_json:
        print(json.dumps(_record(summary, rows, groups, arguments.by), indent=2))
    elif arguments.as_csv:
        _write_table(groups if arguments.by else rows)
    else:
        from medt_gen.views.summary_report import print_summary

        title = spec.network.root.declaration.keys[TITLE]
        print_summary(summary, title, rows, groups, arguments.by)
    return 0


def _depth(arguments: argparse.Namespace) -> int | None:
    """How many levels are shown, None for all; raises UnreadableInput."""
    given = arguments.depth
    if given is None:
        return None if arguments.as_json or arguments.as_csv else _USUAL_DEPTH
    if given == _ALL:
        return None
    if given.isascii() and given.isdecimal() and int(given[:9]) > 0:
        return int(given[:9])
    raise UnreadableInput(
        Diagnostic("usage", "--depth takes a number from 1 on, or `all`")
    )


def _record(
    summary: Summary,
    rows: Sequence[ModuleCost],
    groups: Sequence[GroupCost],
    by: str | None,
) -> dict[str, Any]:
    """The summary as plain data; shapes are without the batch."""
    record = asdict(replace(summary, modules=()))
    del record["modules"], record["has_fast"]
    if by is not None:
        return {**record, "by": by, "groups": [asdict(group) for group in groups]}
    return {**record, "modules": [_row_record(row) for row in rows]}


def _row_record(row: ModuleCost) -> dict[str, Any]:
    outputs = [{"shape": shape, "calls": calls} for shape, calls in row.outputs.items()]
    return {**vars(row), "outputs": outputs}


def _write_table(rows: Sequence[ModuleCost | GroupCost]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    records = [_flat(vars(row)) for row in rows]
    if records:
        writer.writerow(records[0])
    writer.writerows(record.values() for record in records)


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    """A row with its shapes in one cell: `8x64x64 (2 times), 8x32x32`."""
    if "outputs" not in record:
        return record
    cells = [
        "x".join(map(str, shape)) + (f" ({calls} times)" if calls > 1 else "")
        for shape, calls in record["outputs"].items()
    ]
    return {**record, "outputs": ", ".join(cells)}
