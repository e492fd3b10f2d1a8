"""Epochs, steps, and the states between which a run can be cut anywhere."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import nn

from medt_gen.runs.folder import STATE
from medt_gen.training.gates import Wrapped, gate_values
from medt_gen.training.material import Material
from medt_gen.training.optimizers import Schedule, make_optimizer
from medt_gen.training.outcome import Book, Outcome, Row
from medt_gen.training.processes import alike_buffers, from_first, gathered
from medt_gen.training.progress import EpochLine, Progress
from medt_gen.training.recipe import Recipe
from medt_gen.training.report import write_curves, write_report
from medt_gen.training.samples import Loader, Samples, process_batches
from medt_gen.training.state import generators, read_state, set_generators, write_state
from medt_gen.training.step import Stepper
from medt_gen.training.sync_norm import with_sync_norms
from medt_gen.training.validation import validate

_SECONDS_BETWEEN_CURVES = 30.0


@dataclass
class Interrupted:
    """Whether somebody asked to stop: Ctrl-C, or SIGTERM as of a queue of jobs."""

    asked: bool = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """The first time is remembered; the second time is Python's own."""
        names = (signal.SIGINT, signal.SIGTERM)
        before = [signal.signal(name, self._heard) for name in names]
        try:
            yield
        finally:
            for name, handler in zip(names, before, strict=True):
                signal.signal(name, handler)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


