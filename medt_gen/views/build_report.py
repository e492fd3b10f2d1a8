"""The report of `medt-gen build`, drawn with rich."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from medt_gen.loading.run_sizes import RunSizes
from medt_gen.loading.spec import Spec
from medt_gen.runtime.measure import Measures
from medt_gen.spec.read_class import TITLE
from medt_gen.views.amounts import size
from medt_gen.views.cost_table import module_table
from medt_gen.views.summary_report import (
    add_outputs,
    facts,
    heading,
    parameters_text,
)


def print_report(spec: Spec, measures: Measures) -> None:
    """A table of the top-level modules, the shapes, and the parameters."""
    console = Console()
    title = spec.network.root.declaration.keys[TITLE]
    console.print(heading(measures.name, title), highlight=False)
    known = measures.outputs is not None
    table = module_table(measures.modules, flow_known=known, width=console.width)
    console.print(table)
    console.print(_facts(measures), highlight=False)


def _facts(measures: Measures) -> Table:
    grid = facts()
    grid.add_row("input", size(measures.input))
    sizes = _sizes(measures.sizes)
    if measures.outputs is not None and sizes:
        grid.add_row("sizes", sizes)
    add_outputs(grid, measures.outputs)
    grid.add_row("parameters", parameters_text(measures.trainable, measures.frozen))
    return grid


def _sizes(sizes: RunSizes) -> str:
    """The lengths of each axis that work, once for axes that are alike."""
    rows = zip(sizes.multiples, sizes.least, sizes.largest, strict=True)
    texts = [_lengths(*row) for row in rows]
    return texts[0] if len({*texts}) == 1 else " x ".join(texts)


def _lengths(step: int, least: int, largest: int | None) -> str:
    if least == largest:
        return f"{least} alone"
    end = "on" if largest is None else f"to {largest}"
    many = f"multiples of {step} from {least} {end}"
    return f"from {least} {end}" if step == 1 else many
