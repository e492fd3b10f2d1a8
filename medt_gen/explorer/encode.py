"""What the page shows as plain data, made small: texts once, rows by columns.

`page/types.js` says the same of the reading side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from medt_gen.drawing.bands import REGION, TRACK
from medt_gen.drawing.drawing import Drawing
from medt_gen.drawing.grid import Frame, Grid, Gutter, Route
from medt_gen.drawing.marks import Marks
from medt_gen.drawing.points import (
    ACROSS,
    CORNER,
    DOWN,
    HEAD,
    LABEL,
    PAD,
    PORT,
    upwards_of,
)
from medt_gen.drawing.records import Box, Edge, Graph
from medt_gen.drawing.sizes import TITLE_SIZE, BoxSize
from medt_gen.drawing.text import text_width
from medt_gen.explorer.records import Exploration, ModuleFacts, PageText, RowCost
from medt_gen.explorer.rows import row_paths
from medt_gen.figures.themes import TINTS

RULE = {
    "gapAcross": ACROSS.gap,
    "gapDown": DOWN.gap,
    "badgeDown": DOWN.badge,
    "track": TRACK,
    "region": REGION,
    "port": PORT,
    "corner": CORNER,
    "label": LABEL,
    "room": PAD,
    "head": HEAD,
    "tints": TINTS,
}
"""The numbers of the rule that makes points of grids, for the page."""

_SIDES = {"left": 0, "right": 1, "top": 2, "bottom": 3}
_STATES = {"": 0, "added": 1, "removed": 2, "changed": 3}


def encoded(exploration: Exploration) -> dict[str, Any]:
    """The data of the page."""
    strings = _Strings()
    rows = exploration.rows
    data: dict[str, Any] = {
        "subject": exploration.subject,
        "title": exploration.title,
        "compares": exploration.compares,
        "totals": list(exploration.totals.items()),
        "noFlow": exploration.no_flow,
        "noLines": exploration.no_lines,
        "notes": list(exploration.notes),
        "changes": list(exploration.changes),
        "depth": [row.depth for row in rows],
        "name": [strings.number(row.name) for row in rows],
        "type": [strings.number(row.type) for row in rows],
        "text": [strings.number(row.text) for row in rows],
        "count": _sparse(row.count if row.count > 1 else None for row in rows),
        "state": _sparse(_STATES[row.state] or None for row in rows),
        "before": _sparse(row.before or None for row in rows),
        "change": _sparse(row.change or None for row in rows),
        "costs": [_cost(cost, strings) for cost in exploration.costs],
        **_facts(exploration),
        "texts": [_page_text(text) for text in exploration.texts],
        "emitted": _page_text(exploration.emitted) if exploration.emitted else None,
        "rule": RULE,
        "graphs": _graphs(exploration.drawing, exploration.marks),
    }
    return {**data, "strings": strings.found}


class _Strings:
    """Texts by their number, each once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    @property
    def found(self) -> list[str]:
        return list(self._numbers)


def _sparse(values: Iterable[Any]) -> dict[int, Any]:
    return {index: value for index, value in enumerate(values) if value is not None}


def _cost(cost: RowCost | None, strings: _Strings) -> list[int] | None:
    if cost is None:
        return None
    return [
        strings.number(cost.output),
        cost.parameters,
        cost.multiply_adds,
        cost.output_bytes,
        cost.calls,
    ]


def _facts(exploration: Exploration) -> dict[str, Any]:
    """The facts of each row by their number; equal ones are there once."""
    known: dict[ModuleFacts, int] = {}
    numbers = [
        -1
        if (facts := exploration.facts.get(path)) is None
        else known.setdefault(facts, len(known))
        for path in row_paths(exploration.rows)
    ]
    return {"fact": numbers, "facts": [_fact(facts) for facts in known]}


def _fact(facts: ModuleFacts) -> dict[str, Any]:
    record: dict[str, Any] = {
        "args": [
            [item.name, item.value, item.why, item.words, item.before]
            for item in facts.arguments
        ],
        "spec": facts.spec,
        "made": facts.made,
        "calls": facts.calls,
        "own": facts.own,
    }
    return {key: value for key, value in record.items() if value}


def _page_text(text: PageText) -> dict[str, str]:
    return {"name": text.name, "text": text.text}


# --- graphs ---------------------------------------------------------------------------


def _graphs(drawing: Drawing | None, marks: Marks | None) -> list[dict[str, Any]]:
    if drawing is None:
        return []
    return [
        _graph(drawing, index, graph, marks)
        for index, graph in enumerate(drawing.graphs.graphs)
    ]


def _graph(
    drawing: Drawing, index: int, graph: Graph, marks: Marks | None
) -> dict[str, Any]:
    grid, sizes = drawing.grid(index), drawing.sizes(index)
    upwards = upwards_of(drawing, index)
    boxes = [
        _box(box, size, above=number in upwards)
        for number, (box, size) in enumerate(zip(graph.boxes, sizes, strict=True))
    ]
    edges = [
        _edge(edge, route) for edge, route in zip(graph.edges, grid.routes, strict=True)
    ]
    record = {"bySize": graph.by_size, "boxes": boxes, "edges": edges, **_grid(grid)}
    if marks is not None:
        record["boxStates"] = [_STATES[state] for state in marks.boxes[index]]
        record["edgeStates"] = [_STATES[state] for state in marks.edges[index]]
        record["boxBefore"] = _sparse(text or None for text in marks.before[index])
    return record


def _box(box: Box, size: BoxSize, *, above: bool) -> dict[str, Any]:
    record: dict[str, Any] = {
        "key": box.key,
        "kind": box.kind,
        "family": box.family,
        "title": box.title,
        "detail": box.detail,
        "width": size.width,
        "height": size.height,
        "label": size.label,
        "labelWidth": size.label_width,
        "path": box.path,
        "members": list(box.members),
        "shape": list(box.shape or ()),
        "above": above,
        "cuts": [list(cut) for cut in box.cuts],
        "output": box.output,
        "blocks": list(box.blocks),
    }
    if box.inside is not None:
        record["inside"] = box.inside
        record["titleWidth"] = text_width(box.title, TITLE_SIZE)
    if size.title != box.title:
        record["shortTitle"] = size.title
    if size.detail != box.detail:
        record["shortDetail"] = size.detail
    return {key: value for key, value in record.items() if value or value == 0}


def _edge(edge: Edge, route: Route) -> list[Any]:
    return [
        edge.source,
        edge.target,
        int(edge.further),
        list(edge.shape),
        [_SIDES[route.start.side], route.start.beside],
        [_SIDES[route.end.side], route.end.beside],
        [[int(bend.upright), bend.gutter, bend.track] for bend in route.bends],
    ]


def _grid(grid: Grid) -> Mapping[str, Any]:
    return {
        "columns": grid.columns,
        "rows": grid.rows,
        "cells": [[cell.column, cell.row] for cell in grid.cells],
        "columnGutters": [_gutter(item) for item in grid.column_gutters],
        "rowGutters": [_gutter(item) for item in grid.row_gutters],
        "frames": [_frame(frame) for frame in grid.frames],
    }


def _gutter(gutter: Gutter) -> list[int]:
    return [gutter.tracks, gutter.closing, gutter.opening]


def _frame(frame: Frame) -> list[Any]:
    return [
        frame.name,
        frame.badge,
        frame.first.column,
        frame.first.row,
        frame.last.column,
        frame.last.row,
        frame.levels,
    ]
