"""What a training can be told: every setting once, with its values and its default.

A setting stands in a spec under `training:` and in the command line as an option; both
are judged by its form, and the schema, the help and the docs are made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from medt_gen.catalog.augmentations import augment_form
from medt_gen.catalog.setting_forms import Form, choice, count, number, numbers, or_off
from medt_gen.messages.wording import shown


def _output_weights_form() -> Form:
    listed = numbers(0)

    def accepts(data: Any) -> bool:
        if isinstance(data, dict):
            return listed.accepts(list(data.values()))
        return listed.accepts(data)

    named = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"type": "number", "minimum": 0},
    }
    says = "a list of numbers of at least 0, or a mapping from outputs to numbers"
    return Form(says, {"anyOf": [listed.schema, named]}, accepts, "[X, ...]")


@dataclass(frozen=True)
class Setting:
    """One setting: a key of `training:`, and an option of `medt-gen train`.

    `example` is a value that is right.
    """

    name: str
    says: str
    form: Form
    default: Any
    example: Any

    @property
    def option(self) -> str:
        """Its option in the command line."""
        return "--" + self.name.replace("_", "-")

    def problem(self, data: Any, called: str) -> tuple[str, str | None] | None:
        """What is wrong with a value, and what was likely meant; None if nothing is."""
        if self.form.accepts(data):
            return None
        fault = self.form.fault(data)
        if fault is not None:
            return f"{called} {fault}", self.form.help(data)
        words = "nothing" if data is None else shown(str(data))
        return f"{called} is {self.form.says}, and this is {words}", self.form.help(
            data
        )


SETTINGS: tuple[Setting, ...] = (
    Setting("epochs", "How often every image is seen.", count(1), 400, 100),
    Setting(
        "batch_size",
        "Images in a step, of all processes together.",
        count(1),
        4,
        8,
    ),
    Setting(
        "accumulate",
        "Batches whose gradients make one step.",
        count(1),
        1,
        2,
    ),
    Setting(
        "loss",
        "What is made small.",
        choice("cross_entropy", "dice", "dice_cross_entropy", "focal"),
        "cross_entropy",
        "dice_cross_entropy",
    ),
    Setting(
        "class_weights",
        "How much each class counts in the loss, in the order of the classes.",
        or_off(numbers(0)),
        None,
        [1, 3],
    ),
    Setting(
        "output_weights",
        "How much each output of the network counts in the loss: by their order, or by "
        "their names; all count 1 without it.",
        or_off(_output_weights_form()),
        None,
        [1, 0.5],
    ),
    Setting(
        "optimizer",
        "The optimiser of torch.",
        choice("adam", "adamw", "sgd"),
        "adam",
        "adamw",
    ),
    Setting("lr", "The learning rate at its highest.", number(above=0), 1e-3, 0.01),
    Setting("weight_decay", "As the optimiser has it.", number(least=0), 1e-5, 0.01),
    Setting(
        "momentum",
        "Of `optimizer: sgd`, with Nesterov's correction where it is not 0.",
        number(least=0, most=0.9999),
        0.9,
        0.99,
    ),
    Setting(
        "schedule",
        "How the learning rate goes from epoch to epoch: it stays, falls as half a "
        "cosine or as a power of what is left, or falls to a tenth when the score has "
        "not risen for `plateau_epochs`.",
        choice("constant", "cosine", "polynomial", "plateau"),
        "constant",
        "cosine",
    ),
    Setting(
        "warmup_epochs",
        "Epochs in which the learning rate rises evenly to `lr`.",
        count(0),
        0,
        5,
    ),
    Setting(
        "plateau_epochs",
        "Epochs without a better score after which `schedule: plateau` falls.",
        count(1),
        10,
        20,
    ),
    Setting("power", "The power of `schedule: polynomial`.", number(above=0), 0.9, 2),
    Setting(
        "precision",
        "Bits of the numbers: 32, 64, or products in 16 or bf16 and the rest in 32.",
        choice("32", "64", "16", "bf16"),
        "32",
        "bf16",
    ),
    Setting(
        "clip_norm",
        "The largest norm that all gradients together may have.",
        or_off(number(above=0)),
        None,
        1.0,
    ),
    Setting(
        "patience",
        "Training ends when the score has not risen for so many epochs.",
        or_off(count(1)),
        None,
        50,
    ),
    Setting(
        "ema",
        "The share that an average of the weights keeps in a step; the average is what "
        "is scored and saved.",
        or_off(number(above=0, most=0.99999)),
        None,
        0.99,
    ),
    Setting(
        "augment",
        "Random changes of the images that are trained on, with their strengths.",
        augment_form(),
        {"flip_horizontal": 0.5},
        {"flip_horizontal": 0.5, "rotate": 15},
    ),
    Setting(
        "fit",
        "Images of other sizes than the network's: `crop` trains on random parts and "
        "predicts in windows, `pad` adds a border, `resize` scales, `strict` refuses.",
        choice("crop", "pad", "resize", "strict"),
        "crop",
        "resize",
    ),
    Setting(
        "best_by",
        "What decides which weights are the best, on validation images.",
        choice("dice", "iou", "loss"),
        "dice",
        "iou",
    ),
)
"""In the order in which they are explained."""

SETTINGS_BY_NAME: Mapping[str, Setting] = {item.name: item for item in SETTINGS}


def as_named(setting: Setting, data: Any) -> Any:
    """`data`, with a number as the name that it looks like: `precision: 32`."""
    names = setting.form.schema.get("enum", ())
    return str(data) if type(data) is int and str(data) in names else data


def is_off(data: Any) -> bool:
    """Whether a value says that a setting is not there."""
    return data is False or data is None or data == "off"
