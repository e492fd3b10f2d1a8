"""The report of `medt-gen summary`, drawn with rich."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from medt_gen.messages.wording import counted, shown
from medt_gen.network.cost_groups import GroupCost
from medt_gen.network.costs import ModuleCost
from medt_gen.network.summary import Summary
from medt_gen.views.amounts import short, short_bytes, size
from medt_gen.views.cost_table import group_table, module_table

NO_FLOW = "not known: the spec has no `forward:`"
_BY_DEFINITION = "attention by its definition; what is built does less"


def print_summary(
    summary: Summary,
    title: str | None,
    rows: Sequence[ModuleCost],
    groups: Sequence[GroupCost] = (),
    by: str | None = None,
) -> None:
    """The rows that were asked for, or groups, and the totals."""
    console = Console()
    console.print(heading(summary.name, title), highlight=False)
    known, width = summary.outputs is not None, console.width
    if by is None:
        console.print(module_table(rows, flow_known=known, width=width))
    else:
        console.print(group_table(groups, by, width))
    console.print(_totals(summary), highlight=False)


def heading(name: str, title: str | None) -> Text:
    """The name of a network, and its title."""
    text = Text(name, style="bold")
    return text.append(f"  {shown(title, 200)}", "not bold") if title else text


def facts() -> Table:
    """A table of two columns: what, and how much."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column()
    return grid


def _totals(summary: Summary) -> Table:
    grid, totals = facts(), summary.totals
    grid.add_row("input", size(summary.input))
    add_outputs(grid, summary.outputs)
    grid.add_row("parameters", parameters_text(totals.trainable, totals.frozen))
    if summary.open_modules:
        left_out = f"without those of {counted(summary.open_modules, 'open module')}"
        grid.add_row("", Text(left_out, style="yellow"))
    grid.add_row("buffers", counted(totals.buffers, "value"))
    if summary.outputs is None:
        return grid
    work = f"{short(totals.multiply_adds)} ({totals.multiply_adds:,})"
    grid.add_row("mult-adds", work)
    if summary.has_fast:
        grid.add_row("", Text(_BY_DEFINITION, style="dim"))
    held = f"{short_bytes(totals.output_bytes)}, of all called layers in float32"
    grid.add_row("bytes", held)
    return grid


def add_outputs(grid: Table, outputs: Mapping[str, tuple[int, ...]] | None) -> None:
    """Rows for the results, with their keys where there are several; None: unknown."""
    if outputs is None:
        grid.add_row("output", NO_FLOW)
        return
    several = len(outputs) > 1
    for number, (key, shape) in enumerate(outputs.items()):
        label = "" if number else ("outputs" if several else "output")
        text = Text(size(shape))
        grid.add_row(label, text.append(f"  {shown(key)}", "dim") if several else text)


def parameters_text(trainable: int, frozen: int) -> str:
    """The parameters, and how many of them learn from the start."""
    return f"{trainable + frozen:,} ({trainable:,} trainable, {frozen:,} frozen)"
