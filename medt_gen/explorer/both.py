"""Two sides as one page: a comparison, merged row by row and box by box."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from medt_gen.compare.comparison import Comparison
from medt_gen.compare.descriptions import Description
from medt_gen.compare.report import fact_lines, word_lines
from medt_gen.drawing.drawing import Drawing
from medt_gen.drawing.graphs import network_graphs
from medt_gen.drawing.marks import Merged, merged_graphs
from medt_gen.explorer.costs import Costs, spec_costs
from medt_gen.explorer.describe import Side, side_tree, written_lines
from medt_gen.explorer.facts import Texts, module_facts
from medt_gen.explorer.records import Exploration, ModuleFacts, RowCost, TreeRow
from medt_gen.explorer.rows import merged_rows, row_paths, tree_rows
from medt_gen.messages.wording import shown
from medt_gen.paths.keys import join, parent_path, paths_around
from medt_gen.printouts.tree import unwrap

_MOST_LINES = 24
_MOST_OF_A_RUN = 4096
_NO_FLOW = "No flow: it is drawn where both sides are specs, or files with one inside. "
_IMPORT = "`medt-gen import` makes a spec of a printout."


def explored_both(found: Comparison, *, right_edited: bool = False) -> Exploration:
    """What the page shows of a comparison."""
    left, right = found.left, found.right
    rows = tuple(_with_facts(tuple(_rows(found)), found))
    merged = _merged(left, right, rows)
    costs = _costs(left, right, rows)
    written = None
    texts = Texts()
    facts: dict[str, ModuleFacts] = {}
    if left.network is not None:
        facts |= _without_lines(module_facts(left.network, texts))
    if right.spec is not None:
        written = written_lines(Side(right, edited=right_edited))
        own = module_facts(right.spec.network, texts, written.lines)
        facts |= {
            path: _with_before(fact, facts.get(path)) for path, fact in own.items()
        }
    names = f"{shown(left.name)} -> {shown(right.name)}"
    return Exploration(
        f"{left.kind} compared with {right.kind}",
        names,
        rows,
        costs.rows,
        costs.totals,
        facts,
        tuple(texts.found.values()),
        written.emitted if written else None,
        None if merged is None else Drawing(merged.graphs),
        None if merged is None else merged.marks,
        no_flow=_NO_FLOW + _IMPORT if merged is None else "",
        no_lines=written.why if written else "",
        notes=tuple(f"not compared: {text}" for text in found.not_compared),
        changes=tuple(_changes(found)),
        compares=True,
    )


def _changes(found: Comparison) -> Iterable[str]:
    """What changed in a person's words, and what could be compared."""
    words = word_lines(found)
    if words:
        return words
    without = replace(found, not_compared=())
    return fact_lines(without, most=_MOST_LINES)


def _rows(found: Comparison) -> Iterable[TreeRow]:
    left, right = found.left, found.right
    if (left.tree is None) != (right.tree is None):
        # One side is keys: it has no rows to be merged, and what differs is facts.
        return tree_rows(side_tree(right if right.tree is not None else left))
    one, other = side_tree(left), side_tree(right)
    bare_one, bare_other = unwrap(one), unwrap(other)
    if (bare_one is one) != (bare_other is other):
        one, other = bare_one, bare_other
    return merged_rows(one, other, exact=found.exact)


def _with_facts(rows: tuple[TreeRow, ...], found: Comparison) -> Iterable[TreeRow]:
    """The rows, changed also where a tensor of theirs differs that no row shows."""
    before: dict[str, list[tuple[str, str]]] = {}
    for fact in found.facts:
        if fact.kind == "tensor":
            words = f"{fact.left or 'nothing'} -> {fact.right or 'nothing'}"
            before.setdefault(parent_path(fact.path), []).append((fact.path, words))
    for path, row in zip(row_paths(rows), rows, strict=True):
        told = [item for name in _names(path, row) for item in before.get(name, ())]
        if told and not row.state:
            # Of a run the number is told as well.
            around = len(parent_path(path) if row.count > 1 else path)
            change = ", ".join(f"{key[around:].lstrip('.')}: {x}" for key, x in told)
            yield replace(row, state="changed", change=change)
        else:
            yield row


def _names(path: str, row: TreeRow) -> Iterator[str]:
    """The paths of all that a row stands for; of a long run, of its first modules."""
    if row.count == 1:
        yield path
        return
    first = int(path.rpartition(".")[2])
    for number in range(first, first + min(row.count, _MOST_OF_A_RUN)):
        yield join(parent_path(path), str(number))


def _merged(
    left: Description, right: Description, rows: tuple[TreeRow, ...]
) -> Merged | None:
    if left.spec is None or right.spec is None:
        return None
    one, other = network_graphs(left.spec.usual), network_graphs(right.spec.usual)
    if one is None or other is None:
        return None
    differing: set[str] = set()
    for path, row in zip(row_paths(rows), rows, strict=True):
        if row.state:
            differing |= {path, *paths_around(path)}
    return merged_graphs(one, other, differing)


def _costs(left: Description, right: Description, rows: tuple[TreeRow, ...]) -> Costs:
    """What the rows of a side cost: of the right one, or of the only one that tells.

    What that side does not have costs nothing.
    """
    spec, lacking = (right.spec, "removed") if right.spec else (left.spec, "added")
    if spec is None:
        return Costs((), {})
    found = spec_costs(spec, tuple(row for row in rows if row.state != lacking))
    known = iter(found.rows)
    costs: list[RowCost | None] = [
        None if row.state == lacking else next(known) for row in rows
    ]
    return Costs(tuple(costs), found.totals)


def _with_before(fact: ModuleFacts, left: ModuleFacts | None) -> ModuleFacts:
    """The facts of a module, with the other values that the left side has."""
    if left is None:
        return fact
    old = {item.name: item.value for item in left.arguments}
    arguments = (
        replace(item, before=old[item.name])
        if old.get(item.name, item.value) != item.value
        else item
        for item in fact.arguments
    )
    return replace(fact, arguments=tuple(arguments))


def _without_lines(facts: Mapping[str, ModuleFacts]) -> dict[str, ModuleFacts]:
    return {path: replace(fact, made=None, calls=()) for path, fact in facts.items()}
