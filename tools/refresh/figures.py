"""The figures of the docs, and the structure of those that the tests keep."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from medt_gen.drawing.drawing import Drawing
from medt_gen.drawing.graphs import network_graphs
from medt_gen.figures.network import network_figure
from medt_gen.figures.svg import svg_text
from medt_gen.loading.load import load
from tools.refresh.artifacts import Artifact, with_left_over

SVG = "{http://www.w3.org/2000/svg}"
FIGURES = Path("docs/figures")
STRUCTURES = Path("tests/figures/structure")
NETWORKS = ("axialunet", "gated", "logo", "medt")
GALLERY = (
    "attention_unet",
    "axial_resnet_small",
    "deep_supervision",
    "plain_unet",
    "residual_unet",
    "three_scales",
)
KEPT_DEPTHS = (1, 3)


def figures(root: Path) -> list[Artifact]:
    """The figures of the four networks and of six of the gallery, and what is kept."""
    specs = {name: root / "specs" / f"{name}.yaml" for name in NETWORKS}
    others = {name: root / "specs/variants" / f"{name}.yaml" for name in GALLERY}
    pictures = [
        Artifact(root / FIGURES / f"{name}.svg", _drawn(path))
        for name, path in (specs | others).items()
    ]
    kept = [
        Artifact(
            root / STRUCTURES / f"{name}-{depth}.txt", structure(_drawn(path, depth))
        )
        for name, path in specs.items()
        for depth in KEPT_DEPTHS
    ]
    return [
        *with_left_over(pictures, root / FIGURES, "*.svg"),
        *with_left_over(kept, root / STRUCTURES, "*.txt"),
    ]


def _drawn(path: Path, depth: int = 1) -> str:
    """The text of a figure, as `draw` writes it."""
    network = load(path).usual
    graphs = network_graphs(network)
    assert graphs is not None
    return svg_text(network_figure(network, Drawing(graphs), depth=depth))


def structure(text: str) -> str:
    """What an SVG says, without where: a line for each group, with the texts in it."""
    return "\n".join(_group_lines(ElementTree.fromstring(text), 0)) + "\n"


def _group_lines(element: ElementTree.Element, depth: int) -> Iterator[str]:
    for group in element.findall(f"{SVG}g"):
        texts = [item.text or "" for item in group.findall(f"{SVG}text")]
        words = f": {' | '.join(texts)}" if texts else ""
        yield f"{'  ' * depth}{group.get('class')} {group.get('id')}{words}"
        yield from _group_lines(group, depth + 1)
