"""How much one text may hold: counted while it is read, before it can grow.

Aliases repeat a value without repeating its text, so that the length of the text says
nothing of what it stands for.
"""

from __future__ import annotations

from dataclasses import dataclass

from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, Place

MAX_DEPTH = 100
MAX_NODES = 100_000


@dataclass
class NodeCount:
    """The nodes of a text so far."""

    nodes: int = 0

    def add(self, more: int, place: Place) -> None:
        """Count what stands at `place`; raises InvalidInput when it is too much."""
        self.nodes += more
        if self.nodes > MAX_NODES:
            raise InvalidInput(
                Diagnostic(
                    "too-large",
                    f"the spec has more than {MAX_NODES:,} values, aliases counted as "
                    "often as they are used",
                    place,
                    "repeat blocks with `Stage` and `depth:`, not with aliases",
                )
            )


def check_depth(depth: int, place: Place) -> None:
    """Raise InvalidInput where values are nested more than `MAX_DEPTH` deep."""
    if depth > MAX_DEPTH:
        raise InvalidInput(
            Diagnostic(
                "too-deep",
                f"values are nested more than {MAX_DEPTH} deep",
                place,
                "write the spec flatter: no real one comes near this depth",
            )
        )
