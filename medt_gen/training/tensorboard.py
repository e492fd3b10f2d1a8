"""The curves of a run for TensorBoard, where it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from medt_gen.training.outcome import Row

FOLDER = "tensorboard"


class Board:
    """Writes rows; what a run that was cut had written later is not shown."""

    def __init__(self, folder: Path, rows: Sequence[Row]) -> None:
        done = rows[-1].epoch + 1 if rows else 0
        self.writer = SummaryWriter(folder / FOLDER, purge_step=done)

    def add(self, row: Row) -> None:
        """Write an epoch."""
        values = {
            "loss/training": row.loss,
            "loss/validation": row.val_loss,
            "learning rate": row.lr,
        }
        for name, scores in row.classes.items():
            values |= {f"{m}/{name}": x for m, x in scores.items() if x is not None}
        values |= {f"gates/{name}": value for name, value in row.gates.items()}
        for name, value in values.items():
            self.writer.add_scalar(name, value, row.epoch)
        self.writer.flush()
