"""The report of `medt-gen build`, drawn with rich."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from medt_gen.catalog.containers import PARAMETER
from medt_gen.loading.run_sizes import RunSizes
from medt_gen.loading.spec import Spec
from medt_gen.messages.wording import shown
from medt_gen.runtime.measure import Measures, ModuleMeasure
from medt_gen.spec.read_class import TITLE

_NO_FLOW = "not known: the spec has no `forward:`"


def print_report(spec: Spec, measures: Measures) -> None:
    """A table of the top-level modules, the shapes, and the parameters."""
    console = Console()
    console.print(_title(spec, measures), highlight=False)
    console.print(_table(measures))
    console.print(_summary(measures), highlight=False)


def _title(spec: Spec, measures: Measures) -> Text:
    title = spec.network.root.declaration.keys[TITLE]
    text = Text(measures.name, style="bold")
    return text.append(f"  {shown(title, 200)}", "not bold") if title else text


def _table(measures: Measures) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("module", no_wrap=True)
    # Where there is too little room, the type gives way first.
    table.add_column("type", style="cyan", overflow="ellipsis")
    table.add_column("output", no_wrap=True)
    table.add_column("parameters", justify="right", no_wrap=True)
    last = len(measures.modules) - 1
    for number, module in enumerate(measures.modules):
        branch = "└─ " if number == last else "├─ "
        name = Text(branch, style="dim").append(module.name, "default")
        parameters = f"{module.parameters:,}" if module.parameters else "-"
        output = _output(module) if measures.output is not None else Text("-")
        table.add_row(name, module.type, output, parameters)
    return table


def _output(module: ModuleMeasure) -> Text:
    if module.output is None and module.calls:
        parts = "read" if module.type == PARAMETER else "in parts"
        return Text(parts, style="dim")
    if module.output is None:
        return Text("never called", style="yellow")
    text = Text(_shape(module.output))
    return text.append(f"  x{module.calls}", "magenta") if module.calls > 1 else text


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


def _shape(numbers: tuple[int, ...]) -> str:
    return " x ".join(str(number) for number in numbers)


def _summary(measures: Measures) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column()
    grid.add_row("input", _shape(measures.input))
    sizes = _sizes(measures.sizes)
    if measures.outputs and sizes:
        grid.add_row("sizes", sizes)
    if not measures.outputs:
        grid.add_row("output", _NO_FLOW)
    for number, (key, shape) in enumerate(measures.outputs.items()):
        several = len(measures.outputs) > 1
        label = "" if number else ("outputs" if several else "output")
        text = Text(_shape(shape))
        grid.add_row(label, text.append(f"  {shown(key)}", "dim") if several else text)
    grid.add_row(
        "parameters",
        f"{measures.parameters:,} ({measures.trainable:,} trainable, "
        f"{measures.frozen:,} frozen)",
    )
    return grid
