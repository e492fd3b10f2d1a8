"""A printed stage of shipped blocks -> what a spec says of it."""

from __future__ import annotations

from dataclasses import dataclass

from medt_gen.algebra.terms import Datum
from medt_gen.catalog.attention import ATTENTION_KINDS
from medt_gen.network.prints_layers import NotInCatalog, read_parts, read_values
from medt_gen.printouts.tree import Node
from medt_gen.spec.shipped import block_names

BLOCK_KINDS = {
    kind.name.replace("Attention", "Block"): kind for kind in ATTENTION_KINDS
}
"""The shipped blocks of axial attention, by name, with their kind of it."""


@dataclass(frozen=True)
class BlockFacts:
    """A shipped block as it is printed."""

    type: str
    in_channels: int
    planes: int
    heads: int
    stride: int

    @property
    def arguments(self) -> dict[str, Datum]:
        """What a spec gives where the input's channels are not known."""
        sizes: dict[str, Datum] = {
            "in_channels": self.in_channels,
            "planes": self.planes,
            "heads": self.heads,
        }
        return sizes | self.stride_argument

    @property
    def stride_argument(self) -> dict[str, Datum]:
        """The stride where it is not 1."""
        return {} if self.stride == 1 else {"stride": self.stride}


def block_facts(node: Node) -> BlockFacts | None:
    """What a row says, if it looks like a shipped block.

    Nothing else of it is judged here: who needs certainty renders the block of these
    facts and compares.
    """
    rows = {child.name: child for child in node.children}
    wanted = {"conv_down", "hight_block", "width_block"}
    if node.type not in block_names() or not wanted <= rows.keys():
        return None
    try:
        down = read_values(rows["conv_down"])
        height = read_parts(rows["hight_block"]).sizes
        width = read_parts(rows["width_block"]).sizes
    except NotInCatalog:
        return None
    heads, stride = height["heads"], width.get("stride", 1)
    # A pooling of other windows is no shipped block's.
    shipped = width.keys() <= {"channels", "heads", "stride"}
    if "out_channels" not in down or not shipped:
        return None
    if not isinstance(heads, int) or not isinstance(stride, int):
        return None
    return BlockFacts(
        node.type,
        down.number("in_channels"),
        down.number("out_channels"),
        heads,
        stride,
    )


def stage_facts(node: Node) -> list[BlockFacts] | None:
    """The blocks of a stage, or None where one of its rows is something else."""
    found = [block_facts(child) for child in node.children]
    known = [item for item in found if item is not None]
    return known if known and len(known) == len(found) else None


def is_uniform(blocks: list[BlockFacts]) -> bool:
    """Whether a `Stage` can say it: one block, the stride in the first alone."""
    first = blocks[0]
    return all(
        (b.type, b.planes, b.heads, b.stride)
        == (first.type, first.planes, first.heads, 1)
        for b in blocks[1:]
    )
