"""The random changes of images that training may make, with their strengths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from medt_gen.catalog.setting_forms import Form, number
from medt_gen.messages.wording import did_you_mean, shown


@dataclass(frozen=True)
class Augmentation:
    """A random change of images and masks: its name, and what its strength means."""

    name: str
    says: str
    strength: Form
    example: float


_CHANCE = number(least=0, most=1)

AUGMENTATIONS: tuple[Augmentation, ...] = (
    Augmentation(
        "flip_horizontal", "Mirror left and right, with this chance.", _CHANCE, 0.5
    ),
    Augmentation(
        "flip_vertical", "Mirror top and bottom, with this chance.", _CHANCE, 0.5
    ),
    Augmentation(
        "flip_depth",
        "Mirror the first axis of volumes, with this chance.",
        _CHANCE,
        0.5,
    ),
    Augmentation(
        "rotate90",
        "Turn by quarters in the plane of the last two axes, with this chance.",
        _CHANCE,
        0.5,
    ),
    Augmentation(
        "rotate",
        "Turn every second image in the plane of the last two axes, by up to so many "
        "degrees.",
        number(least=0, most=180),
        15,
    ),
    Augmentation(
        "scale",
        "Magnify or shrink every second image, by up to this fraction.",
        number(least=0, most=0.9),
        0.1,
    ),
    Augmentation(
        "shift",
        "Move every second image, by up to this fraction of each axis.",
        number(least=0, most=0.9),
        0.1,
    ),
    Augmentation(
        "brightness",
        "Add up to this much, either way, to the values of every second image.",
        number(least=0),
        0.1,
    ),
    Augmentation(
        "contrast",
        "Raise the values of every second image to a power between 1 - x and 1 + x.",
        number(least=0, most=0.9),
        0.2,
    ),
    Augmentation(
        "noise",
        "Add Gaussian noise of up to this standard deviation to every second image.",
        number(least=0),
        0.02,
    ),
    Augmentation(
        "blur",
        "Blur every second image with a Gaussian of up to so many pixels.",
        number(least=0),
        1,
    ),
)
"""In the order in which they are applied."""

_BY_NAME = {item.name: item for item in AUGMENTATIONS}


def augment_form() -> Form:
    def accepts(data: Any) -> bool:
        return isinstance(data, dict) and all(
            name in _BY_NAME and _BY_NAME[name].strength.accepts(strength)
            for name, strength in data.items()
        )

    def help(data: Any) -> str | None:
        if not isinstance(data, dict):
            return "write `augment: {flip_horizontal: 0.5}`"
        for name in data:
            if name not in _BY_NAME:
                return did_you_mean(str(name), _BY_NAME)
        return None

    def fault(data: Any) -> str | None:
        for name, strength in data.items() if isinstance(data, dict) else ():
            if name not in _BY_NAME:
                return f"has no `{shown(str(name))}`"
            form = _BY_NAME[name].strength
            if not form.accepts(strength):
                given = shown(str(strength))
                return f"takes {form.says} for `{name}`, and this is {given}"
        return None

    schema = {
        "type": "object",
        "properties": {
            item.name: {**item.strength.schema, "description": item.says}
            for item in AUGMENTATIONS
        },
        "additionalProperties": False,
    }
    says = "a mapping from names of augmentations to strengths"
    return Form(says, schema, accepts, "NAME=X", help, fault)
