"""A resolved network -> the tree that `print(model)` shows, without building it."""

from __future__ import annotations

from medt_gen.network.prints_layers import layer_row
from medt_gen.network.records import (
    Group,
    Instance,
    Leaf,
    Module,
    Network,
    OwnParameter,
    Use,
)
from medt_gen.printouts.tree import Node, render


def printed_tree(network: Network) -> Node:
    """The printed module tree of a network, as torch before 2.13 writes it."""
    return Node("", network.name, (), _rows(network.root))


def _rows(instance: Instance) -> tuple[Node, ...]:
    return tuple(
        _node(module)
        for module in instance.modules
        if module.body is not None and not isinstance(module.body, OwnParameter)
    )


def _node(module: Module) -> Node:
    body = module.body
    if isinstance(body, Leaf):
        return layer_row(module.name, body.layer, body.values, body.rank)
    if isinstance(body, Use):
        return Node(module.name, module.type, (), _rows(body.instance))
    assert isinstance(body, Group)
    lines = body.printed.lines if body.printed else ()
    rows = tuple(_node(child) for child in body.children if child.body is not None)
    return Node(module.name, module.type, lines, _runs(rows, module.type))


def _runs(rows: tuple[Node, ...], type_name: str) -> tuple[Node, ...]:
    """Equal neighbours of a ModuleList as torch prints them: `(0-3): 4 x ...`."""
    return rows if type_name != "ModuleList" else folded(rows)


def folded(rows: tuple[Node, ...]) -> tuple[Node, ...]:
    """Numbered rows with equal neighbours made one counted row."""
    texts = [_text(row) for row in rows]
    found: list[Node] = []
    start = 0
    for index in range(1, len(rows) + 1):
        if index < len(rows) and texts[index] == texts[start]:
            continue
        found.append(_run(rows[start], index - start))
        start = index
    return tuple(found)


def _run(first: Node, count: int) -> Node:
    if count == 1:
        return first
    name = f"{first.name}-{int(first.name) + count - 1}"
    return Node(name, first.type, first.attributes, first.children, count)


def _text(row: Node) -> str:
    return render(Node("", row.type, row.attributes, row.children))
