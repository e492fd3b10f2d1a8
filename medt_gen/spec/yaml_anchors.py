"""Values that are marked with `&name`, for `*name` to repeat."""

from __future__ import annotations

from dataclasses import dataclass, field

from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, Place
from medt_gen.messages.wording import shown
from medt_gen.spec.nodes import Node


@dataclass(frozen=True)
class Anchored:
    """A value that can be repeated: how many nodes it holds, and how deep."""

    node: Node
    size: int
    height: int


@dataclass
class Anchors:
    """The anchors of one text so far; a later one of a name replaces the earlier."""

    by_name: dict[str, Anchored] = field(default_factory=dict)

    def mark(self, name: str, anchored: Anchored) -> None:
        """Remember a value that has been read to its end."""
        self.by_name[name] = anchored

    def repeated(self, name: str, place: Place) -> Anchored:
        """What the alias at `place` stands for; raises InvalidInput where nothing is.

        A value that is still open has no anchor yet, so that none can hold itself.
        """
        if name in self.by_name:
            return self.by_name[name]
        raise InvalidInput(
            Diagnostic(
                "unknown-alias",
                f"`*{shown(name)}` names no value that ends before it",
                place,
                f"mark the value to repeat with `&{shown(name)}`",
            )
        )
