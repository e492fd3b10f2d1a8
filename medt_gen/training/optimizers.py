"""The optimiser, and the learning rate from epoch to epoch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from torch import nn, optim
from torch.optim import lr_scheduler

from medt_gen.runtime.parameter_groups import parameter_groups
from medt_gen.training.recipe import Recipe

_PLATEAU_FACTOR = 0.1


def make_optimizer(model: nn.Module, recipe: Recipe) -> optim.Optimizer:
    """The optimiser of all parameters that learn, now or later: closed gates, too."""
    groups = parameter_groups(model, weight_decay=recipe.weight_decay)
    if recipe.optimizer == "adamw":
        return optim.AdamW(groups, lr=recipe.lr)
    if recipe.optimizer == "sgd":
        nesterov = recipe.momentum > 0
        return optim.SGD(
            groups, lr=recipe.lr, momentum=recipe.momentum, nesterov=nesterov
        )
    return optim.Adam(groups, lr=recipe.lr)


def rate_factor(recipe: Recipe) -> Callable[[int], float]:
    """What the learning rate is multiplied with in an epoch, counted from 0.

    It rises evenly in W epochs of warm-up, (e + 1) / W. Then, with t the share of the
    other epochs that is over: 1, (1 + cos pi t) / 2, or (1 - t)^power.
    """
    warm = recipe.warmup_epochs

    def factor(epoch: int) -> float:
        if epoch < warm:
            return (epoch + 1) / warm
        done = (epoch - warm) / (recipe.epochs - warm)
        if recipe.schedule == "cosine":
            return (1 + math.cos(math.pi * done)) / 2
        if recipe.schedule == "polynomial":
            return float((1 - done) ** recipe.power)
        return 1.0

    return factor


class Schedule:
    """The learning rate: a formula of the epoch, or that and what a plateau does."""

    def __init__(self, optimizer: optim.Optimizer, recipe: Recipe) -> None:
        self.warm = recipe.warmup_epochs
        self.formula = lr_scheduler.LambdaLR(optimizer, rate_factor(recipe))
        self.plateau: lr_scheduler.ReduceLROnPlateau | None = None
        if recipe.schedule == "plateau":
            self.plateau = lr_scheduler.ReduceLROnPlateau(
                optimizer,
                mode="max",
                factor=_PLATEAU_FACTOR,
                patience=recipe.plateau_epochs,
            )

    def end_epoch(self, epoch: int, score: float) -> None:
        """After epoch `epoch`, counted from 0, with what is to become large."""
        if self.plateau is None or epoch + 1 <= self.warm:
            self.formula.step()
        else:
            self.plateau.step(score)

    def state(self) -> dict[str, Any]:
        """What a later process needs to go on."""
        plateau = None if self.plateau is None else self.plateau.state_dict()
        formula = self.formula.state_dict()
        formula.pop("lr_lambdas", None)
        return {"formula": formula, "plateau": plateau}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where `state` was."""
        self.formula.load_state_dict({**state["formula"], "lr_lambdas": [None]})
        if self.plateau is not None:
            self.plateau.load_state_dict(state["plateau"])
