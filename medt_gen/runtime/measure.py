"""What a built model is: the numbers that `medt-gen build` shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from medt_gen.loading.run_sizes import RunSizes
from medt_gen.loading.spec import Spec
from medt_gen.network.records import Flow, Module


@dataclass(frozen=True)
class ModuleMeasure:
    """A top-level module; `output` is the shape of one call.

    It is None for one that is never called, and for a container whose parts are.
    """

    name: str
    type: str
    calls: int
    output: tuple[int, ...] | None
    parameters: int


@dataclass(frozen=True)
class Measures:
    """A model: its modules, the shapes of a real forward pass, and its parameters.

    `sizes` are those of images that it takes; `outputs` are all results by their keys,
    `output` is the first; there is none where the spec leaves the data flow open.
    """

    name: str
    modules: tuple[ModuleMeasure, ...]
    input: tuple[int, ...]
    sizes: RunSizes
    output: tuple[int, ...] | None
    outputs: Mapping[str, tuple[int, ...]]
    parameters: int
    trainable: int
    frozen: int

    def record(self) -> dict[str, Any]:
        """All of it as plain data."""
        return asdict(self)


def measured(spec: Spec, model: nn.Module) -> Measures:
    """Run `model` once on zeros, in eval mode, and count what it holds."""
    usual = spec.usual.root
    shape = (1, *usual.input.numbers)
    flow = usual.flow
    outputs = {} if flow is None else _outputs(model, shape, flow)
    trainable = _count(model, trainable=True)
    frozen = _count(model, trainable=False)
    modules = tuple(
        _module(module, model) for module in usual.modules if module.body is not None
    )
    return Measures(
        spec.network.name,
        modules,
        shape,
        spec.run_sizes,
        next(iter(outputs.values()), None),
        outputs,
        trainable + frozen,
        trainable,
        frozen,
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
        return {"out": tuple(output.shape)}
    given = output.values() if flow.outputs.keyed else output
    return {
        item.key if flow.outputs.keyed else item.value: tuple(value.shape)
        for item, value in zip(flow.outputs.items, given, strict=True)
    }


def _count(model: nn.Module, *, trainable: bool) -> int:
    return sum(p.numel() for p in model.parameters() if p.requires_grad is trainable)


def _module(resolved: Module, model: nn.Module) -> ModuleMeasure:
    held = getattr(model, resolved.name)
    tensors = [held] if isinstance(held, nn.Parameter) else list(held.parameters())
    return ModuleMeasure(
        resolved.name,
        resolved.type,
        resolved.calls,
        resolved.shapes.after.numbers if resolved.shapes else None,
        sum(parameter.numel() for parameter in tensors),
    )
