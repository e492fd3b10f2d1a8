"""What a built model is: the numbers that `medt-gen build` shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from medt_gen.loading.run_sizes import RunSizes
from medt_gen.loading.spec import Spec
from medt_gen.network.costs import ModuleCost, module_costs
from medt_gen.network.records import Flow
from medt_gen.network.summary import flow_outputs


@dataclass(frozen=True)
class Measures:
    """A model: its modules, the shapes of a real forward pass, and its parameters.

    `modules` are those at the top, with the parameters that they really hold. `sizes`
    are those of images that it takes; `outputs` are all results by their keys, None
    where the spec leaves the data flow open.
    """

    name: str
    modules: tuple[ModuleCost, ...]
    input: tuple[int, ...]
    sizes: RunSizes
    outputs: Mapping[str, tuple[int, ...]] | None
    trainable: int
    frozen: int

    def record(self) -> dict[str, Any]:
        """All of it as plain data."""
        outputs = self.outputs or {}
        return {
            "name": self.name,
            "modules": [_module_record(row) for row in self.modules],
            "input": self.input,
            "sizes": vars(self.sizes),
            "output": next(iter(outputs.values()), None),
            "outputs": outputs,
            "parameters": self.trainable + self.frozen,
            "trainable": self.trainable,
            "frozen": self.frozen,
        }


def _module_record(row: ModuleCost) -> dict[str, Any]:
    return {
        "name": row.path,
        "type": row.type,
        "calls": row.calls,
        "output": next(iter(row.outputs), None),
        "parameters": row.parameters,
        "multiply_adds": row.multiply_adds,
        "output_bytes": row.output_bytes,
    }


def measured(spec: Spec, model: nn.Module) -> Measures:
    """Run `model` once on zeros, in eval mode, and count what it holds."""
    usual = spec.usual.root
    shape = (1, *usual.input.numbers)
    rows = module_costs(spec.network, spec.usual)
    return Measures(
        spec.network.name,
        tuple(_held(row, model) for row in rows if row.depth == 0),
        shape,
        spec.run_sizes,
        None if usual.flow is None else _outputs(model, shape, usual.flow),
        _count(model, trainable=True),
        _count(model, trainable=False),
    )


def _outputs(
    model: nn.Module, shape: tuple[int, ...], flow: Flow
) -> dict[str, tuple[int, ...]]:
    was_training = model.training
    model.eval()
    with torch.no_grad():
        output = model(torch.zeros(shape))
    model.train(was_training)
    if flow.outputs is None:
        output = (output,)
    elif flow.outputs.keyed:
        output = output.values()
    shapes = (tuple(value.shape) for value in output)
    return dict(zip(flow_outputs(flow), shapes, strict=True))


def _count(model: nn.Module, *, trainable: bool) -> int:
    return sum(p.numel() for p in model.parameters() if p.requires_grad is trainable)


def _held(row: ModuleCost, model: nn.Module) -> ModuleCost:
    """A module at the top, with the parameters that it really holds."""
    held = getattr(model, row.path)
    tensors = [held] if isinstance(held, nn.Parameter) else list(held.parameters())
    return replace(row, parameters=sum(tensor.numel() for tensor in tensors))
