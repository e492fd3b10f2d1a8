"""One step: the gradients of one mean loss over all parts of a batch, and an update.

A step's images may be spread over processes and over accumulated batches. The loss is
the sum over all of them divided by the weights of all of them, whatever the parts are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn, optim
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from medt_gen.messages.diagnostics import Diagnostic, InvalidInput
from medt_gen.messages.wording import first_of
from medt_gen.training.gates import Wrapped
from medt_gen.training.losses import Loss, as_named_outputs, at_size
from medt_gen.training.processes import gathered, summed
from medt_gen.training.recipe import Recipe
from medt_gen.training.samples import Batch
from medt_gen.training.sync_norm import idle_norms

_MOST_NAMED = 5


@dataclass(frozen=True)
class StepResult:
    """What a step tells: its mean loss, and whether a process was asked to stop."""

    loss: float
    images: int
    stopping: bool


class Stepper:
    """Takes steps; `outputs` are the network's results by name, with their sizes.

    `weights` say how much each of them counts.
    """

    def __init__(
        self,
        fabric: Any,
        wrapped: Wrapped,
        optimizer: optim.Optimizer,
        recipe: Recipe,
        outputs: Mapping[str, tuple[int, ...]],
    ) -> None:
        self.fabric = fabric
        self.wrapped = wrapped
        self.optimizer = optimizer
        self.recipe = recipe
        self.outputs = dict(outputs)
        self.weights = output_weights(recipe, tuple(outputs))
        self.loss = Loss(recipe.loss, recipe.class_weights)
        self.average = make_average(wrapped.model, recipe.ema)

    def step(
        self, batches: Sequence[Batch], where: str, *, stopping: bool = False
    ) -> StepResult:
        """Update by these batches; `where` names the step, `stopping` is a wish.

        Raises InvalidInput where the loss is no number.
        """
        shares = [self._weights(batch) for batch in batches]
        mine = torch.stack(shares).sum(0)
        images = sum(0 if batch.idle else len(batch.images) for batch in batches)
        told = torch.cat([mine, mine.new_tensor([float(images), float(stopping)])])
        whole = summed(told)
        totals, images = whole[:-2].view(len(self.outputs), -1), int(whole[-2])
        self.optimizer.zero_grad()
        loss = 0.0
        for place, batch in enumerate(batches):
            last = place + 1 == len(batches)
            loss += self._backward(batch, totals, last=last)
        loss = float(summed(torch.tensor([loss], dtype=torch.float64))[0])
        if not torch.isfinite(torch.tensor(loss)):
            names = [name for batch in batches for name in batch.names]
            raise InvalidInput(*self._not_finite(where, loss, names))
        self._update()
        return StepResult(loss, images, bool(whole[-1]))

    def _weights(self, batch: Batch) -> Tensor:
        """What the terms of every output are divided by, of this part."""
        found = [
            self.loss.weights(at_size(batch.masks, size))
            for size in self.outputs.values()
        ]
        flat = torch.stack(found).flatten()
        return flat * 0 if batch.idle else flat

    def _backward(self, batch: Batch, totals: Tensor, *, last: bool) -> float:
        model, fabric = self.wrapped.wrapped, self.fabric
        waiting = fabric.world_size > 1 and not last
        sync = fabric.no_backward_sync(model) if waiting else nullcontext()
        with sync, idle_norms(self.wrapped.model, idle=batch.idle):
            images = batch.images.to(fabric.device)
            classes = batch.masks.to(fabric.device)
            with told_of(batch):
                output = model(images)
            found = as_named_outputs(output, tuple(self.outputs))
            whole: Any = 0.0
            for row, name in enumerate(self.outputs):
                logits = found[name]
                masks = at_size(classes, logits.shape[2:])
                sums = self.loss.sums(logits, masks)
                terms = sums / totals[row].to(sums).clamp_min(1e-12)
                whole = whole + self.weights[name] * terms.sum()
            if batch.idle:
                whole = whole * 0
            # DDP takes the mean over processes, and this is to be their sum.
            fabric.backward(whole * fabric.world_size)
        return float(whole.detach())

    def _update(self) -> None:
        if self.recipe.clip_norm is not None:
            self.fabric.clip_gradients(
                self.wrapped.wrapped,
                self.optimizer,
                max_norm=self.recipe.clip_norm,
                error_if_nonfinite=False,
            )
        self.optimizer.step()
        if self.average is not None:
            self.average.update_parameters(self.wrapped.model)

    def _not_finite(
        self, where: str, loss: float, names: Sequence[str]
    ) -> list[Diagnostic]:
        norms = [
            (float(p.grad.norm()), name)
            for name, p in self.wrapped.model.named_parameters()
            if p.grad is not None
        ]
        odd = [name for norm, name in norms if not norm < float("inf")]
        largest = [f"{name} ({norm:.3g})" for norm, name in sorted(norms, reverse=True)]
        seen = [name for part in gathered(list(names)) for name in part]
        told = first_of(odd, _MOST_NAMED) if odd else first_of(largest, _MOST_NAMED)
        return [
            Diagnostic(
                "training",
                f"the loss is {loss} in {where}, of the images "
                f"{first_of(seen, 2 * _MOST_NAMED, '`')}; "
                f"{'odd' if odd else 'the largest'} gradients: {told}",
                help="a smaller --lr, --clip-norm 1, or --warmup-epochs helps where it "
                "grew; --precision 32 where it was 16",
            )
        ]


@contextmanager
def told_of(batch: Batch) -> Iterator[None]:
    """Say what a person can mend of what torch complains of."""
    size = f"a batch of {len(batch.images)}"
    try:
        yield
    except torch.OutOfMemoryError:
        text = f"{size} does not fit into the memory of the device"
        help = "use a smaller --batch-size, and --accumulate for the same mean"
        raise InvalidInput(Diagnostic("training", text, help=help)) from None
    except ValueError as error:
        if "more than 1 value per channel" not in str(error):
            raise
        text = f"{size} leaves a norm one value per channel, which has no variance"
        help = "choose a --batch-size that leaves no single image at the end"
        raise InvalidInput(Diagnostic("training", text, help=help)) from None


def output_weights(recipe: Recipe, outputs: Sequence[str]) -> dict[str, float]:
    """How much each output counts; raises InvalidInput where names differ."""
    given = recipe.output_weights
    if given is None:
        return dict.fromkeys(outputs, 1.0)
    if isinstance(given, Mapping):
        odd = sorted(set(given) ^ set(outputs))
        if not odd:
            return dict(given)
    elif len(given) == len(outputs):
        return dict(zip(outputs, given, strict=True))
    text = f"`output_weights` is for the outputs {first_of(list(outputs), 9, '`')}"
    raise InvalidInput(Diagnostic("training", f"{text}, and this is {given}"))


def make_average(model: nn.Module, keep: float | None) -> AveragedModel | None:
    """torch's average of the weights: a <- keep a + (1 - keep) w after each step."""
    if keep is None:
        return None
    return AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(keep))  # type: ignore[no-untyped-call]
