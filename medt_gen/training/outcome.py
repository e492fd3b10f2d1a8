"""The book of a run: a row for every epoch, what is the best, and the files of both."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from medt_gen.files.durable import append_durably, write_durably
from medt_gen.images.preparation import Preparation
from medt_gen.runs.folder import LOG, METRICS, WhichWeights, weights_file
from medt_gen.runs.weights import write_weights
from medt_gen.scores.summary import ImageScores
from medt_gen.training.validation import Validation

_METRICS = ("dice", "iou")


@dataclass(frozen=True)
class Row:
    """An epoch in numbers.

    `score` is what is to become large, `shown` the same as people call it; `classes`
    has the scores of each class, `gates` the values of all gates.
    """

    epoch: int
    loss: float
    val_loss: float
    score: float
    shown: float
    lr: float
    dice: float
    iou: float
    classes: dict[str, dict[str, float | None]]
    gates: dict[str, float]


@dataclass(frozen=True)
class Outcome:
    """How a run ended: why, its rows, and which epoch is the best."""

    why: str
    rows: tuple[Row, ...]
    best_epoch: int | None
    folder: Path

    @property
    def best(self) -> Row | None:
        """The row of the best epoch."""
        return next((x for x in self.rows if x.epoch == self.best_epoch), None)


class Book:
    """Keeps the rows of a run, and writes what is made from them."""

    def __init__(
        self,
        folder: Path,
        spec_text: str,
        preparation: Preparation,
        best_by: str,
    ) -> None:
        self.folder, self.spec_text, self.preparation = folder, spec_text, preparation
        self.best_by = best_by
        self.rows: list[Row] = []
        self.best_epoch: int | None = None
        self.best_images: tuple[ImageScores, ...] = ()

    def row(
        self,
        epoch: int,
        loss: float,
        found: Validation,
        lr: float,
        gates: Mapping[str, float],
    ) -> Row:
        """The row of an epoch."""
        means = {metric: found.score(metric) for metric in _METRICS}
        classes = {
            name: {metric: found.of_class(number, metric) for metric in _METRICS}
            for number, name in enumerate(self.preparation.class_names)
        }
        shown = {**means, "loss": found.loss}[self.best_by]
        score = -shown if self.best_by == "loss" else shown
        return Row(
            epoch, loss, found.loss, score, shown, lr,
            means["dice"], means["iou"], classes, dict(gates),
        )  # fmt: skip

    def add(self, row: Row, images: Sequence[ImageScores]) -> bool:
        """Keep a row, and the images' scores of the best; whether this is it."""
        best = next((x for x in self.rows if x.epoch == self.best_epoch), None)
        self.rows.append(row)
        better = best is None or row.score > best.score
        if better:
            self.best_epoch = row.epoch
            self.best_images = tuple(images)
        return better

    @property
    def epochs_without_better(self) -> int:
        """How many epochs have ended since the best one."""
        if self.best_epoch is None:
            return 0
        return self.rows[-1].epoch - self.best_epoch

    def outcome(self, why: str) -> Outcome:
        """How the run ended."""
        return Outcome(why, tuple(self.rows), self.best_epoch, self.folder)

    def state(self) -> dict[str, Any]:
        """As plain data."""
        rows = [asdict(row) for row in self.rows]
        images = [asdict(item) for item in self.best_images]
        return {"rows": rows, "best_epoch": self.best_epoch, "best_images": images}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where `state` was."""
        self.rows = [Row(**row) for row in state["rows"]]
        self.best_epoch = state["best_epoch"]
        self.best_images = tuple(
            ImageScores(x["name"], x["group"], tuple(x["values"]))
            for x in state["best_images"]
        )

    def write_metrics(self) -> None:
        """Write the table of all epochs anew."""
        write_durably(self.folder / METRICS, metrics_text(self.rows).encode())

    def write_weights(
        self, which: WhichWeights, state: Mapping[str, Tensor], row: Row
    ) -> None:
        """Write the weights of an epoch, with all that predicting needs."""
        facts = {"epoch": row.epoch, "dice": row.dice, "iou": row.iou}
        path = weights_file(self.folder, which)
        write_weights(path, state, self.spec_text, self.preparation, facts)

    def log(self, event: str, **facts: Any) -> None:
        """Add an event to the log."""
        line = json.dumps({"event": event, **facts})
        append_durably(self.folder / LOG, line)


def metrics_text(rows: Sequence[Row]) -> str:
    """The rows as CSV; every number as it is, to the bit."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if not rows:
        return ""
    names = list(rows[0].classes)
    gates = list(rows[0].gates)
    fixed = ("epoch", "lr", "loss", "val_loss", "dice", "iou")
    pairs = [(name, metric) for name in names for metric in _METRICS]
    writer.writerow([*fixed, *(f"{metric} {name}" for name, metric in pairs), *gates])
    for row in rows:
        numbers: list[float | None] = [getattr(row, name) for name in fixed]
        numbers += [row.classes[name][metric] for name, metric in pairs]
        numbers += [row.gates[name] for name in gates]
        writer.writerow(["" if item is None else repr(item) for item in numbers])
    return text.getvalue()
