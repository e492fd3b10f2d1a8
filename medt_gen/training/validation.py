"""Scores on the validation images, each counted once by all processes together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from medt_gen.images.pairs import read_pair
from medt_gen.images.preparation import Preparation
from medt_gen.images.records import CaseFacts
from medt_gen.predicting.networks import first_logits
from medt_gen.predicting.windows import whole_logits
from medt_gen.scores.counts import Counts, count_pixels
from medt_gen.scores.summary import ImageScores, foreground_mean
from medt_gen.training.losses import Loss
from medt_gen.training.processes import gathered


@dataclass(frozen=True)
class Validation:
    """What an epoch scored: the loss of the first output, and every image's scores."""

    loss: float
    images: tuple[ImageScores, ...]

    def score(self, metric: str) -> float:
        """The mean over the classes but the background; 0 where it is not defined."""
        return foreground_mean(self.images, metric) or 0.0

    def of_class(self, number: int, metric: str) -> float | None:
        """The mean of a class over the images where it is defined."""
        found = [item.values[number][metric] for item in self.images]
        known = [value for value in found if value is not None]
        return sum(known) / len(known) if known else None


def image_scores(name: str, group: str, counts: Sequence[Counts]) -> ImageScores:
    """The scores of an image from its counts."""
    values = tuple({"dice": item.dice, "iou": item.iou} for item in counts)
    return ImageScores(name, group, values)


def validate(
    model: nn.Module,
    facts: Sequence[CaseFacts],
    preparation: Preparation,
    loss: Loss,
    fabric: Any,
) -> Validation:
    """Score every image at its own size; each process takes every world-th of them."""
    was_training = model.training
    model.eval()
    mine: list[tuple[int, ImageScores, list[float], list[float]]] = []
    dtype = next(model.parameters()).dtype
    network = first_logits(model)
    for place in range(fabric.global_rank, len(facts), fabric.world_size):
        item = facts[place]
        values, truth = read_pair(item.case, preparation)
        with fabric.autocast():
            logits = whole_logits(
                network, values, preparation, fabric.device, dtype=dtype
            )
        predicted = logits.argmax(0).numpy()
        counts = count_pixels(predicted, truth, preparation.classes)
        classes = torch.from_numpy(truth.astype(np.int64))[None]
        sums = loss.sums(logits[None].float(), classes).double().tolist()
        weights = loss.weights(classes).tolist()
        scores = image_scores(item.case.name, item.case.group, counts)
        mine.append((place, scores, sums, weights))
    model.train(was_training)
    found = sorted((row for part in gathered(mine) for row in part), key=lambda x: x[0])
    total = sum(np.asarray(row[2]) for row in found)
    weight = sum(np.asarray(row[3]) for row in found)
    mean = float(np.sum(total / np.maximum(weight, 1e-12)))
    return Validation(mean, tuple(row[1] for row in found))
