"""The scores of a trained network on images with masks, at the images' own size."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from medt_gen.images.layouts import all_cases, find_cases
from medt_gen.images.pairs import read_truth
from medt_gen.images.preparation import Preparation
from medt_gen.images.reading import BadImage
from medt_gen.images.records import Case, SplitName
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import shown
from medt_gen.predicting.networks import first_logits
from medt_gen.predicting.predict import read_fitting
from medt_gen.predicting.windows import whole_logits
from medt_gen.runs.folder import SPLIT
from medt_gen.runs.weights import Trained
from medt_gen.scores.counts import Counts, count_pixels, reference_scores
from medt_gen.scores.distances import surface_distances
from medt_gen.scores.summary import (
    METRICS,
    ImageScores,
    Summary,
    foreground_mean,
    summarize,
)

Part = Literal["train", "val", "test", "all"]
MetricRule = Literal["standard", "reference"]
REFERENCE_METRICS = ("dice", "iou", "precision", "recall")
_REFERENCE_THRESHOLD = 0.5


@dataclass(frozen=True)
class Evaluation:
    """One network on one part of a folder.

    `unit` is that of distances: mm where all images say their spacing, else pixels.
    """

    run: str
    part: str
    class_names: tuple[str, ...]
    metrics: tuple[str, ...]
    unit: str
    images: tuple[ImageScores, ...]

    def summary(self, number: int, metric: str) -> Summary:
        """A metric of a class over all images."""
        values = [image.values[number][metric] for image in self.images]
        return summarize(values, [image.group for image in self.images])

    def mean(self, metric: str) -> float | None:
        """The mean over the classes but the background."""
        return foreground_mean(self.images, metric)

    def worst(self, most: int) -> list[ImageScores]:
        """The images with the lowest Dice."""
        scored = [x for x in self.images if x.mean("dice") is not None]
        return sorted(scored, key=lambda x: x.mean("dice") or 0.0)[:most]


def chosen_cases(
    run: Path, data: Path, part: Part | None, group: str | None
) -> tuple[str, list[Case]]:
    """The images to score: of the part that the run kept for it, or of a folder's own.

    Without `part`, those kept for the test, else the validation images, else all.
    Raises InvalidInput where the folder has none of them.
    """
    problems = Problems()
    folder = find_cases(data, group, problems)
    problems.stop_on_errors()
    listed = _listed(run / SPLIT)
    by_part: dict[str, list[Case]] = {"all": list(all_cases(folder))}
    for name in ("train", "val", "test"):
        if name in folder.cases:
            by_part[name] = list(folder.cases[name])
        elif "" in folder.cases:
            own = listed.get(name, frozenset())
            by_part[name] = [case for case in folder.cases[""] if case.name in own]
    order: Sequence[str] = ("test", "val", "all") if part is None else (part,)
    for name in order:
        if by_part.get(name):
            return name, by_part[name]
    text = f"{shown(str(data), 500)} has no images of the part `{order[0]}`"
    raise InvalidInput(Diagnostic("data", text, help="use --part all for all of them"))


def _listed(path: Path) -> Mapping[SplitName, frozenset[str]]:
    if not path.is_file():
        return {}
    document = json.loads(path.read_text(encoding="utf-8"))
    return {name: frozenset(x["name"] for x in rows) for name, rows in document.items()}


def evaluate(
    trained: Trained,
    cases: Sequence[Case],
    part: str,
    rule: MetricRule = "standard",
    *,
    flips: bool = False,
    device: str = "cpu",
) -> Evaluation:
    """Score every image; raises InvalidInput with all that can't be read.

    The `reference` rule is for two classes: what has a logit of class 1 from 0.5 on is
    class 1, and an image without a true positive counts 1.
    """
    if rule == "reference" and trained.preparation.classes != 2:
        text = "--metrics reference is for two classes alone"
        raise InvalidInput(Diagnostic("usage", text))
    problems = Problems()
    found, spacings = [], set()
    for case in cases:
        try:
            scores, spacing = _scored(trained, case, rule, flips=flips, device=device)
        except BadImage as error:
            text = f"{shown(str(case.images[0]), 500)}: {error}"
            problems.error("data", text, None)
            continue
        found.append(scores)
        spacings.add(spacing is not None)
    problems.stop_on_errors()
    metrics = REFERENCE_METRICS if rule == "reference" else METRICS
    names = trained.preparation.class_names
    unit = "mm" if spacings == {True} else "pixels"
    return Evaluation(trained.name, part, names, metrics, unit, tuple(found))


def _scored(
    trained: Trained, case: Case, rule: MetricRule, *, flips: bool, device: str
) -> tuple[ImageScores, tuple[float, ...] | None]:
    preparation = trained.preparation
    pixels = read_fitting(case.images, preparation)
    truth = _truth(case, preparation)
    if truth.shape != pixels.size:
        raise BadImage("its mask has another size")
    network = first_logits(trained.model.to(device))
    logits = whole_logits(network, pixels.values, preparation, device, flips=flips)
    if rule == "reference":
        predicted = (logits[1] >= _REFERENCE_THRESHOLD).numpy().astype(np.int64)
        counts = count_pixels(predicted, truth, 2)
        values: tuple[Mapping[str, float | None], ...] = tuple(
            reference_scores(item) for item in counts
        )
        return ImageScores(case.name, case.group, values), pixels.spacing
    predicted = logits.argmax(0).numpy()
    scores = mask_scores(predicted, truth, preparation.classes, pixels.spacing)
    return ImageScores(case.name, case.group, scores), pixels.spacing


def _truth(case: Case, preparation: Preparation) -> np.ndarray:
    found = read_truth(case, preparation)
    if found.min() < 0 or found.max() >= preparation.classes:
        raise BadImage(f"its mask {case.mask.name} has values that are no class")
    return found


def mask_scores(
    predicted: np.ndarray,
    truth: np.ndarray,
    classes: int,
    spacing: Sequence[float] | None = None,
) -> tuple[Mapping[str, float | None], ...]:
    """All metrics of each class, of two masks of class numbers and of one shape.

    None is where a metric is not defined: nothing where both masks are without the
    class, no distance where one of them is.
    """
    counts = count_pixels(predicted, truth, classes)
    distances = surface_distances(predicted, truth, classes, spacing)
    return tuple(
        {**_overlaps(item), "hd95": pair[0], "surface": pair[1]}
        for item, pair in zip(counts, distances, strict=True)
    )


def _overlaps(counts: Counts) -> dict[str, float | None]:
    return {
        "dice": counts.dice,
        "iou": counts.iou,
        "precision": counts.precision,
        "recall": counts.recall,
    }


def rows(evaluation: Evaluation) -> Iterator[dict[str, object]]:
    """A row for each image and class, for a table."""
    for image in evaluation.images:
        for name, values in zip(evaluation.class_names, image.values, strict=True):
            yield {
                "run": evaluation.run,
                "image": image.name,
                "group": image.group,
                "class": name,
                **{metric: values[metric] for metric in evaluation.metrics},
            }
