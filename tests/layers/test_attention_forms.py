"""Which form of attention is taken, and that none is wrong for speed."""

import copy
from types import MethodType

import pytest
import torch
from torch import nn

from layers.pairs import KINDS, assert_same, pair
from medt_gen.layers import fast_attention
from medt_gen.layers.fast_attention import FastAxialAttention


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


def without_weights(layer):
    count = layer.bn_similarity.num_features
    layer.bn_similarity = nn.BatchNorm2d(count, affine=False).double()


def replaced_forward(layer):
    def doubled(norm, x):
        return 2 * type(norm).forward(norm, x)

    layer.bn_similarity.forward = MethodType(doubled, layer.bn_similarity)


def synchronised(layer):
    nn.SyncBatchNorm.convert_sync_batchnorm(layer)


def wide_momentum(layer):
    layer.bn_similarity.momentum = 0.7
    layer.bn_similarity.eps = 0.1


def negative_scale(layer):
    with torch.no_grad():
        layer.bn_similarity.weight.neg_()


def with_another_buffer(layer):
    layer.bn_similarity.register_buffer("note", torch.ones(3), persistent=False)


GENERAL = [
    averaging,
    without_running_statistics,
    doubling_hook,
    halving_pre_hook,
    backward_hook,
    replaced,
    without_weights,
    replaced_forward,
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
    *GENERAL,
    frozen_similarity,
    frozen_others,
    training_similarity_alone,
    not_updating,
    wide_momentum,
    negative_scale,
    with_another_buffer,
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
    inner = fast_attention.attend_lines

    def spy(lines, positions, *out):
        _, span, count = lines.q.shape
        seen.append(span * span * count)
        return inner(lines, positions, *out)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast_attention, "attend_lines", spy)
        layer(x)
    return seen


def test_chunks_bound_the_logits():
    """No more than `chunk` logits exist at a time, half as many with gradients."""
    layer = FastAxialAttention(16, 8, span=64, axis="height")
    x = torch.randn(2, 16, 64, 64)
    with torch.no_grad():
        seen = logits_of(layer, x)
    assert max(seen) == layer.chunk
    assert sum(seen) == 2 * 64 * 8 * 64 * 64
    assert max(logits_of(layer, x)) == layer.chunk / 2


@pytest.mark.parametrize(
    ("kind", "c", "span", "products"),
    [
        ("plain", 3, 10, False),
        ("plain", 3, 9, True),
        ("plain", 5, 37, False),
        ("plain", 6, 37, True),
        ("wopos", 2, 5, False),
        ("wopos", 2, 4, True),
        ("wopos", 3, 99, True),
        ("wopos", 1, 1, True),  # a single place has no variance
    ],
)
def test_matrix_products_where_they_are_faster(kind, c, span, products):
    """In training; in eval the fast form is as fast, and bounds memory."""
    layer, _ = pair(kind, 4 * c, 2, span, dtype=torch.float32)
    x = torch.randn(1, 4 * c, span, 3)
    fast = [span * span * 2 * 3]
    expected = [] if products else fast
    assert logits_of(layer, x) == expected
    with torch.no_grad():
        assert logits_of(layer, x) == expected  # wide Gram matrices would be many
        assert logits_of(layer.eval(), x) == fast
    assert logits_of(layer, x) == expected  # gradients are wanted


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("training", [True, False])
def test_an_empty_batch(kind, training):
    """What torch's norms do with it: count it, and keep their statistics."""
    layer, _ = pair(kind, 8, 2, 5)
    before = copy.deepcopy(layer.train(training).state_dict())
    assert layer(torch.zeros(0, 8, 5, 3, dtype=torch.float64)).shape == (0, 8, 5, 3)
    for key, value in layer.state_dict().items():
        counted = training and key.endswith("_tracked")
        torch.testing.assert_close(value, before[key] + 1 if counted else before[key])


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


@pytest.mark.parametrize("kind", KINDS)
def test_one_value_for_a_norm_is_refused(kind):
    """It has no variance; torch's norms say so, and here only one of them trains."""
    layer, _ = pair(kind, 4, 2, 1)
    layer.eval().bn_similarity.train()
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        layer(torch.randn(1, 4, 1, 1, dtype=torch.float64))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("training", [True, False])
def test_a_norm_of_another_size_is_refused(kind, training):
    layer, _ = pair(kind, 8, 2, 5)
    count = layer.bn_similarity.num_features
    layer.bn_similarity = nn.BatchNorm2d(2 * count).double()
    with pytest.raises(RuntimeError):
        layer.train(training)(torch.randn(2, 8, 5, 3, dtype=torch.float64))
