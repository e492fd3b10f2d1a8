"""The fast attention and the naive one are the same function."""

import copy
import pickle

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from layers.pairs import KINDS, assert_same, pair, step
from medt_gen.layers import axial_attention as attention_file
from medt_gen.layers.axial_attention import AxialAttention
from medt_gen.layers.axial_dynamic import AxialAttention_dynamic

kinds = st.sampled_from(sorted(KINDS))


@settings(max_examples=40, deadline=None)
@given(
    kind=kinds,
    heads=st.integers(1, 4),
    c=st.integers(1, 6),
    batch=st.integers(1, 3),
    others=st.integers(1, 5),
    span=st.integers(2, 7),
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
    layer, _ = pair(kind, 4, 1, 3)
    layer.train(training)
    x = torch.randn(1, 4, 3, 2, dtype=torch.float64, requires_grad=True)
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


def frozen_similarity(layer):
    layer.bn_similarity.eval()


def frozen_others(layer):
    layer.bn_qkv.eval(), layer.bn_output.eval()


def training_similarity_alone(layer):
    layer.eval().bn_similarity.train()


def averaging(layer):
    layer.bn_similarity.momentum = None
    layer.bn_qkv.momentum = None


def without_running_statistics(layer):
    norm = layer.bn_similarity
    norm.track_running_stats = False
    norm.running_mean = norm.running_var = norm.num_batches_tracked = None


def not_updating(layer):
    layer.bn_similarity.track_running_stats = False


def doubling_hook(layer):
    layer.bn_similarity.register_forward_hook(lambda module, args, y: 2 * y)


def halving_pre_hook(layer):
    layer.bn_similarity.register_forward_pre_hook(lambda module, args: args[0] / 2)


def backward_hook(layer):
    layer.bn_similarity.register_full_backward_hook(
        lambda module, grad_in, grad_out: tuple(3 * g for g in grad_in)
    )


def replaced(layer):
    layer.bn_similarity = nn.Identity()


def synchronised(layer):
    nn.SyncBatchNorm.convert_sync_batchnorm(layer)


def wide_momentum(layer):
    layer.bn_similarity.momentum = 0.7
    layer.bn_similarity.eps = 0.1


def negative_scale(layer):
    with torch.no_grad():
        layer.bn_similarity.weight.neg_()


GENERAL = [
    averaging,
    without_running_statistics,
    doubling_hook,
    halving_pre_hook,
    backward_hook,
    replaced,
    synchronised,
]


@pytest.mark.parametrize("state", GENERAL, ids=lambda f: f.__name__)
def test_the_general_form_is_taken(state):
    layer, _ = pair("gated", 8, 2, 5)
    state(layer)
    for training in (True, False):
        if not training or state is not synchronised:  # which trains on a GPU alone
            layer.train(training)
            assert logits_of(layer, torch.randn(2, 8, 5, 3, dtype=torch.float64)) == []


STATES = [
    frozen_similarity,
    frozen_others,
    training_similarity_alone,
    averaging,
    without_running_statistics,
    not_updating,
    doubling_hook,
    halving_pre_hook,
    backward_hook,
    replaced,
    synchronised,
    wide_momentum,
    negative_scale,
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", STATES, ids=lambda f: f.__name__)
def test_never_wrong_for_speed(kind, state):
    torch.manual_seed(0)
    fast, slow = pair(kind, 8, 2, 5)
    for layer in (fast, slow):
        state(layer)
    x = torch.randn(2, 8, 5, 3, dtype=torch.float64)
    for _ in range(2):
        assert_same(fast, slow, x)


def test_bias_of_the_similarity_has_a_zero_gradient():
    fast, _ = pair("plain", 8, 2, 5)
    fast(torch.randn(2, 8, 5, 3, dtype=torch.float64)).square().sum().backward()
    gradient = fast.bn_similarity.bias.grad
    assert gradient is not None
    assert torch.equal(gradient, torch.zeros_like(gradient))


@pytest.mark.parametrize("kind", KINDS)
def test_chunks_do_not_change_values(kind):
    torch.manual_seed(0)
    whole, _ = pair(kind, 8, 2, 6)
    parts = copy.deepcopy(whole)
    parts.chunk = 1
    x = torch.randn(2, 8, 6, 50, dtype=torch.float64)
    assert_same(parts, whole, x, rtol=1e-12, atol=1e-13)
    with torch.no_grad():
        torch.testing.assert_close(parts.eval()(x), whole.eval()(x))
        assert len(logits_of(parts, x)) == 4  # of 200 lines


def logits_of(layer, x):
    """How many logits each chunk of the fast form makes; none where it is not taken."""
    seen = []
    inner = attention_file.axial_attention

    def spy(lines, tables):
        _, span, count = lines[0].shape
        seen.append(span * span * count)
        return inner(lines, tables)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attention_file, "axial_attention", spy)
        layer(x)
    return seen


def test_chunks_bound_the_logits():
    """No more than `chunk` logits exist at a time, half as many with gradients."""
    layer = AxialAttention(16, 8, span=64, axis="height")
    x = torch.randn(2, 16, 64, 64)
    with torch.no_grad():
        seen = logits_of(layer, x)
    assert max(seen) == layer.chunk
    assert sum(seen) == 2 * 64 * 8 * 64 * 64
    assert max(logits_of(layer, x)) == layer.chunk / 2


def test_wide_layers_take_matrix_products_where_they_are_faster():
    """In training; in eval the fast form is as fast, and bounds memory."""
    layer, x = AxialAttention(96, 8, span=4, axis="width"), torch.randn(1, 96, 3, 4)
    assert logits_of(layer, x) == []
    with torch.no_grad():
        assert logits_of(layer, x) == []  # Gram matrices of 6 x 6 would be many
        assert logits_of(layer.eval(), x) == [4 * 4 * 8 * 3]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("training", [True, False])
def test_hooks_on_every_module_are_called(kind, training):
    """As `torch.nn.modules.module.register_module_forward_hook` adds them."""
    torch.manual_seed(0)
    fast, slow = pair(kind, 8, 2, 5)
    fast.train(training), slow.train(training)
    x = torch.randn(2, 8, 5, 3, dtype=torch.float64)

    def double_norms(module, args, y):
        return 2 * y if isinstance(module, nn.modules.batchnorm._BatchNorm) else None

    handle = nn.modules.module.register_module_forward_hook(double_norms)
    try:
        assert logits_of(fast, x) == []
        slow(x)  # for equal running statistics
        assert_same(fast, slow, x)
    finally:
        handle.remove()


@pytest.mark.parametrize("kind", KINDS)
def test_the_fast_form_is_taken_and_keeps_the_type(kind):
    layer, _ = pair(kind, 16, 4, 6, dtype=torch.float32)
    x = torch.randn(2, 16, 6, 5)
    for training in (True, False):
        layer.train(training)
        assert len(logits_of(layer, x)) == 1
        with torch.autocast("cpu", dtype=torch.bfloat16), torch.no_grad():
            assert layer(x).dtype == torch.bfloat16
        assert layer(x).dtype == torch.float32


@pytest.mark.parametrize("axis", ["depth", "height", "width"])
def test_volumes(axis):
    """Attention along an axis of a volume is attention in planes that hold the axis."""
    torch.manual_seed(0)
    size = {"depth": 3, "height": 4, "width": 6}
    layer = AxialAttention(
        8, 2, span=size[axis], axis=axis, stride=1, volume=True
    ).double()
    flat = AxialAttention(8, 2, span=size[axis], axis="width").double()
    flat.load_state_dict(layer.state_dict())
    x = torch.randn(2, 8, 3, 4, 6, dtype=torch.float64)
    dim = list(size).index(axis) + 2
    lines = x.movedim(dim, -1)
    expected = flat(lines.flatten(2, 3)).view(lines.shape).movedim(-1, dim)
    torch.testing.assert_close(layer(x), expected)
    pooled = AxialAttention(8, 2, span=size[axis], axis=axis, stride=2, volume=True)
    assert pooled(x.float()).shape == (2, 8, 1, 2, 3)


def test_gate_range_and_opening():
    torch.manual_seed(0)
    make = {"span": 5, "axis": "height"}
    ranged = AxialAttention_dynamic(
        8, 2, **make, gates=(3.0, -1.0, 0.5, 2.0), gate_range=(0.0, 1.0)
    )
    plain = AxialAttention_dynamic(8, 2, **make, gates=(1.0, 0.0, 0.5, 1.0))
    plain.load_state_dict(ranged.state_dict() | _gates(plain))
    x = torch.randn(2, 8, 5, 4)
    torch.testing.assert_close(ranged(x), plain(x))
    assert not any(gate.requires_grad for gate in _gates(ranged).values())
    ranged.open_gates()
    assert all(dict(ranged.named_parameters())[n].requires_grad for n in _gates(plain))
    ranged.open_gates(False)
    assert not ranged.f_qr.requires_grad
    trainable = AxialAttention_dynamic(8, 2, **make, trainable_gates=True)
    assert trainable.f_sv.requires_grad


def _gates(layer):
    return {n: t for n, t in layer.state_dict(keep_vars=True).items() if n[:2] == "f_"}


def test_odd_channels_are_refused():
    with pytest.raises(ValueError, match="2 x 8 heads"):
        AxialAttention(24, 8, span=4, axis="height")


@pytest.mark.parametrize("kind", KINDS)
def test_compiles_whole_and_copies(kind):
    torch.manual_seed(0)
    fast, slow = pair(kind, 8, 2, 5, dtype=torch.float32)
    x = torch.randn(2, 8, 5, 4)
    for training in (False, True):
        layer = copy.deepcopy(fast).train(training)
        twin = pickle.loads(pickle.dumps(layer))
        compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
        expected = copy.deepcopy(slow).train(training)(x)
        torch.testing.assert_close(compiled(x), expected, rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(twin(x), expected, rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(
            layer.bn_similarity.running_var, twin.bn_similarity.running_var
        )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
@pytest.mark.parametrize("grad", [True, False])
def test_a_trace_takes_any_batch(kind, grad):
    fast, _ = pair(kind, 8, 2, 5, dtype=torch.float32)
    fast.eval().chunk = 1
    with torch.set_grad_enabled(grad):
        traced = torch.jit.trace(fast, torch.randn(1, 8, 5, 40))
        x = torch.randn(3, 8, 5, 40)
        torch.testing.assert_close(traced(x), fast(x))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("grad", [True, False])
def test_vmap(kind, grad):
    fast, _ = pair(kind, 8, 2, 5, dtype=torch.float32)
    x = torch.randn(3, 2, 8, 5, 4)
    with torch.set_grad_enabled(grad):
        y = torch.vmap(fast.eval())(x)
        torch.testing.assert_close(y, torch.stack([fast(part) for part in x]))


@pytest.mark.parametrize("grad", [True, False])
def test_bfloat16_sums_many_places(grad):
    """Uniform weights over ones give one, however long the line."""
    layer = AxialAttention(2, 1, span=1024, axis="width").eval()
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


@pytest.mark.parametrize("kind", KINDS)
def test_exports_with_a_dynamic_batch(kind):
    fast, _ = pair(kind, 8, 2, 5, dtype=torch.float32)
    fast.eval()
    batch = torch.export.Dim("batch", min=1, max=64)
    example = (torch.randn(3, 8, 5, 4),)
    program = torch.export.export(fast, example, dynamic_shapes=({0: batch},))
    x = torch.randn(7, 8, 5, 4)
    torch.testing.assert_close(program.module()(x), fast(x), rtol=1e-5, atol=1e-5)
