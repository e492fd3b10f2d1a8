"""Tables of what modules hold and do, drawn with rich."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.console import Group, JustifyMethod
from rich.table import Table
from rich.text import Text

from medt_gen.network.cost_groups import GroupCost
from medt_gen.network.costs import ModuleCost
from medt_gen.views.amounts import short, short_bytes, size

_LEAST_TYPE = 11
"""How narrow the column of types may get before another column goes."""
_BETWEEN = 3
"""The blanks that a table puts between two columns."""

Cells = Sequence[Text]


def module_table(rows: Sequence[ModuleCost], *, flow_known: bool, width: int) -> Group:
    """Modules as a tree, in the order of the rows, in no more than `width` columns."""
    names = [
        Text(branch, style="dim").append(row.path.rpartition(".")[2], "default")
        for branch, row in zip(_branches(rows), rows, strict=True)
    ]
    types = [row.type for row in rows]
    outputs = [_output(row) if flow_known else Text("-") for row in rows]
    columns = {"module": names, "output": outputs, **_amounts(rows)}
    return _fitted(columns, "type", types, width)


def group_table(groups: Sequence[GroupCost], by: str, width: int) -> Group:
    """Groups of modules: what each adds up to."""
    names = [Text(group.name) for group in groups]
    kinds = [group.modules for group in groups]
    return _fitted({by: names, **_amounts(groups)}, "of", kinds, width)


def _amounts(rows: Sequence[ModuleCost | GroupCost]) -> dict[str, Cells]:
    return {
        "params": [_text(f"{row.parameters:,}", row.parameters) for row in rows],
        "mult-adds": [
            _text(short(row.multiply_adds), row.multiply_adds) for row in rows
        ],
        "bytes": [
            _text(short_bytes(row.output_bytes), row.output_bytes) for row in rows
        ],
    }


def _text(text: str, number: int) -> Text:
    return Text(text if number else "-")


def _fitted(
    columns: Mapping[str, Cells], type_name: str, types: Sequence[str], width: int
) -> Group:
    """A table in which the types give way first, and then the last columns."""
    needed = {
        name: max(cell.cell_len for cell in (Text(name), *cells))
        for name, cells in columns.items()
    }
    left_out: list[str] = []
    for name in reversed(tuple(columns)[2:]):
        taken = sum(needed.values()) + _BETWEEN * len(needed)
        if taken + _LEAST_TYPE <= width:
            break
        left_out.insert(0, name)
        del needed[name]
    first, *others = needed
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(first, no_wrap=True, min_width=needed[first])
    table.add_column(type_name, style="cyan", overflow="ellipsis", no_wrap=True)
    for name in others:
        side: JustifyMethod = "left" if name == "output" else "right"
        table.add_column(name, justify=side, no_wrap=True, min_width=needed[name])
    for number, text in enumerate(types):
        cells = [columns[name][number] for name in others]
        table.add_row(columns[first][number], text, *cells)
    if not left_out:
        return Group(table, "")
    names = " and ".join(left_out)
    return Group(table, Text(f"no room for {names}: --csv has them\n", style="dim"))


def _output(row: ModuleCost) -> Text:
    if not row.calls:
        return Text("never called", style="yellow")
    if not row.outputs:
        return Text("in parts", style="dim")
    if row.kind == "parameter":
        return Text("read", style="dim")
    first, *others = row.outputs
    text = Text(f"{len(others) + 1} sizes" if others else size(first))
    return text.append(f"  x{row.calls}", "magenta") if row.calls > 1 else text


def _branches(rows: Sequence[ModuleCost]) -> Iterator[str]:
    """What stands before each name: which rows are below which."""
    last = _last_ones(rows)
    open_at: list[bool] = []
    for row, is_last in zip(rows, last, strict=True):
        del open_at[row.depth :]
        lines = "".join("   " if done else "│  " for done in open_at)
        yield lines + ("└─ " if is_last else "├─ ")
        open_at.append(is_last)


def _last_ones(rows: Sequence[ModuleCost]) -> list[bool]:
    """Whether no further row of the same parent follows."""
    found: list[bool] = []
    followed: set[str] = set()
    for row in reversed(rows):
        parent = row.path.rpartition(".")[0]
        found.append(parent not in followed)
        followed.add(parent)
    return found[::-1]
