"""Columns or rows with the gutters between them, in px."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from medt_gen.drawing.grid import Gutter

TRACK = 8
REGION = 10


@dataclass(frozen=True)
class Measure:
    """What gutters take: `gap` an inner one, `badge` what is written on each frame."""

    gap: int
    badge: int


@dataclass(frozen=True)
class Bands:
    """Bands one after the other: where each starts, and the first track of gutters."""

    starts: tuple[float, ...]
    sizes: tuple[float, ...]
    leads: tuple[float, ...]
    total: float

    def track(self, gutter: int, track: int) -> float:
        """Where a track runs."""
        return self.leads[gutter] + track * TRACK

    def middle(self, band: int) -> float:
        """The middle of a band."""
        return self.starts[band] + self.sizes[band] / 2


def bands_of(
    sizes: Sequence[float], gutters: Sequence[Gutter], measure: Measure
) -> Bands:
    """The bands of these sizes; there is a gutter before each, and one after all."""
    starts, leads = [], []
    at = 0.0
    for number, gutter in enumerate(gutters):
        outer = number in (0, len(sizes))
        at += gutter.closing * REGION
        if outer:
            leads.append(at + TRACK / 2)
            at += gutter.tracks * TRACK
        else:
            leads.append(at + measure.gap / 2)
            at += measure.gap + max(gutter.tracks - 1, 0) * TRACK
        at += gutter.opening * (REGION + measure.badge)
        if number < len(sizes):
            starts.append(at)
            at += sizes[number]
    return Bands(tuple(starts), tuple(sizes), tuple(leads), at)
