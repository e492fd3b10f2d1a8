"""One side as what the page shows: a spec, a printout, a file, keys, a model."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from medt_gen.compare.descriptions import (
    Description,
    describe_spec,
    read_description,
)
from medt_gen.drawing.drawing import Drawing
from medt_gen.drawing.graphs import network_graphs
from medt_gen.emitter.built import spec_in
from medt_gen.emitter.line_map import ModuleLines
from medt_gen.emitter.source import emitted
from medt_gen.emitter.stamp import is_ours, is_untouched
from medt_gen.explorer.costs import spec_costs
from medt_gen.explorer.facts import Texts, module_facts
from medt_gen.explorer.keys import tree_of_keys
from medt_gen.explorer.records import Exploration, PageText
from medt_gen.explorer.rows import tree_rows
from medt_gen.messages.diagnostics import InvalidInput
from medt_gen.messages.wording import shown
from medt_gen.printouts.limits import read_text
from medt_gen.printouts.tree import Node

_IMPORT = "`medt-gen import` makes a spec of a printout, and its flow is then drawn."
_MOST_NAME = 300
_NO_FLOW = "No flow: {} tells which modules there are, and not who calls whom. "
_WITHOUT = "No flow: the spec has no `forward:`."


@dataclass(frozen=True)
class Side:
    """What one side says, and why there are no lines of the emitted file."""

    description: Description
    edited: bool = False


def read_side(
    path: str | os.PathLike[str],
    number: int | None = None,
    overrides: Sequence[str] = (),
    option: str = "--set",
) -> Side:
    """What a file describes; an emitted file that was edited since tells its spec."""
    name = os.fspath(path)
    if name.endswith(".py") and Path(name).is_file():
        source = read_text(name)
        if is_ours(source.text) and not is_untouched(source.text):
            spec = spec_in(source, overrides)
            return Side(describe_spec(name, "emitted file", spec), edited=True)
    return Side(read_description(path, number, overrides, option))


def explored(side: Side) -> Exploration:
    """What the page shows of one side."""
    description = side.description
    tree = side_tree(description)
    rows = tuple(tree_rows(tree))
    title = shown(description.name, _MOST_NAME)
    subject = f"{description.kind} {title}"
    if description.spec is None:
        return Exploration(
            subject,
            title,
            rows,
            no_flow=_NO_FLOW.format(f"a {description.kind}") + _IMPORT,
            no_lines="",
            notes=_notes(description),
        )
    spec = description.spec
    costs = spec_costs(spec, rows)
    written = written_lines(side)
    texts = Texts()
    facts = module_facts(spec.network, texts, written.lines)
    graphs = network_graphs(spec.usual)
    return Exploration(
        subject,
        spec.title,
        rows,
        costs.rows,
        costs.totals,
        facts,
        tuple(texts.found.values()),
        written.emitted,
        None if graphs is None else Drawing(graphs),
        no_flow=_WITHOUT if graphs is None else "",
        no_lines=written.why,
    )


def side_tree(description: Description) -> Node:
    """The printed tree of a side; of keys, what they tell of one."""
    if description.tree is not None:
        return description.tree
    return tree_of_keys(description.tensors or {})


def _notes(description: Description) -> tuple[str, ...]:
    if description.tree is not None:
        return ()
    return (
        "The names of modules follow from the keys; their classes are not in them.",
    )


@dataclass(frozen=True)
class Written:
    """The emitted file of a spec and its lines, or why there are none."""

    emitted: PageText | None = None
    lines: Mapping[str, ModuleLines] = field(default_factory=dict)
    why: str = ""


def written_lines(side: Side) -> Written:
    """The source that is emitted for a side's spec, and the lines of its modules."""
    description = side.description
    assert description.spec is not None
    name = shown(description.name, _MOST_NAME)
    if side.edited:
        return Written(why=f"{name} was edited since it was emitted: no lines of it.")
    try:
        found = emitted(description.spec)
    except InvalidInput:
        return Written(why="No emitted file: some modules can only be printed.")
    text = _without_stamp(found.source)
    kept = description.kind == "emitted file"
    title = name if kept else f"{description.spec.name}.py, as `emit` writes it"
    return Written(PageText(title, text), found.lines)


def _without_stamp(source: str) -> str:
    """The source without what stands below it for programs."""
    lines = source.rstrip("\n").split("\n")
    while lines and (lines[-1].startswith("#") or not lines[-1].strip()):
        lines.pop()
    return "\n".join(lines) + "\n"
