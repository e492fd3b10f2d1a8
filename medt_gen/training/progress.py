"""What a person, a log file or a program sees of a training while it runs."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

ProgressStyle = Literal["auto", "plain", "json", "none"]


@dataclass(frozen=True)
class EpochLine:
    """What an epoch told: its numbers, and whether it is the best so far."""

    epoch: int
    epochs: int
    loss: float
    val_loss: float
    score: float
    metric: str
    lr: float
    seconds: float
    best: bool
    images: int


class Progress(Protocol):
    """Somebody who is told how far a training is."""

    def begin(self, epoch: int, epochs: int, step: int, steps: int) -> None:
        """An epoch begins at a step: a later one where it goes on."""

    def step(self, epoch: int, step: int, loss: float, images: int) -> None:
        """A step is done."""

    def epoch(self, line: EpochLine) -> None:
        """An epoch is done."""

    def say(self, text: str, **facts: Any) -> None:
        """Something else to know."""

    def close(self) -> None:
        """The training ends."""


class NoProgress:
    """Tells nobody: of all processes but the first."""

    def begin(self, epoch: int, epochs: int, step: int, steps: int) -> None:
        """Nothing."""

    def step(self, epoch: int, step: int, loss: float, images: int) -> None:
        """Nothing."""

    def epoch(self, line: EpochLine) -> None:
        """Nothing."""

    def say(self, text: str, **facts: Any) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class PlainProgress(NoProgress):
    """A line for every epoch, as a log file keeps it."""

    def epoch(self, line: EpochLine) -> None:
        """One line."""
        rate = line.images / line.seconds if line.seconds else 0.0
        left = _time((line.epochs - line.epoch - 1) * line.seconds)
        print(
            f"epoch {line.epoch + 1}/{line.epochs}  loss {line.loss:.4f}  "
            f"val loss {line.val_loss:.4f}  {line.metric} {line.score:.4f}"
            f"{' *' if line.best else ''}  lr {line.lr:.3g}  "
            f"{rate:.1f} images/s  {left} left",
            flush=True,
        )

    def say(self, text: str, **facts: Any) -> None:
        """A line of its own."""
        print(text, flush=True)


class JsonProgress(NoProgress):
    """A line of JSON for every step, every epoch, and all else."""

    def begin(self, epoch: int, epochs: int, step: int, steps: int) -> None:
        """Where an epoch begins."""
        self._line("begin", epoch=epoch, epochs=epochs, step=step, steps=steps)

    def step(self, epoch: int, step: int, loss: float, images: int) -> None:
        """A step's loss."""
        self._line("step", epoch=epoch, step=step, loss=loss, images=images)

    def epoch(self, line: EpochLine) -> None:
        """An epoch's numbers."""
        self._line("epoch", **vars(line))

    def say(self, text: str, **facts: Any) -> None:
        """The text, and facts by name."""
        self._line("message", text=text, **facts)

    def _line(self, event: str, **facts: Any) -> None:
        print(json.dumps({"event": event, **facts}), flush=True)


@dataclass
class BarProgress(PlainProgress):
    """Bars of rich: of the epochs, and of the steps of this one."""

    _bars: Any = None
    _tasks: dict[str, Any] = field(default_factory=dict)
    _score: str = ""
    _images: int = 0
    _since: float = 0.0

    def begin(self, epoch: int, epochs: int, step: int, steps: int) -> None:
        """The bars stand where the epoch does."""
        if self._bars is None:
            self._open(epochs)
        self._images, self._since = 0, time.monotonic()
        self._bars.reset(self._tasks["steps"], total=steps, completed=step, what="")
        self._bars.update(self._tasks["epochs"], completed=epoch, what=self._score)

    def _open(self, epochs: int) -> None:
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            TextColumn,
            TimeRemainingColumn,
        )
        from rich.progress import Progress as Bars

        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[what]}"),
            TimeRemainingColumn(compact=True),
            expand=True,
        )
        self._tasks["epochs"] = self._bars.add_task("epochs", total=epochs, what="")
        self._tasks["steps"] = self._bars.add_task("steps", total=1, what="")
        self._bars.start()

    def step(self, epoch: int, step: int, loss: float, images: int) -> None:
        """The step's bar moves."""
        self._images += images
        rate = self._images / max(time.monotonic() - self._since, 1e-6)
        what = f"loss {loss:.4f}, {rate:.1f}/s"
        self._bars.update(self._tasks["steps"], completed=step + 1, what=what)

    def epoch(self, line: EpochLine) -> None:
        """The epoch's bar moves."""
        self._score = f"{line.metric} {line.score:.3f}"
        done = line.epoch + 1
        self._bars.update(self._tasks["epochs"], completed=done, what=self._score)

    def say(self, text: str, **facts: Any) -> None:
        """Above the bars."""
        if self._bars is None:
            print(text, flush=True)
        else:
            self._bars.console.print(text, markup=False, highlight=False)

    def close(self) -> None:
        """The bars stay as they are."""
        if self._bars is not None:
            self._bars.stop()
            self._bars = None


def progress_of(style: ProgressStyle, *, first: bool) -> Progress:
    """The progress of a process; only the first one tells."""
    if not first or style == "none":
        return NoProgress()
    if style == "json":
        return JsonProgress()
    if style == "auto" and sys.stdout.isatty():
        return BarProgress()
    return PlainProgress()


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
