"""A network's flow as Mermaid text, which many sites draw from a README."""

from __future__ import annotations

from collections.abc import Iterator

from medt_gen.drawing.records import Box, Graph, Region, dimensions
from medt_gen.figures.svg import MARK
from medt_gen.version import __version__

_SHAPES = {
    "input": ("([", "])"),
    "operation": ("(", ")"),
    "parameter": ("[(", ")]"),
}
_USUAL = ("[", "]")


def mermaid_text(name: str, graph: Graph) -> str:
    """The flow as the text of a Mermaid flowchart."""
    return "\n".join(_lines(name, graph)) + "\n"


def _lines(name: str, graph: Graph) -> Iterator[str]:
    yield f"%% {' '.join(name.split())}, {MARK} {__version__}"
    yield "flowchart LR"
    inside = {index for region in graph.regions for index in region.boxes}
    for index, box in enumerate(graph.boxes):
        if index not in inside:
            yield f"  {_box(index, box)}"
    for number, region in enumerate(graph.regions):
        yield from _region(region, f"r{number}", graph, "  ")
    for edge in graph.edges:
        arrow = "-.->" if edge.further else "-->"
        size = _quoted(dimensions(edge.shape))
        yield f"  b{edge.source} {arrow}|{size}| b{edge.target}"


def _region(region: Region, name: str, graph: Graph, indent: str) -> Iterator[str]:
    title = _quoted(f"{region.name}: {region.badge} patches")
    yield f"{indent}subgraph {name}[{title}]"
    inside = {index for part in region.parts for index in part.boxes}
    for index in region.boxes:
        if index not in inside:
            yield f"{indent}  {_box(index, graph.boxes[index])}"
    for number, part in enumerate(region.parts):
        yield from _region(part, f"{name}_{number}", graph, indent + "  ")
    yield f"{indent}end"


def _box(index: int, box: Box) -> str:
    first, last = _SHAPES.get(box.kind, _USUAL)
    lines = [_escaped(line) for line in (box.title, box.detail) if line]
    return f'b{index}{first}"{"<br/>".join(lines)}"{last}'


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """A text in which nothing means anything: Mermaid has codes as HTML has."""
    return "".join(
        letter if letter.isalnum() or letter in " _.,-:" else f"#{ord(letter)};"
        for letter in text
    )
