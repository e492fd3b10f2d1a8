"""Scores from counted pixels, class by class.

With TP pixels of a class in both masks, FP in the predicted one alone and FN in the
true one alone: Dice = 2 TP / (2 TP + FP + FN), which is F1; IoU = TP / (TP + FP + FN);
precision = TP / (TP + FP); recall = TP / (TP + FN).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Counts:
    """Of one class in one image: pixels in both masks, in one, and in the other."""

    true_positive: int
    false_positive: int
    false_negative: int

    @property
    def is_empty(self) -> bool:
        """Whether neither mask has the class: then no score is defined."""
        return not (self.true_positive or self.false_positive or self.false_negative)

    @property
    def truth_is_empty(self) -> bool:
        """Whether the true mask has nothing of the class."""
        return not (self.true_positive or self.false_negative)

    @property
    def prediction_is_empty(self) -> bool:
        """Whether the predicted mask has nothing of the class."""
        return not (self.true_positive or self.false_positive)

    @property
    def dice(self) -> float | None:
        """Dice, or F1; 0 where only one mask has the class, None where neither has."""
        return _share(
            2 * self.true_positive,
            2 * self.true_positive + self.false_positive + self.false_negative,
        )

    @property
    def iou(self) -> float | None:
        """Intersection over union; None where neither mask has the class."""
        union = self.true_positive + self.false_positive + self.false_negative
        return _share(self.true_positive, union)

    @property
    def precision(self) -> float | None:
        """The share of what is predicted that is true; None where nothing is."""
        return _share(self.true_positive, self.true_positive + self.false_positive)

    @property
    def recall(self) -> float | None:
        """The share of what is true that is predicted; None where nothing is true."""
        return _share(self.true_positive, self.true_positive + self.false_negative)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def count_pixels(
    predicted: np.ndarray, truth: np.ndarray, classes: int
) -> tuple[Counts, ...]:
    """The counts of each class; both masks hold class numbers, of one shape."""
    pairs = truth.astype(np.int64).ravel() * classes + predicted.ravel()
    table = np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)
    hits = table.diagonal()
    return tuple(
        Counts(int(hit), int(column - hit), int(row - hit))
        for hit, column, row in zip(hits, table.sum(0), table.sum(1), strict=True)
    )


def reference_scores(counts: Counts) -> dict[str, float]:
    """The scores of one image as the MATLAB code of arXiv:2102.10662 takes them.

    An image without a true positive counts 1 in all of them, be it that the network
    found nothing or that it found the wrong thing: that flatters.
    """
    names = ("dice", "iou", "precision", "recall")
    if not counts.true_positive:
        return dict.fromkeys(names, 1.0)
    return {name: float(getattr(counts, name)) for name in names}
