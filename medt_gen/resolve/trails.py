"""How a value came about, step by step: what a shape error shows of its inputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from medt_gen.algebra.terms import Shape
from medt_gen.messages.diagnostics import Note, Place, TraceStep

# Of a longer way, the last part.
_MOST_STEPS = 1_000


@dataclass(frozen=True, eq=False)
class Trail:
    """The last step of a value, what came out, and the trail before that step.

    Without a `text` the step is called as it is written at its place.
    """

    text: str
    shape: Shape
    place: Place
    before: Trail | None = None

    def steps(self) -> tuple[TraceStep, ...]:
        """The steps, the first one first; of a very long way the last thousand."""
        backwards = list(islice(self._backwards(), _MOST_STEPS))
        return tuple(reversed(backwards))

    def _backwards(self) -> Iterator[TraceStep]:
        trail: Trail | None = self
        while trail is not None:
            text = trail.text or trail.place.text
            yield TraceStep(text, str(trail.shape), trail.place)
            trail = trail.before


class Traced(Protocol):
    """A value with its trail."""

    @property
    def shape(self) -> Shape: ...

    @property
    def trail(self) -> Trail | None: ...


_ORDINALS = ("first", "second", "third")


def traces(values: Sequence[Traced], name: str = "the value") -> tuple[Note, ...]:
    """Notes that say how each of the inputs of a step came about.

    A single one is called `name`.
    """
    notes = []
    for number, value in enumerate(values):
        if value.trail is None:
            continue
        which = name
        if len(values) > 1:
            ordinal = _ORDINALS[number] if number < len(_ORDINALS) else "next"
            which = f"the {ordinal} value"
        text = f"how {which} came to be {value.shape}:"
        notes.append(Note(text, value.trail.place, value.trail.steps()))
    return tuple(notes)
