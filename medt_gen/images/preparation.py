"""What is done to an image before a network sees it, and to a mask: kept with weights.

`Preparation` is plain data: it is written into the folder of a run and into every file
of weights, and applied again whenever these weights predict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

import numpy as np

from medt_gen.messages.wording import shown

Normalization = Literal["unit", "zscore", "none"]
ChannelOrder = Literal["rgb", "bgr"]
MaskRule = Literal["indices", "half", "palette"]
Colour = tuple[int, int, int]
_HALF = 127
_ENOUGH = 1e-8


@dataclass(frozen=True)
class Preparation:
    """How images and masks become tensors.

    Attributes:
        channels: how many an image has.
        channel_order: `bgr` turns the order of three channels round.
        normalization: `unit` divides by `divisor`; `zscore` takes each image's own mean
            away and divides by its standard deviation, channel by channel.
        divisor: 255 for images of 8 bits, 65535 for 16.
        mask_rule: `indices` are classes as they are, `half` is class 1 above 127,
            `palette` looks a colour up.
        palette: the colour of each class, with `mask_rule` palette.
        class_names: of the background first.
        fit: how images of other sizes than `size` go through the network.
        size: what the network takes.
        axis: the axis of a volume that is cut into slices, None where nothing is cut.
        spacing: millimetres between pixels, where all images agree on it.
    """

    channels: int
    channel_order: ChannelOrder
    normalization: Normalization
    divisor: float
    mask_rule: MaskRule
    class_names: tuple[str, ...]
    fit: str
    size: tuple[int, ...]
    palette: tuple[Colour, ...] | None = None
    axis: int | None = None
    spacing: tuple[float, ...] | None = None

    @property
    def classes(self) -> int:
        """How many classes there are, the background among them."""
        return len(self.class_names)

    def record(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


class OddPreparation(ValueError):
    """Data that describes no preparation; its text says why."""


def preparation_of(record: Mapping[str, Any]) -> Preparation:
    """The preparation that plain data describes; raises OddPreparation."""
    known = {item.name for item in fields(Preparation)}
    if set(record) != known:
        differing = sorted(set(record) ^ known)
        raise OddPreparation(f"it has other keys: {shown(', '.join(differing))}")
    values = dict(record)
    for name in ("size", "class_names", "spacing"):
        values[name] = None if values[name] is None else tuple(values[name])
    if values["palette"] is not None:
        values["palette"] = tuple(tuple(colour) for colour in values["palette"])
    found = Preparation(**values)
    choices = (
        (found.normalization, Normalization),
        (found.channel_order, ChannelOrder),
        (found.mask_rule, MaskRule),
    )
    for value, names in choices:
        if value not in get_args(names):
            raise OddPreparation(f"`{shown(str(value))}` is not known in it")
    return found


def prepared_image(values: np.ndarray, preparation: Preparation) -> np.ndarray:
    """[C, *size] as float32, in the order and the range that the network has seen."""
    if preparation.channel_order == "bgr" and values.shape[0] == 3:
        values = values[::-1]
    found: np.ndarray = values.astype(np.float32)
    if preparation.normalization == "unit":
        found /= np.float32(preparation.divisor)
    elif preparation.normalization == "zscore":
        axes = tuple(range(1, found.ndim))
        mean = found.mean(axes, keepdims=True, dtype=np.float64)
        deviation = found.std(axes, keepdims=True, dtype=np.float64)
        found = (found - mean) / np.maximum(deviation, _ENOUGH)
        found = found.astype(np.float32)
    return np.ascontiguousarray(found)


def with_channels(values: np.ndarray, channels: int) -> np.ndarray | None:
    """An image with so many channels, where nothing is lost by it; else None.

    Gray that was stored as colour (all three channels are equal) is gray, gray may be
    stored as colour, and an alpha that is opaque everywhere says nothing.
    """
    have = values.shape[0]
    if have == channels:
        return values
    if have == 4 and bool((values[3] == values[3].max()).all()):
        return with_channels(values[:3], channels)
    equal = have == 3 and bool((values == values[:1]).all())
    if channels == 1 and equal:
        return values[:1]
    if channels == 3 and have == 1:
        return np.repeat(values, 3, axis=0)
    return None


def mask_classes(
    values: np.ndarray,
    rule: MaskRule,
    palette: tuple[Colour, ...] | None,
) -> np.ndarray:
    """A mask [C, *size] as the class of each pixel, [*size]; -1 where it is none."""
    if rule == "palette":
        assert palette is not None
        rgb = values[:3] if values.shape[0] >= 3 else np.repeat(values[:1], 3, axis=0)
        found = np.full(rgb.shape[1:], -1, np.int16)
        for number, colour in enumerate(palette):
            wanted = np.asarray(colour).reshape(3, *(1 for _ in rgb.shape[1:]))
            found[(rgb == wanted).all(0)] = number
        return found
    plain = with_channels(values, 1)
    if plain is None:
        return np.full(values.shape[1:], -1, np.int16)
    if rule == "half":
        return np.asarray(plain[0] > _HALF, np.int16)
    inside = (plain[0] >= 0) & (plain[0] < np.iinfo(np.int16).max)
    whole = inside & (plain[0] == np.floor(plain[0]))
    return np.where(whole, plain[0], -1).astype(np.int16)


def mask_picture(classes: np.ndarray, preparation: Preparation) -> np.ndarray:
    """A predicted mask as the masks of the data are: 0/255, indices, or colours."""
    if preparation.mask_rule == "half":
        return (classes.astype(np.uint8) * 255).astype(np.uint8)
    if preparation.mask_rule == "palette":
        assert preparation.palette is not None
        colours = np.asarray(preparation.palette, np.uint8)
        return np.take(colours, classes, 0)
    return np.asarray(classes, np.uint8)
