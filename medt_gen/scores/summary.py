"""Scores of many images in a few numbers: means, spreads, intervals, gaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

METRICS = ("dice", "iou", "precision", "recall", "hd95", "surface")
"""In the order of tables; the last two are distances."""

_DRAWS = 2000
_INTERVAL = (2.5, 97.5)


@dataclass(frozen=True)
class ImageScores:
    """The scores of one image: `values[class][metric]`, None where not defined."""

    name: str
    group: str
    values: tuple[Mapping[str, float | None], ...]

    def mean(self, metric: str) -> float | None:
        """Over the classes but the background, where it is defined."""
        found = [item[metric] for item in self.values[1:]]
        known = [value for value in found if value is not None]
        return sum(known) / len(known) if known else None


@dataclass(frozen=True)
class Summary:
    """One metric of one class, or of all but the background, over images.

    `low` and `high` bound the mean with 95%, by drawing groups anew; `left_out` counts
    the images where it is not defined.
    """

    mean: float | None
    deviation: float | None
    low: float | None
    high: float | None
    count: int
    left_out: int


def summarize(
    values: Sequence[float | None], groups: Sequence[str], seed: int = 0
) -> Summary:
    """A metric over images; the interval is by bootstrap over groups."""
    known = [(value, group) for value, group in zip(values, groups, strict=True)]
    kept = [(value, group) for value, group in known if value is not None]
    if not kept:
        return Summary(None, None, None, None, 0, len(known))
    numbers = np.asarray([value for value, _ in kept], np.float64)
    deviation = float(numbers.std(ddof=1)) if len(numbers) > 1 else None
    low, high = _interval(kept, seed)
    left_out = len(known) - len(kept)
    return Summary(float(numbers.mean()), deviation, low, high, len(kept), left_out)


def _interval(
    kept: Sequence[tuple[float, str]], seed: int
) -> tuple[float | None, float | None]:
    """95% of the means of as many groups, drawn with replacement."""
    by_group: dict[str, list[float]] = defaultdict(list)
    for value, group in kept:
        by_group[group].append(value)
    if len(by_group) < 2:
        return None, None
    sums = np.asarray([sum(items) for items in by_group.values()])
    sizes = np.asarray([len(items) for items in by_group.values()])
    drawn = np.random.default_rng(seed).integers(len(sums), size=(_DRAWS, len(sums)))
    means = sums[drawn].sum(1) / sizes[drawn].sum(1)
    low, high = np.percentile(means, _INTERVAL)
    return float(low), float(high)


def foreground_mean(images: Sequence[ImageScores], metric: str) -> float | None:
    """The mean over classes, the background left out, of the means over images."""
    if not images:
        return None
    means = []
    for number in range(1, len(images[0].values)):
        known = [image.values[number][metric] for image in images]
        counted = [value for value in known if value is not None]
        if counted:
            means.append(sum(counted) / len(counted))
    return sum(means) / len(means) if means else None
