"""The gallery: each spec is of few lines, and has the property that it is there for."""

import re

import pytest
import torch
from support import GALLERY, tensors

import medt_gen
from medt_gen.importer import Options, import_tree
from medt_gen.network.prints import printed_tree
from medt_gen.printouts import compare, parse
from medt_gen.printouts.tree import render, walk

BY_NAME = {path.stem: path for path in GALLERY}


def spec_of(name):
    return medt_gen.load(BY_NAME[name])


def trained(model, spec, steps=1, rate=0.1):
    """The model after a few steps on noise, and its outputs before."""
    torch.manual_seed(0)
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        x = torch.rand(1, *spec.network.root.input.numbers)
        sum(y.square().mean() for y in tensors(model(x))).backward()
        optimizer.step()
    return model


# --- all of them -----------------------------------------------------------------------


def test_there_are_twenty():
    assert len(GALLERY) >= 20


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_a_spec_says_what_it_is_for_and_where_it_is_from(path):
    text = path.read_text()
    purpose = re.match(r"# (.+(\n# .+)*)\n", text)
    assert purpose
    assert purpose[1].endswith(".")
    assert "\ntitle: " in text
    assert "\nextends: " in text or "\nsource: " in text
    assert max(map(len, text.splitlines())) <= 124


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_a_variant_is_a_handful_of_lines(path):
    lines = path.read_text().splitlines()
    if any(line.startswith("extends:") for line in lines):
        assert len(lines) <= 40


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_nothing_is_warned_of(path):
    assert medt_gen.load(path).warnings == ()


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_its_printout_is_read_back(path):
    spec = medt_gen.load(path)
    printed = parse(render(printed_tree(spec.network)))
    size = [axis.number for axis in spec.network.root.input.size]
    found = import_tree(printed, "a test", Options(tuple(size) or (64, 64)))
    assert not compare(printed, printed_tree(found.spec.network))


# --- one by one ------------------------------------------------------------------------


def gates(model):
    return {
        name: parameter
        for name, parameter in model.named_parameters()
        if name.rpartition(".")[2].startswith("f_")
    }


@pytest.mark.slow
def test_gates_in_both_branches():
    spec = spec_of("gates_in_both_branches")
    model = medt_gen.build(spec)
    branches = {name.split(".")[0] for name in gates(model)}
    assert {"layer1", "layer2", "layer1_p", "layer4_p"} <= branches
    before = {name: gate.clone() for name, gate in gates(model).items()}
    trained(model, spec)
    assert all(torch.equal(before[name], gate) for name, gate in gates(model).items())
    model.set_epoch(10)
    trained(model, spec)
    moved = {
        n.split(".")[0]
        for n, g in gates(model).items()
        if not torch.equal(before[n], g)
    }
    assert {"layer1", "layer1_p"} <= moved


@pytest.mark.slow
def test_gates_from_the_start():
    spec = spec_of("gates_from_the_start")
    model = medt_gen.build(spec)
    layer = model.layer1[0].hight_block
    before = layer.f_qr.item()
    trained(model, spec)
    assert layer.f_qr.item() != before
    assert layer.gate(torch.tensor(-3.0)).item() == pytest.approx(0.001)
    assert layer.gate(torch.tensor(3.0)).item() == 1.0
    assert not hasattr(model, "set_epoch")


@pytest.mark.slow
def test_three_scales():
    spec = spec_of("three_scales")
    model = medt_gen.build(spec).eval()
    sizes = {}
    for name in ("layer1", "quarter_layer1", "layer1_p"):

        def hook(_module, inputs, _output, name=name):
            sizes[name] = tuple(inputs[0].shape)

        model.get_submodule(name).register_forward_hook(hook)
    with torch.no_grad():
        model(torch.rand(1, 3, 128, 128))
    assert sizes["layer1"][2:] == (64, 64)
    assert sizes["quarter_layer1"][2:] == (32, 32)
    assert sizes["layer1_p"][2:] == (16, 16)
    assert model.quarter_stem[0] is not model.conv1_p


@pytest.mark.slow
def test_three_stage_patches():
    model = medt_gen.build(spec_of("three_stage_patches"))
    names = dict(model.named_children())
    assert {"layer1_p", "layer2_p", "layer3_p"} <= names.keys()
    assert not {"layer4_p", "decoder1_p"} & names.keys()


def test_mixed_axes():
    tree = printed_tree(spec_of("mixed_axes").network)
    kinds = {
        name.rpartition(".")[2]: node.type
        for name, node in walk(tree)
        if name.endswith("_block")
    }
    assert kinds == {
        "hight_block": "AxialAttention_dynamic",
        "width_block": "AxialAttention_wopos",
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "size"), [("pixels_512", (512, 512)), ("strip_128x384", (128, 384))]
)
def test_sizes(name, size):
    spec = spec_of(name)
    with torch.no_grad():
        output = medt_gen.build(spec).eval()(torch.rand(1, 3, *size))
    assert tuple(output.shape) == (1, 2, *size)


def test_pixels_512_has_patches_as_large_as_ever():
    flow = spec_of("pixels_512").network.root.flow
    step = next(step for step in flow.steps if step.grid)
    patch = [
        axis.number // n for axis, n in zip(step.shapes[0].size, step.grid, strict=True)
    ]
    assert patch == [32, 32]


@pytest.mark.slow
def test_five_channels():
    spec = spec_of("five_channels")
    output = medt_gen.build(spec).eval()(torch.rand(1, 5, 128, 128))
    assert output.shape[1] == 4


@pytest.mark.slow
def test_group_norm_gelu():
    """No image changes what another one comes to, outside of attention; no ReLU."""
    spec = spec_of("group_norm_gelu")
    tree = printed_tree(spec.network)
    outside = {node.type for name, node in walk(tree) if "_block." not in name}
    assert "GroupNorm" in outside
    assert not {"BatchNorm2d", "ReLU"} & outside
    assert "F.relu(" not in medt_gen.emit(spec).partition("# The layers")[0]


@pytest.mark.slow
def test_deep_supervision():
    spec = spec_of("deep_supervision")
    outputs = medt_gen.build(spec).eval()(torch.rand(1, 3, 128, 128))
    shapes = {key: tuple(value.shape) for key, value in outputs.items()}
    assert shapes == {
        "out": (1, 2, 128, 128),
        "half": (1, 2, 64, 64),
        "quarter": (1, 2, 32, 32),
    }


@pytest.mark.slow
def test_volume_segmenter():
    spec = spec_of("volume_segmenter")
    model = medt_gen.build(spec)
    block = model.layer2[0]
    spans = (block.depth_block.span, block.height_block.span, block.width_block.span)
    assert spans == (8, 16, 16)
    assert block.downsample[0].stride == (1, 2, 2)
    output = model.eval()(torch.rand(1, 1, 8, 32, 32))
    assert tuple(output.shape) == (1, 3, 8, 32, 32)