class Loop:
    """One run in this process; `run` goes on where the folder's state is."""

    def __init__(
        self,
        *,
        fabric: Any,
        model: Any,
        spec_text: str,
        outputs: Mapping[str, tuple[int, ...]],
        material: Material,
        recipe: Recipe,
        folder: Path,
        seed: int,
        workers: int,
        save_every: int,
        sync_norm: bool,
        open_all_at: int | None,
        tensorboard: bool,
        progress: Progress,
    ) -> None:
        self.fabric, self.recipe, self.material = fabric, recipe, material
        self.folder, self.seed, self.save_every = folder, seed, save_every
        self.progress = progress
        if sync_norm:
            with_sync_norms(model)
        model = model.to(fabric.device)
        if recipe.precision == "64":
            model = model.double()
        self.model: nn.Module = model
        preparation = material.preparation
        size = (2, preparation.channels, *preparation.size)
        dtype = next(model.parameters()).dtype
        example = torch.zeros(size, device=fabric.device, dtype=dtype)
        self.wrapped = Wrapped(fabric, model, example, open_all_at)
        optimizer = make_optimizer(model, recipe)
        self.schedule = Schedule(optimizer, recipe)
        self.optimizer = fabric.setup_optimizers(optimizer)
        self.stepper = Stepper(fabric, self.wrapped, self.optimizer, recipe, outputs)
        train = material.splits["train"]
        self.samples = Samples(train, preparation, recipe.augment, seed)
        self.loader = Loader(self.samples, workers)
        self.book = Book(folder, spec_text, preparation, recipe.best_by)
        self.interrupted = Interrupted()
        self._drawn = time.monotonic()
        self._tensorboard = tensorboard
        self._board: Any = None

    def run(self) -> Outcome:
        """Train to the end, to a stop, or to the end of patience."""
        # Dropout of each process draws numbers of its own.
        torch.manual_seed(self.seed + self.fabric.global_rank)
        try:
            with self.interrupted.listening():
                return self._run()
        finally:
            self.progress.close()

    def _run(self) -> Outcome:
        epoch, step, losses = self._restored()
        if self._tensorboard and self._is_first:
            from medt_gen.training.tensorboard import Board

            self._board = Board(self.folder, self.book.rows)
        while epoch < self.recipe.epochs and not self._out_of_patience():
            began = time.monotonic()
            losses, done = self._train_epoch(epoch, step, losses)
            if not done:
                return self._outcome("interrupted")
            self._end_epoch(epoch, losses, time.monotonic() - began)
            epoch, step, losses = epoch + 1, 0, []
            if self._asked_to_stop() and epoch < self.recipe.epochs:
                return self._outcome("interrupted")
        why = "patience" if epoch < self.recipe.epochs else "finished"
        return self._outcome(why)

    def _outcome(self, why: str) -> Outcome:
        outcome = self.book.outcome(why)
        if self._is_first:
            if outcome.rows:
                images = self.book.best_images
                write_report(outcome, self.material.splits["val"], images)
            self.book.log("end", why=why)
        return outcome

    def _train_epoch(
        self, epoch: int, start: int, losses: list[list[float]]
    ) -> tuple[list[list[float]], bool]:
        """The steps of an epoch from `start` on; not done where somebody stopped it."""
        self.wrapped.begin_epoch(epoch)
        self.model.train()
        recipe, fabric = self.recipe, self.fabric
        batches = process_batches(
            len(self.samples),
            recipe.batch_size,
            self.seed,
            epoch,
            fabric.global_rank,
            fabric.world_size,
        )
        groups = [
            batches[i : i + recipe.accumulate]
            for i in range(0, len(batches), recipe.accumulate)
        ]
        self.progress.begin(epoch, recipe.epochs, start, len(groups))
        if self._is_first:
            self.book.log("begin", epoch=epoch, step=start, steps=len(groups))
        rest = groups[start:]
        loaded = self.loader.batches([keys for group in rest for keys in group])
        for place, group in enumerate(rest, start):
            parts = [next(loaded) for _ in group]
            where = f"epoch {epoch + 1}, step {place + 1}"
            asked = self.interrupted.asked
            result = self.stepper.step(parts, where, stopping=asked)
            losses.append([result.loss, float(result.images)])
            self.progress.step(epoch, place, result.loss, result.images)
            last = place + 1 == len(groups)
            due = self.save_every and (place + 1) % self.save_every == 0
            if not last and (due or result.stopping):
                self._save(epoch, place + 1, losses)
            if not last and result.stopping:
                return losses, False
        # The loader is run to its end, so that it can begin anew.
        next(loaded, None)
        return losses, True

    def _asked_to_stop(self) -> bool:
        return any(gathered(self.interrupted.asked))

    def _end_epoch(
        self, epoch: int, losses: Sequence[Sequence[float]], seconds: float
    ) -> None:
        scored = self._scored_model()
        alike_buffers(scored)
        val = self.material.splits["val"]
        preparation = self.material.preparation
        found = validate(scored, val, preparation, self.stepper.loss, self.fabric)
        images = sum(row[1] for row in losses)
        loss = sum(row[0] * row[1] for row in losses) / images
        lr = float(self.optimizer.param_groups[0]["lr"])
        gates = gate_values(self.model)
        row = self.book.row(epoch, loss, found, lr, gates)
        best = self.book.add(row, found.images)
        self.schedule.end_epoch(epoch, row.score)
        self._save(epoch + 1, 0, [])
        if self._is_first:
            self._write_out(scored, row, best=best)
            self._write_curves_at_times()
            if self._board is not None:
                self._board.add(row)
        line = EpochLine(
            epoch=epoch,
            epochs=self.recipe.epochs,
            loss=loss,
            val_loss=found.loss,
            score=row.shown,
            metric=self.recipe.best_by,
            lr=lr,
            seconds=seconds,
            best=best,
            images=int(images),
        )
        self.progress.epoch(line)

    def _write_curves_at_times(self) -> None:
        """Drawing takes longer than a short epoch: once in a while is enough."""
        if time.monotonic() - self._drawn > _SECONDS_BETWEEN_CURVES:
            write_curves(self.folder, self.book.rows)
            self._drawn = time.monotonic()

    def _write_out(self, scored: nn.Module, row: Row, *, best: bool) -> None:
        self.book.write_weights("last", scored.state_dict(), row)
        if best:
            self.book.write_weights("best", scored.state_dict(), row)
        self.book.write_metrics()
        self.book.log("epoch", epoch=row.epoch, score=row.score, best=best)

    def _scored_model(self) -> nn.Module:
        """What is scored and saved: the network, or the average of its weights."""
        average = self.stepper.average
        if average is None:
            return self.model
        inner: nn.Module = average.module
        return inner

    @property
    def _is_first(self) -> bool:
        return bool(self.fabric.global_rank == 0)

    def _out_of_patience(self) -> bool:
        patience = self.recipe.patience
        return patience is not None and self.book.epochs_without_better >= patience

    def _save(self, epoch: int, step: int, losses: Sequence[Sequence[float]]) -> None:
        """One file has all: what is written beside it can be made from it."""
        buffers = gathered(
            {name: item.cpu() for name, item in self.model.named_buffers()}
        )
        states = gathered(generators())
        if not self._is_first:
            return
        average = self.stepper.average
        precision = self.fabric.strategy.precision.state_dict()
        tensors = {
            "model": self.model.state_dict(),
            "buffers": buffers,
            "average": None if average is None else average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generators": states,
            "precision": precision,
        }
        facts = {
            "epoch": epoch,
            "step": step,
            "losses": [list(row) for row in losses],
            "schedule": self.schedule.state(),
            "book": self.book.state(),
        }
        write_state(self.folder / STATE, tensors, facts)
        self.book.log("state", epoch=epoch, step=step)

    def _restored(self) -> tuple[int, int, list[list[float]]]:
        """Epoch, step and losses so far; what the last state says is done again."""
        found = read_state(self.folder / STATE)
        if from_first(found is None):
            return 0, 0, []
        assert found is not None
        tensors, facts = found
        self._restore_tensors(tensors)
        self.schedule.restore(facts["schedule"])
        self.book.restore(facts["book"])
        epoch, step = facts["epoch"], facts["step"]
        if self._is_first:
            self.book.log("resume", epoch=epoch, step=step)
            if step == 0:
                # A crash may have come between the state and what is made from it.
                best = self.book.rows[-1].epoch == self.book.best_epoch
                last = self.book.rows[-1]
                self._write_out(self._scored_model(), last, best=best)
        if step:
            self.progress.say(f"resumed in epoch {epoch + 1}, after step {step}")
        else:
            self.progress.say(f"resumed after epoch {epoch}")
        return epoch, step, facts["losses"]

    def _restore_tensors(self, tensors: dict[str, Any]) -> None:
        rank = self.fabric.global_rank
        self.model.load_state_dict(tensors["model"])
        own = tensors["buffers"]
        if rank < len(own):
            for name, buffer in self.model.named_buffers():
                buffer.copy_(own[rank][name])
        if self.stepper.average is not None:
            self.stepper.average.load_state_dict(tensors["average"])
        self.optimizer.load_state_dict(tensors["optimizer"])
        self.fabric.strategy.precision.load_state_dict(tensors["precision"])
        if rank < len(tensors["generators"]):
            set_generators(tensors["generators"][rank])
