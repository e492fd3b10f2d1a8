"""Specs of one layer or operation, and what torch itself says of their networks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

import medt_gen
from catalog.layer_cases import Case
from medt_gen.catalog import LAYERS
from medt_gen.network.prints import printed_tree
from medt_gen.network.tensors import network_tensors
from medt_gen.paths.keys import TensorShapes
from medt_gen.printouts import Difference, compare, parse

CHANNELS = 12
SIZES = {"map": (8, 10), "volume": (4, 6, 8)}


@dataclass(frozen=True)
class Input:
    """What stands before a layer: a network's input, and the steps up to the layer.

    `relu()` makes a value of its own, which a layer may change in place.
    """

    size: tuple[int, ...]
    steps: str


INPUTS = {
    "mean": Input(SIZES["map"], "x | mean()"),
    "flatten": Input(SIZES["map"], "x | relu() | flatten()"),
    "map": Input(SIZES["map"], "x | relu()"),
    "volume": Input(SIZES["volume"], "x | relu()"),
}


def layer_text(name: str, arguments: Mapping[str, object], given: Input) -> str:
    """The spec of a network that is one layer behind an input."""
    module = json.dumps({"type": name, **arguments})
    flow = {"out": f"{given.steps} | layer"}
    if len(LAYERS[name].inputs) > 1:
        flow = {"value": given.steps, "out": "value | layer(value)"}
    return _spec(given, f"{{layer: {module}}}", flow)


def operation_text(flow: Mapping[str, str], given: Input) -> str:
    """The spec of a network without modules; its flow may start with `value`."""
    reads = any("value" in pipe for pipe in flow.values())
    before = {"value": given.steps} if reads else {}
    return _spec(given, "{}", {**before, **flow})


def complete(name: str, case: Case) -> dict[str, object]:
    """The arguments of a case, and the sizes that a flow would infer."""
    inferred = (
        argument.name for argument in LAYERS[name].arguments if argument.counts_channels
    )
    return {**dict.fromkeys(inferred, CHANNELS), **case.arguments}


def open_text(name: str, arguments: Mapping[str, object], given: Input) -> str:
    """The spec of a class without a flow that holds one layer."""
    module = json.dumps({"type": name, **arguments})
    return "\n".join(
        [
            "medt-gen: 1",
            "class: Open",
            f"input: {{channels: {CHANNELS}, size: {list(given.size)}}}",
            f"modules: {{layer: {module}}}",
        ]
    )


def _spec(given: Input, modules: str, flow: Mapping[str, str]) -> str:
    pipes = [f"  {name}: {pipe}" for name, pipe in flow.items()]
    return "\n".join(
        [
            "medt-gen: 1",
            "class: One",
            f"input: {{channels: {CHANNELS}, size: {list(given.size)}}}",
            f"modules: {modules}",
            "forward:",
            *pipes,
        ]
    )


@dataclass(frozen=True)
class Facts:
    """What a network holds: counted by medt-gen, or by torch."""

    tensors: TensorShapes
    parameters: int
    frozen: int
    buffers: int
    modules: int


def told(spec) -> Facts:
    """What medt-gen says that a network holds."""
    cost = spec.network.root.cost
    return Facts(
        network_tensors(spec.network),
        cost.parameters,
        cost.frozen,
        cost.buffers,
        cost.modules,
    )


def held(model: nn.Module) -> Facts:
    """What a network holds."""
    state = {key: tuple(tensor.shape) for key, tensor in model.state_dict().items()}
    parameters = list(model.parameters())
    return Facts(
        state,
        sum(item.numel() for item in parameters),
        sum(item.numel() for item in parameters if not item.requires_grad),
        sum(item.numel() for item in model.buffers()),
        sum(1 for _ in model.modules()),
    )


def print_differences(spec, model: nn.Module) -> list[Difference]:
    """Where the rows that medt-gen tells are not those that torch prints."""
    return compare(parse(str(model)), printed_tree(spec.network))


def outputs(model: nn.Module, size: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """What a network makes of two images, in training and in eval mode."""
    with torch.no_grad():
        images = torch.rand(2, CHANNELS, *size)
        return model.train()(images), model.eval()(images)


def shares_memory(model: nn.Module, size: tuple[int, ...]) -> bool:
    """Whether the output of a network in eval mode lies in its input's memory."""
    given = torch.rand(1, CHANNELS, *size)
    with torch.no_grad():
        made = model.eval()(given)
    return made.untyped_storage().data_ptr() == given.untyped_storage().data_ptr()


def refusal(text: str) -> medt_gen.Diagnostic:
    """The one diagnostic that a spec earns."""
    try:
        medt_gen.load(text=text)
    except medt_gen.InvalidInput as error:
        (found,) = error.diagnostics
        return found
    raise AssertionError("the spec resolves")
