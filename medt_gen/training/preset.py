"""What the original training of arXiv:2102.10662 does, as settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Preset = Literal["reference"]

REFERENCE_FROZEN_EPOCHS = 11
"""The original opens the gates when epoch 10, counted from 0, has ended."""

REFERENCE: Mapping[str, Any] = {
    "epochs": 400,
    "loss": "cross_entropy",
    "optimizer": "adam",
    "lr": 1e-3,
    "weight_decay": 1e-5,
    "schedule": "constant",
    "augment": {"flip_horizontal": 0.5},
    "fit": "strict",
}
"""Beside them: BGR order, values from 0 to 1, and masks of class 1 above 127."""
