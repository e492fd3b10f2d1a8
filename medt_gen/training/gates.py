"""Gates that open in an epoch, and a network wrapped anew when they do.

DDP reduces the parameters that could learn when it wrapped, and no others: gates that
open later would learn from each process's own images alone. So the network is wrapped
again when what can learn has changed. The optimiser knows the gates from the start, and
its state for them begins with their first gradient.
"""

from __future__ import annotations

import copy
import gc
from typing import Any

import torch
from torch import Tensor, nn

from medt_gen.catalog.attention import ATTENTION_KINDS

_GATES = frozenset(gate for kind in ATTENTION_KINDS for gate in kind.gates)


class Wrapped:
    """A network as its processes train it: told of epochs, wrapped anew when needed.

    `example` is a batch that the network takes, to see what it calls; `open_all_at` the
    epoch from which every parameter learns, as in the original.
    """

    def __init__(
        self, fabric: Any, model: Any, example: Tensor, open_all_at: int | None = None
    ) -> None:
        self.fabric = fabric
        self.model = model
        self.example = example
        self.open_all_at = open_all_at
        self.wrapped: Any = None
        self._learning: tuple[str, ...] | None = None
        self._uncalled: frozenset[str] | None = None

    def begin_epoch(self, epoch: int) -> None:
        """Open what this epoch opens; the network is wrapped anew where that is new."""
        self.model.set_epoch(epoch)
        if self.open_all_at is not None and epoch >= self.open_all_at:
            self.model.requires_grad_()
        self._leave_out_uncalled()
        learning = tuple(n for n, p in self.model.named_parameters() if p.requires_grad)
        if learning == self._learning:
            return
        self._learning = learning
        if self.wrapped is not None:
            # The hooks of the old wrapper go when it does.
            self.wrapped = None
            gc.collect()
        self.wrapped = self.fabric.setup_module(self.model, move_to_device=False)

    def _leave_out_uncalled(self) -> None:
        """Parameters that no output depends on: DDP would wait for their gradients."""
        if self.fabric.world_size == 1:
            return
        if self._uncalled is None:
            self._uncalled = uncalled_parameters(self.model, self.example)
        for name, parameter in self.model.named_parameters():
            if name in self._uncalled:
                parameter.requires_grad = False


def uncalled_parameters(model: nn.Module, example: Tensor) -> frozenset[str]:
    """The names of parameters that get no gradient, whatever is open."""
    trial = copy.deepcopy(model).requires_grad_().train()
    with torch.random.fork_rng(devices=[]):
        output = trial(example)
    values = output.values() if isinstance(output, dict) else output
    parts = [output] if isinstance(output, Tensor) else list(values)
    torch.stack([part.sum() for part in parts]).sum().backward()  # type: ignore[no-untyped-call]
    return frozenset(n for n, p in trial.named_parameters() if p.grad is None)


def gate_values(model: nn.Module) -> dict[str, float]:
    """Every gate of gated attention by its name, with its value."""
    return {
        name: float(parameter.detach())
        for name, parameter in model.named_parameters()
        if name.rpartition(".")[2] in _GATES and parameter.dim() == 0
    }
