"""What a fresh layer starts from: weights, gates, positions and what it refuses."""

import pytest
import torch
from torch import nn

from medt_gen.layers.axial_attention import AxialAttention
from medt_gen.layers.axial_dynamic import AxialAttention_dynamic
from medt_gen.layers.axial_wopos import AxialAttention_wopos
from medt_gen.layers.batch_norm import (
    PatchBatchNorm1d,
    PatchBatchNorm2d,
    with_patch_norms,
)
from medt_gen.layers.fast_attention import (
    FastAxialAttention,
    FastAxialAttention_dynamic,
    FastAxialAttention_wopos,
)
from medt_gen.layers.interpolate import resize, upsample

FORMS = {
    "plain": (AxialAttention, FastAxialAttention),
    "gated": (AxialAttention_dynamic, FastAxialAttention_dynamic),
    "wopos": (AxialAttention_wopos, FastAxialAttention_wopos),
}
EVERY = [form for forms in FORMS.values() for form in forms]
WITH_POSITIONS = [*FORMS["plain"], *FORMS["gated"]]
GATED = FORMS["gated"]


def make(form, channels, *heads, span=8, axis="height", **more):
    given = {} if form in FORMS["wopos"] else {"span": span}
    return form(channels, *heads, axis=axis, **given, **more)


@pytest.mark.parametrize("form", EVERY)
def test_the_tensors_of_a_layer(form):
    """Eight heads without a word; a query and a key have half the channels of a value."""
    terms, outputs = (1, 1) if form in FORMS["wopos"] else (3, 2)
    shapes = {name: tuple(x.shape) for name, x in make(form, 32).named_parameters()}
    wanted = {
        "qkv_transform.weight": (64, 32, 1),
        "bn_qkv.weight": (64,),
        "bn_qkv.bias": (64,),
        "bn_similarity.weight": (8 * terms,),
        "bn_similarity.bias": (8 * terms,),
        "bn_output.weight": (32 * outputs,),
        "bn_output.bias": (32 * outputs,),
    }
    if form in WITH_POSITIONS:
        wanted["relative"] = (8, 15)
    if form in GATED:
        wanted |= dict.fromkeys(("f_qr", "f_kr", "f_sve", "f_sv"), ())
    assert shapes == wanted


@pytest.mark.parametrize("form", WITH_POSITIONS)
def test_weights_are_drawn_as_wide_as_their_fan(form):
    torch.manual_seed(0)
    layer = make(form, 256, 4, span=64)
    weight, relative = layer.qkv_transform.weight, layer.relative
    assert weight.mean().abs().item() < 0.002
    assert weight.std().item() == pytest.approx(256**-0.5, rel=0.02)
    assert relative.std().item() == pytest.approx(64**-0.5, rel=0.03)


@pytest.mark.parametrize("form", WITH_POSITIONS)
def test_a_column_is_the_distance_of_two_places(form):
    """From i - j = -(span - 1) on: the first place sees the last by column 0."""
    index = make(form, 16, span=3).get_buffer("flatten_index").view(3, 3)
    assert index.tolist() == [[2, 1, 0], [3, 2, 1], [4, 3, 2]]


@pytest.mark.parametrize("form", GATED)
def test_gates_start_closed_but_for_that_of_the_values(form):
    layer = make(form, 16)
    gates = {name: gate for name, gate in layer.named_parameters() if name[:2] == "f_"}
    values = {name: round(gate.item(), 6) for name, gate in gates.items()}
    assert values == {"f_qr": 0.1, "f_kr": 0.1, "f_sve": 0.1, "f_sv": 1.0}
    assert not any(gate.requires_grad for gate in gates.values())
    others = [x for name, x in layer.named_parameters() if name not in gates]
    assert all(parameter.requires_grad for parameter in others)
    assert list(layer.state_dict())[:5] == [*gates, "relative"]
    assert layer.gate_range is None
    layer.open_gates()
    assert all(gate.requires_grad for gate in gates.values())


@pytest.mark.parametrize("form", EVERY)
@pytest.mark.parametrize("volume", [False, True])
def test_a_stride_above_one_is_a_pooling_at_the_end(form, volume):
    assert make(form, 16, volume=volume).pooling is None
    pooling = make(form, 16, stride=2, volume=volume).pooling
    kind = nn.AvgPool3d if volume else nn.AvgPool2d
    assert type(pooling) is kind
    assert (pooling.kernel_size, pooling.stride) == (2, 2)


@pytest.mark.parametrize("form", EVERY)
@pytest.mark.parametrize(("channels", "heads"), [(24, 8), (4, 4), (17, 1), (18, 3 * 2)])
def test_channels_that_heads_do_not_share_evenly_are_refused(form, channels, heads):
    with pytest.raises(ValueError, match=f"{channels} channels.*2 x {heads} heads"):
        make(form, channels, heads)


@pytest.mark.parametrize("form", EVERY)
@pytest.mark.parametrize("channels", [8, 16, 24])
def test_channels_that_heads_share_are_taken(form, channels):
    assert make(form, channels, 4).head_channels == [
        channels // 8,
        channels // 8,
        channels // 4,
    ]


@pytest.mark.parametrize("form", EVERY)
def test_an_axis_has_one_of_three_names(form):
    with pytest.raises(KeyError):
        make(form, 16, axis="time")


def test_patch_norms_take_the_place_of_one_and_two_axes_alone():
    layer = nn.Sequential(nn.BatchNorm1d(3), nn.BatchNorm2d(5), nn.ReLU())
    found = with_patch_norms(layer, 4)
    assert found is layer
    assert [type(module) for module in found] == [
        PatchBatchNorm1d,
        PatchBatchNorm2d,
        nn.ReLU,
    ]
    assert [norm.num_features for norm in found[:2]] == [3, 5]
    assert [norm.patches for norm in found[:2]] == [4, 4]


@pytest.mark.parametrize("norm", [PatchBatchNorm1d, PatchBatchNorm2d])
def test_a_patch_norm_knows_one_patch_without_a_word(norm):
    assert norm(3).patches == 1


def test_images_and_volumes_are_interpolated_along_each_axis():
    image, volume = torch.rand(1, 2, 3, 4), torch.rand(1, 2, 3, 4, 5)
    assert upsample(image, 2).shape == (1, 2, 6, 8)
    assert upsample(image, (1, 3)).shape == (1, 2, 3, 12)
    assert upsample(volume, 2).shape == (1, 2, 6, 8, 10)
    assert resize(image, torch.rand(7, 1, 5, 6)).shape == (1, 2, 5, 6)
    assert resize(volume, torch.rand(7, 1, 5, 6, 7)).shape == (1, 2, 5, 6, 7)
    # Linear: halfway between two places is their mean, and edges stay.
    line = torch.tensor([0.0, 4.0]).view(1, 1, 1, 2)
    assert upsample(line, (1, 2)).flatten().tolist() == [0, 1, 3, 4]
    assert upsample(line[..., None], (1, 2, 1)).flatten().tolist() == [0, 1, 3, 4]
