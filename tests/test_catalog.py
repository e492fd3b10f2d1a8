"""The catalog against torch: names, defaults, shapes and parameter counts."""

import inspect

import pytest
import torch
from torch import nn

import medt_gen
from medt_gen.catalog import LAYERS, OPERATIONS
from medt_gen.catalog.entries import INFERRED, REQUIRED
from medt_gen.emitter.inline import layer_library
from medt_gen.spec.identifiers import MODULE_ATTRIBUTES

TORCH_LAYERS = [layer for layer in LAYERS.values() if layer.origin == "nn"]


@pytest.mark.parametrize("layer", TORCH_LAYERS, ids=lambda layer: layer.name)
def test_arguments_and_defaults_are_torchs(layer):
    signature = inspect.signature(getattr(nn, layer.name)).parameters
    for argument in layer.arguments:
        assert argument.name in signature, argument.name
        default = signature[argument.name].default
        if argument.default is REQUIRED or argument.default is INFERRED:
            continue
        if default is inspect.Parameter.empty:
            continue
        assert argument.default == default, argument.name


@pytest.mark.parametrize("layer", TORCH_LAYERS, ids=lambda layer: layer.name)
def test_positional_arguments_come_first_and_in_torchs_order(layer):
    signature = list(inspect.signature(getattr(nn, layer.name)).parameters)
    positional = [item.name for item in layer.arguments if item.positional]
    assert positional == signature[: len(positional)]


def test_our_own_layers_exist():
    ours = [layer.name for layer in LAYERS.values() if layer.origin == "layers"]
    assert ours
    assert set(ours) <= set(layer_library().definitions)


def test_reserved_names_are_the_attributes_of_a_module():
    found = {*dir(nn.Module), *vars(nn.Module())}
    attributes = {name for name in found if not name.startswith("__")}
    assert attributes <= MODULE_ATTRIBUTES


SPEC = """
medt-gen: 1
class: One
input: {{channels: 8, size: {size}}}
modules:
  layer: {module}
forward:
  out: x | layer
"""

IMAGE, VOLUME = "[12, 20]", "[6, 8, 10]"
CASES = [
    (
        "{type: Conv2d, out_channels: 6, kernel_size: [3, 5], stride: [2, 1], padding: [1, 2]}",
        IMAGE,
    ),
    ("{type: Conv2d, out_channels: 6, kernel_size: 3, dilation: 2, groups: 2}", IMAGE),
    ("{type: Conv2d, out_channels: 6, kernel_size: 3, padding: same}", IMAGE),
    (
        "{type: Conv2d, out_channels: 6, kernel_size: 3, padding: valid, stride: 2}",
        IMAGE,
    ),
    (
        "{type: Conv3d, out_channels: 4, kernel_size: 3, stride: 2, padding: 1, bias: false}",
        VOLUME,
    ),
    (
        "{type: ConvTranspose2d, out_channels: 4, kernel_size: 3, stride: 2, padding: 1, output_padding: 1}",
        IMAGE,
    ),
    (
        "{type: ConvTranspose3d, out_channels: 4, kernel_size: 2, stride: 2, groups: 2}",
        VOLUME,
    ),
    ("BatchNorm2d", IMAGE),
    ("{type: BatchNorm3d, affine: false}", VOLUME),
    ("InstanceNorm2d", IMAGE),
    ("{type: InstanceNorm3d, affine: true, track_running_stats: true}", VOLUME),
    ("{type: GroupNorm, num_groups: 4}", IMAGE),
    ("{type: GroupNorm, num_groups: 2}", VOLUME),
    ("{type: MaxPool2d, kernel_size: 3, stride: 2, padding: 1}", IMAGE),
    ("{type: MaxPool3d, kernel_size: 2}", VOLUME),
    ("{type: AvgPool2d, kernel_size: [2, 3]}", IMAGE),
    ("{type: AvgPool3d, kernel_size: 2, stride: 1}", VOLUME),
    ("{type: AdaptiveAvgPool2d, output_size: 3}", IMAGE),
    ("{type: AdaptiveMaxPool3d, output_size: [2, 3, 4]}", VOLUME),
    ("{type: Upsample, scale_factor: 2, mode: bilinear, align_corners: false}", IMAGE),
    ("{type: Upsample, scale_factor: 3}", VOLUME),
    ("{type: PixelShuffle, upscale_factor: 2}", IMAGE),
    ("{type: PReLU, num_parameters: 8}", IMAGE),
    ("{type: LeakyReLU, negative_slope: 0.2}", IMAGE),
    ("{type: Softmax, dim: 1}", VOLUME),
    ("{type: Dropout2d, p: 0.1}", IMAGE),
    ("Flatten", VOLUME),
    ("GELU", IMAGE),
    ("{type: AxialAttention, axis: height, heads: 2, stride: 2}", IMAGE),
    (
        "{type: AxialAttention_dynamic, axis: width, heads: 4, trainable_gates: true, gates: [1, 1, 1, 1]}",
        IMAGE,
    ),
    (
        "{type: AxialAttention_dynamic, axis: depth, heads: 2, gate_range: [0, 1]}",
        VOLUME,
    ),
    ("{type: AxialAttention_wopos, axis: height, heads: 2, stride: 2}", VOLUME),
]


@pytest.mark.parametrize(("module", "size"), CASES)
def test_shapes_and_counts_are_torchs(module, size):
    spec = medt_gen.load(text=SPEC.format(module=module, size=size))
    model = medt_gen.build(spec).eval()
    root = spec.network.root
    with torch.no_grad():
        output = model(torch.rand(1, *root.input.numbers))
    assert tuple(output.shape[1:]) == root.output.numbers
    assert root.cost.parameters == sum(p.numel() for p in model.parameters())
    assert root.cost.buffers >= sum(b.numel() for b in model.buffers())
    frozen = sum(p.numel() for p in model.parameters() if not p.requires_grad)
    assert root.cost.frozen == frozen


OPERATION_CASES = [
    "upsample(2)", "upsample([2, 3])", "upsample(2, mode=nearest)",
    "upsample(2, align_corners=true)", "max_pool(2)", "avg_pool(3, stride=2, padding=1)",
    "mean()", "flatten()", "relu()", "gelu()", "silu()", "sigmoid()", "tanh()",
    "softmax()", "leaky_relu()", "leaky_relu(0.2)", "add(other)", "multiply(other, x)",
    "concat(other, x)", "scale(weights)", "scale(pooled)", "max_pool(2) | resize(x)",
    "max_pool(2) | resize(x, mode=nearest)",
]  # fmt: skip

OPERATIONS_SPEC = """
medt-gen: 1
class: Operations
input: {channels: 4, size: [8, 12]}
modules:
  conv: {type: Conv2d, out_channels: 4, kernel_size: 3, padding: 1}
  pool: {type: AdaptiveAvgPool2d, output_size: 1}
forward:
  other: x | conv
  weights: x | mean()
  pooled: x | pool
  rest: other | max_pool(1) | scale(weights) | scale(pooled)
  one: x | STEP
  out: one
"""


@pytest.mark.parametrize("step", OPERATION_CASES)
def test_operations_have_the_shapes_that_they_promise(step):
    spec = medt_gen.load(text=OPERATIONS_SPEC.replace("STEP", step))
    model = medt_gen.build(spec).eval()
    with torch.no_grad():
        output = model(torch.rand(2, 4, 8, 12))
    assert tuple(output.shape[1:]) == spec.network.root.output.numbers


def test_every_operation_is_tried():
    tried = {
        part.split("(")[0].strip() for c in OPERATION_CASES for part in c.split("|")
    }
    assert tried == set(OPERATIONS)
