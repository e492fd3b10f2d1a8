"""The fast attention and the naive one are the same function."""

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.pairs import KINDS, assert_same, pair, step
from medt_gen.layers.fast_attention import (
    FastAxialAttention,
    FastAxialAttention_dynamic,
)

kinds = st.sampled_from(sorted(KINDS))


@settings(max_examples=40, deadline=None)
@given(
    kind=kinds,
    heads=st.integers(1, 4),
    c=st.integers(1, 6),
    batch=st.integers(1, 3),
    others=st.integers(1, 5),
    span=st.integers(2, 12),
    axis=st.sampled_from(["height", "width"]),
    training=st.booleans(),
    seed=st.integers(0, 2**16),
)
def test_any_shape(kind, heads, c, batch, others, span, axis, training, seed):
    torch.manual_seed(seed)
    fast, slow = pair(kind, 2 * c * heads, heads, span, axis=axis)
    size = (span, others) if axis == "height" else (others, span)
    x = torch.randn(batch, 2 * c * heads, *size, dtype=torch.float64)
    assert_same(fast.train(training), slow.train(training), x, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stride", [1, 2])
def test_stride(kind, stride):
    torch.manual_seed(0)
    fast, slow = pair(kind, 16, 4, 6, axis="width", stride=stride)
    x = torch.randn(2, 16, 4, 6, dtype=torch.float64)
    assert_same(fast, slow, x)


@pytest.mark.parametrize("kind", KINDS)
def test_float32(kind):
    torch.manual_seed(0)
    fast, slow = pair(kind, 16, 4, 8, dtype=torch.float32)
    x = torch.randn(2, 16, 8, 5)
    with torch.no_grad():
        y, z = fast.eval()(x), slow.eval()(x)
    torch.testing.assert_close(y, z, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("training", [True, False])
def test_gradcheck(kind, training):
    torch.manual_seed(0)
    layer, _ = pair(kind, 4, 1, 5)
    layer.train(training)
    x = torch.randn(1, 4, 5, 2, dtype=torch.float64, requires_grad=True)
    parameters = tuple(p.requires_grad_() for p in layer.parameters())
    assert torch.autograd.gradcheck(lambda x, *_: layer(x), (x, *parameters))
    assert torch.autograd.gradgradcheck(layer, (x,))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("training", [True, False])
def test_autocast(kind, dtype, training):
    torch.manual_seed(0)
    fast, slow = pair(kind, 16, 4, 8, dtype=torch.float32)
    fast.train(training), slow.train(training)
    x = torch.randn(2, 16, 8, 6)
    exact = copy.deepcopy(slow)(x)
    with torch.autocast("cpu", dtype=dtype):
        y, grads = step(fast, x, torch.ones_like(exact))
        z = slow(x)
    assert all(g is None or g.isfinite().all() for g in grads.values())
    # as near to the exact values as the naive form gets in this type
    error, allowed = (y - exact).abs().max(), (z - exact).abs().max()
    assert error <= 2 * allowed + 0.02


@pytest.mark.parametrize("kind", KINDS)
def test_moments_far_from_zero(kind):
    """At an offset of 1000, float32 statistics would be off by a tenth."""
    torch.manual_seed(0)
    fast, slow = pair(kind, 8, 2, 6, dtype=torch.float32)
    exact = copy.deepcopy(slow).double()
    for layer in (fast, exact):
        with torch.no_grad():
            layer.bn_qkv.bias[:4] += 1000
    x = torch.randn(3, 8, 6, 5)
    fast(x), exact(x.double())
    torch.testing.assert_close(
        fast.bn_similarity.running_var.double(),
        exact.bn_similarity.running_var,
        rtol=2e-3,
        atol=0,
    )


def test_bias_of_the_similarity_has_a_zero_gradient():
    fast, _ = pair("plain", 8, 2, 5)
    fast(torch.randn(2, 8, 5, 3, dtype=torch.float64)).square().sum().backward()
    gradient = fast.bn_similarity.bias.grad
    assert gradient is not None
    assert torch.equal(gradient, torch.zeros_like(gradient))


@pytest.mark.parametrize("axis", ["depth", "height", "width"])
def test_volumes(axis):
    """Attention along an axis of a volume is attention in planes that hold the axis."""
    torch.manual_seed(0)
    size = {"depth": 5, "height": 6, "width": 8}
    layer = FastAxialAttention(
        8, 2, span=size[axis], axis=axis, stride=1, volume=True
    ).double()
    flat = FastAxialAttention(8, 2, span=size[axis], axis="width").double()
    flat.load_state_dict(layer.state_dict())
    x = torch.randn(2, 8, 5, 6, 8, dtype=torch.float64)
    dim = list(size).index(axis) + 2
    lines = x.movedim(dim, -1)
    expected = flat(lines.flatten(2, 3)).view(lines.shape).movedim(-1, dim)
    torch.testing.assert_close(layer(x), expected)
    pooled = FastAxialAttention(8, 2, span=size[axis], axis=axis, stride=2, volume=True)
    assert pooled(x.float()).shape == (2, 8, 2, 3, 4)


def test_gate_range_and_opening():
    torch.manual_seed(0)
    make = {"span": 5, "axis": "height"}
    ranged = FastAxialAttention_dynamic(
        8, 2, **make, gates=(3.0, -1.0, 0.5, 2.0), gate_range=(0.0, 1.0)
    )
    plain = FastAxialAttention_dynamic(8, 2, **make, gates=(1.0, 0.0, 0.5, 1.0))
    plain.load_state_dict(ranged.state_dict() | _gates(plain))
    x = torch.randn(2, 8, 5, 4)
    torch.testing.assert_close(ranged(x), plain(x))
    assert not any(gate.requires_grad for gate in _gates(ranged).values())
    ranged.open_gates()
    assert all(dict(ranged.named_parameters())[n].requires_grad for n in _gates(plain))
    ranged.open_gates(False)
    assert not ranged.f_qr.requires_grad
    trainable = FastAxialAttention_dynamic(8, 2, **make, trainable_gates=True)
    assert trainable.f_sv.requires_grad


def _gates(layer):
    return {n: t for n, t in layer.state_dict(keep_vars=True).items() if n[:2] == "f_"}


def test_odd_channels_are_refused():
    with pytest.raises(ValueError, match="2 x 8 heads"):
        FastAxialAttention(24, 8, span=4, axis="height")


@pytest.mark.parametrize("grad", [True, False])
def test_bfloat16_sums_many_places(grad):
    """Uniform weights over ones give one, however long the line."""
    layer = FastAxialAttention(2, 1, span=1024, axis="width").eval()
    with torch.no_grad():
        layer.qkv_transform.weight.zero_()
        layer.bn_qkv.bias[2:] = 1  # v; q and k are zero
        layer.relative.zero_()
    layer.to(torch.bfloat16)
    with torch.set_grad_enabled(grad):
        y = layer(torch.zeros(1, 2, 1, 1024, dtype=torch.bfloat16))
    torch.testing.assert_close(y, torch.ones_like(y), rtol=0.02, atol=0)


def test_no_variance_is_negative():
    """A blank image far from zero: float64 cancels to less than nothing."""
    for seed in range(10):
        torch.manual_seed(seed)
        layer, _ = pair("gated", 8, 2, 6, dtype=torch.float32)
        with torch.no_grad():
            layer.bn_qkv.bias += 1000
        assert layer(torch.ones(2, 8, 6, 5)).isfinite().all(), seed
        assert (layer.bn_similarity.running_var >= 0).all()
