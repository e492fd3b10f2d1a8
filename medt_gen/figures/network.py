"""The figure of a network, by its flow."""

from __future__ import annotations

from medt_gen.drawing.drawing import Drawing
from medt_gen.drawing.points import scene_of
from medt_gen.figures.compose import figure_of
from medt_gen.figures.shapes import Figure
from medt_gen.figures.themes import THEMES
from medt_gen.network.records import Network
from medt_gen.spec.read_class import TITLE


def network_figure(
    network: Network,
    drawing: Drawing,
    *,
    depth: int = 1,
    theme: str = "light",
    width: float | None = None,
) -> Figure:
    """The figure of a network that is drawn, its boxes opened to a depth.

    `width` is how wide it is asked to be, in points of 1/72 inch. The legend has the
    titles of blocks.
    """
    scene = scene_of(drawing, set(drawing.addresses(depth)))
    titles = {
        block.declaration.name: str(block.declaration.keys[TITLE] or "")
        for block in network.blocks
    }
    name = str(network.root.declaration.keys[TITLE] or network.name)
    return figure_of(scene, name, THEMES[theme], titles, width=width)
