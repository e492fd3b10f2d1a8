"""Losses as sums with their weights, so that any division of a batch gives one mean.

A loss of a batch is sum / weight. Both are summed over the parts of the batch, be they
of several processes or of several accumulated batches, before they are divided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional as F


class _Term(Protocol):
    """A loss of logits [N, classes, *size] and classes [N, *size]."""

    def sum(self, logits: Tensor, classes: Tensor) -> Tensor:
        """The sum over this part."""

    def weight(self, classes: Tensor) -> Tensor:
        """What the sum is divided by."""


class Loss:
    """One loss on one output: the terms, each a sum with what divides it."""

    def __init__(self, name: str, class_weights: Sequence[float] | None) -> None:
        made: dict[str, tuple[Callable[[Sequence[float] | None], _Term], ...]] = {
            "cross_entropy": (_CrossEntropy,),
            "dice": (_Dice,),
            "dice_cross_entropy": (_Dice, _CrossEntropy),
            "focal": (_Focal,),
        }
        self.terms = [kind(class_weights) for kind in made[name]]

    def weights(self, classes: Tensor) -> Tensor:
        """What each term is divided by, for this part: [terms]."""
        return torch.stack([term.weight(classes) for term in self.terms])

    def sums(self, logits: Tensor, classes: Tensor) -> Tensor:
        """Each term's sum over this part: [terms]."""
        return torch.stack([term.sum(logits, classes) for term in self.terms])


class _CrossEntropy:
    """torch's cross-entropy: of weighted pixels, divided by their weights' sum."""

    def __init__(self, class_weights: Sequence[float] | None) -> None:
        self.given = class_weights

    def sum(self, logits: Tensor, classes: Tensor) -> Tensor:
        weight = None if self.given is None else logits.new_tensor(self.given)
        return F.cross_entropy(logits, classes, weight, reduction="sum")

    def weight(self, classes: Tensor) -> Tensor:
        if self.given is None:
            return torch.tensor(float(classes.numel()), dtype=torch.float64)
        table = torch.tensor(self.given, dtype=torch.float64)
        counts = torch.bincount(classes.cpu().flatten(), minlength=len(table))
        return (table * counts).sum()


class _Dice:
    """MONAI's soft Dice loss of each image and class, divided by the images' number.

    Classes weigh as they are told to; all weights together are 1.
    """

    def __init__(self, class_weights: Sequence[float] | None) -> None:
        from monai.losses import DiceLoss

        self.loss: Any = DiceLoss(softmax=True, to_onehot_y=True, reduction="none")
        self.given = class_weights

    def sum(self, logits: Tensor, classes: Tensor) -> Tensor:
        each = self.loss(logits, classes[:, None]).flatten(1)
        return _over_classes(each, self.given).sum()

    def weight(self, classes: Tensor) -> Tensor:
        return torch.tensor(float(len(classes)), dtype=torch.float64)


class _Focal:
    """MONAI's focal loss (gamma 2) over the classes, divided by the pixels' number."""

    def __init__(self, class_weights: Sequence[float] | None) -> None:
        from monai.losses import FocalLoss

        self.loss: Any = FocalLoss(
            use_softmax=True, to_onehot_y=True, reduction="none", gamma=2.0
        )
        self.given = class_weights

    def sum(self, logits: Tensor, classes: Tensor) -> Tensor:
        each = self.loss(logits, classes[:, None]).flatten(2).sum(2)
        return _over_classes(each, self.given).sum()

    def weight(self, classes: Tensor) -> Tensor:
        return torch.tensor(float(classes.numel()), dtype=torch.float64)


def _over_classes(each: Tensor, given: Sequence[float] | None) -> Tensor:
    """[N, classes] -> [N], the mean over classes by their weights."""
    if given is None:
        return each.mean(1)
    weights = each.new_tensor(given)
    return each @ (weights / weights.sum())


def as_named_outputs(output: Any, names: Sequence[str]) -> dict[str, Tensor]:
    """A network's result, be it a tensor, a tuple or a mapping, by its names."""
    if isinstance(output, Tensor):
        return {names[0]: output}
    if isinstance(output, Mapping):
        return {str(name): item for name, item in output.items()}
    return dict(zip(names, output, strict=True))


def at_size(classes: Tensor, size: Sequence[int]) -> Tensor:
    """Masks [N, *size] at the size of an output: the nearest pixel's class."""
    if tuple(classes.shape[1:]) == tuple(size):
        return classes
    scaled = F.interpolate(classes[:, None].float(), tuple(size), mode="nearest-exact")
    return scaled[:, 0].long()
