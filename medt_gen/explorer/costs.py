"""What each row of a spec's tree costs, and what the network does in all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from medt_gen.explorer.records import RowCost, TreeRow
from medt_gen.explorer.rows import row_paths
from medt_gen.loading.spec import Spec
from medt_gen.network.costs import ModuleCost
from medt_gen.network.summary import Summary, summarize
from medt_gen.paths.keys import join, parent_path

_NEVER = "never called"
_SEVERAL = "several sizes"


@dataclass(frozen=True)
class Costs:
    """What the rows of a tree cost, and the totals in words."""

    rows: tuple[RowCost | None, ...]
    totals: Mapping[str, str]


def spec_costs(spec: Spec, rows: tuple[TreeRow, ...]) -> Costs:
    """What the rows of a spec's printed tree cost."""
    summary = summarize(spec.network, spec.usual)
    known = {row.path: row for row in summary.modules}
    whole = _whole(summary)
    paths = row_paths(rows)
    costs = [
        whole if not path else _cost(path, row, known)
        for path, row in zip(paths, rows, strict=True)
    ]
    return Costs(tuple(costs), dict(_totals(summary)))


def _whole(summary: Summary) -> RowCost:
    totals = summary.totals
    outputs = summary.outputs or {}
    sizes = [_size(shape) for shape in outputs.values()]
    return RowCost(
        sizes[0] if len(sizes) == 1 else f"{len(sizes)} results" if sizes else "",
        totals.parameters,
        totals.multiply_adds,
        totals.output_bytes,
        1,
    )


def _cost(path: str, row: TreeRow, known: Mapping[str, ModuleCost]) -> RowCost | None:
    """What a row costs; of a run, all that it stands for."""
    found = list(_modules(path, row, known))
    if not found:
        return None
    outputs = {shape for item in found for shape in item.outputs}
    calls = sum(item.calls for item in found)
    output = _SEVERAL if len(outputs) > 1 else "".join(map(_size, outputs))
    return RowCost(
        output if calls else _NEVER,
        sum(item.parameters for item in found),
        sum(item.multiply_adds for item in found),
        sum(item.output_bytes for item in found),
        calls,
    )


def _modules(
    path: str, row: TreeRow, known: Mapping[str, ModuleCost]
) -> Iterator[ModuleCost]:
    if row.count == 1:
        names = [path]
    else:
        first = int(path.rpartition(".")[2])
        numbers = range(first, first + row.count)
        names = [join(parent_path(path), str(number)) for number in numbers]
    for name in names:
        if name in known:
            yield known[name]


def _totals(summary: Summary) -> Iterator[tuple[str, str]]:
    totals = summary.totals
    yield "input", _size(summary.input)
    for name, shape in (summary.outputs or {}).items():
        yield f"output {name}" if name != "out" else "output", _size(shape)
    yield "parameters", f"{totals.parameters:,}"
    yield "multiply-adds", f"{totals.multiply_adds:,}"
    yield "bytes of outputs", f"{totals.output_bytes:,}"


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
