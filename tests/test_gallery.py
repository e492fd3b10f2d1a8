"""The gallery: each spec is of few lines, and has the property that it is there for."""

import re

import pytest
import torch
from support import GALLERY, standalone, tensors

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
        assert len(lines) <= 32


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
    # No schedule: a built network takes the call and does nothing, a file is without it.
    assert layer.f_qr.requires_grad
    model.set_epoch(0)
    assert layer.f_qr.requires_grad
    assert not hasattr(standalone(spec), "set_epoch")


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


@pytest.mark.slow
def test_any_size():
    model = medt_gen.build(spec_of("any_size")).eval()
    with torch.no_grad():
        for size in (64, 96, 128, 192, 256):
            assert model(torch.rand(1, 3, size, size)).shape == (1, 2, size, size)
    assert model.layer1[0].hight_block.span == 128
    with pytest.raises(ValueError, match=r"H = 32, 64, \.\.\. to 256"):
        model(torch.rand(1, 3, 288, 288))


@pytest.mark.slow
def test_per_gate():
    spec = spec_of("per_gate")
    model = medt_gen.build(spec)
    before = {name: gate.clone() for name, gate in gates(model).items()}
    trained(model, spec)
    moved = {
        n.rpartition(".")[2]
        for n, g in gates(model).items()
        if not torch.equal(before[n], g)
    }
    assert moved == {"f_qr"}


@pytest.mark.slow
def test_position_free_wide():
    model = medt_gen.build(spec_of("position_free_wide"))
    narrow = medt_gen.build(medt_gen.load("axialunet"))
    assert not [
        name for name, _ in model.named_parameters() if name.endswith("relative")
    ]
    assert model.layer1[0].hight_block.heads == 4
    assert (
        model.layer4[0].conv_up.out_channels
        == 2 * narrow.layer4[0].conv_up.out_channels
    )


@pytest.mark.slow
def test_local_windows():
    layer = medt_gen.build(spec_of("local_windows")).layer1[0].width_block.eval()
    x = torch.rand(1, 16, 64, 64)
    other = x.clone()
    other[..., 40:] += 1
    with torch.no_grad():
        changed = (layer(x) - layer(other)).abs().amax((0, 1, 2)) > 0
    assert changed.nonzero().min() == 40 - 7


@pytest.mark.slow
def test_squeeze_excitation():
    block = medt_gen.build(spec_of("squeeze_excitation")).eval().layer2[1]
    with torch.no_grad():
        for parameter in block.fc.parameters():
            parameter.zero_()
        block.fc[2].weight += 0
        x = torch.rand(1, 64, 32, 32)
        half = block(x)
        body = block.bn2(
            block.conv_up(
                block.relu(
                    block.width_block(
                        block.hight_block(block.relu(block.bn1(block.conv_down(x))))
                    )
                )
            )
        )
    torch.testing.assert_close(half, (0.5 * body + x).relu())


@pytest.mark.slow
def test_spatial_gate():
    gate = medt_gen.build(spec_of("spatial_gate")).layer1[0].spatial.eval()
    x = torch.randn(1, 32, 16, 16)
    with torch.no_grad():
        weights = gate(x) / x
    assert torch.allclose(weights, weights[:, :1].expand_as(weights), atol=1e-4)
    assert weights.std() > 0
    assert gate.conv.kernel_size == (7, 7)
    assert gate.conv.in_channels == 2


@pytest.mark.slow
def test_criss_cross():
    """After two rounds a place depends on every other; after one it does not."""
    model = medt_gen.build(spec_of("criss_cross")).double()
    torch.nn.init.ones_(model.cca.gamma)
    x = torch.rand(1, 64, 5, 5, dtype=torch.float64, requires_grad=True)
    once = torch.autograd.grad(model.cca(x)[0, 0, 0, 0], x)[0][0].abs().sum(0)
    twice = (
        torch.autograd.grad(model.cca(model.cca(x))[0, 0, 0, 0], x)[0][0].abs().sum(0)
    )
    assert (once > 0).sum() == 9
    assert (twice > 0).all()


@pytest.mark.slow
def test_plain_unet():
    spec = spec_of("plain_unet")
    ups = [spec.network.root.module(f"up{n}").shapes for n in (1, 2, 3, 4)]
    assert all(len(shapes.others) == 1 for shapes in ups)
    skips = [shapes.others[0].numbers[0] for shapes in ups]
    assert skips == [512, 256, 128, 64]


@pytest.mark.slow
def test_attention_unet():
    model = medt_gen.build(spec_of("attention_unet")).eval()
    with torch.no_grad():
        for gate in (model.Att2, model.Att3, model.Att4, model.Att5):
            gate.psi[1].weight.zero_()
            gate.psi[1].bias.fill_(-100)
        x = torch.rand(1, 3, 64, 64)
        seen = []
        model.Up_conv2.register_forward_pre_hook(
            lambda _, inputs: seen.append(inputs[0])
        )
        model(x)
    assert seen[0][:, :64].abs().max() == 0
    assert seen[0][:, 64:].abs().max() > 0


@pytest.mark.slow
def test_residual_unet():
    spec = spec_of("residual_unet")
    assert not [
        node for _, node in walk(printed_tree(spec.network)) if "Pool" in node.type
    ]
    block = medt_gen.build(spec).eval().bridge
    with torch.no_grad():
        x = torch.rand(1, 256, 8, 8)
        assert torch.equal(block(x), block.conv_block(x) + block.conv_skip(x))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "depths", "width"),
    [
        ("axial_resnet_small", [1, 2, 4, 1], 32),
        ("axial_resnet_large", [3, 4, 6, 3], 64),
    ],
)
def test_axial_resnets(name, depths, width):
    torch.manual_seed(0)
    model = medt_gen.build(spec_of(name))
    stages = [model.layer1, model.layer2, model.layer3, model.layer4]
    assert [len(stage) for stage in stages] == depths
    assert model.conv1.out_channels == width
    assert all(block.bn2.weight.abs().sum() == 0 for stage in stages for block in stage)
    std = (2 / (width * 49)) ** 0.5
    assert model.conv1.weight.std().item() == pytest.approx(std, rel=0.1)
    assert model.eval()(torch.rand(1, 3, 224, 224)).shape == (1, 1000)
