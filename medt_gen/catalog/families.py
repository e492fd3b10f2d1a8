"""What the families of layers have in common: ranks, and arguments by torch's names."""

from __future__ import annotations

from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import Argument
from medt_gen.catalog.forms import Field

RANKS = (1, 2, 3)
SPACE = frozenset({2, 3})
INPUTS = {1: "signals", 2: "images", 3: "volumes"}
"""What an input is called by its axes of space."""

INPLACE = Argument("inplace", kinds.BOOLEAN, default=False)
PRINTED_INPLACE = Field("inplace", unless=(False,))


def siblings(stem: str, features: str | None = None) -> dict[int, str]:
    """The layers of a family by rank; `features` is what does the like to [N, C]."""
    found = {rank: f"{stem}{rank}d" for rank in RANKS}
    return found if features is None else {0: features, **found}
