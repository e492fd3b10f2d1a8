"""The attention of the papers stands alone, and the fast form says the same of itself."""

import ast
import copy
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from layers.pairs import DEFINITIONS, KINDS, assert_same, pair, step
from medt_gen import layers
from medt_gen.layers.batch_norm import with_patch_norms

FOLDER = Path(layers.__file__).parent
ALONE = ("axial_attention", "axial_dynamic", "axial_wopos")


def make(kind, channels, heads, span, **more):
    """The definition, with fresh weights."""
    positions = {} if kind == "wopos" else {"span": span}
    return DEFINITIONS[kind](channels, heads, **positions, **more)


def like(fast, kind, span, **more):
    """The definition with the weights, statistics and mode of a layer."""
    channels = fast.qkv_transform.in_channels
    defined = make(kind, channels, fast.heads, span, **more)
    defined.load_state_dict(copy.deepcopy(fast.state_dict()), strict=True)
    return defined.to(fast.bn_qkv.weight.dtype).train(fast.training)


@settings(max_examples=25, deadline=None)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    heads=st.integers(1, 3),
    c=st.integers(1, 4),
    batch=st.integers(1, 3),
    others=st.integers(1, 4),
    span=st.integers(2, 8),
    axis=st.sampled_from(["height", "width"]),
    training=st.booleans(),
    seed=st.integers(0, 2**16),
)
def test_the_definition_is_what_the_papers_say(
    kind, heads, c, batch, others, span, axis, training, seed
):
    torch.manual_seed(seed)
    fast, naive = pair(kind, 2 * c * heads, heads, span, axis=axis)
    defined = like(fast.train(training), kind, span, axis=axis)
    defined.requires_grad_(True)
    size = (span, others) if axis == "height" else (others, span)
    x = torch.randn(batch, 2 * c * heads, *size, dtype=torch.float64)
    assert_same(defined, naive.train(training), x, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stride", [1, 2])
def test_both_forms_print_save_and_begin_alike(kind, stride):
    fast_class, _ = KINDS[kind]
    given = {} if kind == "wopos" else {"span": 6}
    made = []
    for layer_class in (fast_class, DEFINITIONS[kind]):
        torch.manual_seed(0)
        layer = layer_class(16, 4, axis="width", stride=stride, **given)
        made.append((layer, torch.rand(1)))
    (fast, next_draw), (defined, expected_draw) = made
    assert repr(fast) == repr(defined)
    assert repr(defined).startswith(DEFINITIONS[kind].__name__)
    assert list(fast.state_dict()) == list(defined.state_dict())
    for one, other in zip(fast.parameters(), defined.parameters(), strict=True):
        assert torch.equal(one, other)
        assert one.requires_grad == other.requires_grad
    assert torch.equal(next_draw, expected_draw)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("training", [True, False])
def test_both_forms_agree_patch_by_patch(kind, training):
    torch.manual_seed(0)
    fast, _ = pair(kind, 8, 2, 5, patches=3)
    fast.train(training)
    defined = with_patch_norms(make(kind, 8, 2, 5, axis="height"), 3).double()
    defined.load_state_dict(copy.deepcopy(fast.state_dict()))
    defined.train(training).requires_grad_(True)
    x, weight = torch.randn(2, 6, 8, 5, 4, dtype=torch.float64)
    (y, grads), (z, expected) = step(defined, x, weight), step(fast, x, weight)
    torch.testing.assert_close(y, z, rtol=1e-10, atol=1e-11)
    for name, grad in expected.items():
        torch.testing.assert_close(grads[name], grad, rtol=1e-9, atol=1e-10)
    for one, other in zip(defined.buffers(), fast.buffers(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize("kind", KINDS)
def test_the_definition_calls_every_module(kind):
    layer = make(kind, 8, 2, 5, axis="height", stride=2)
    called = []
    for name, module in layer.named_children():
        module.register_forward_hook(lambda *_, name=name: called.append(name))
    with torch.no_grad():
        layer.eval()(torch.randn(2, 8, 5, 4))
    modules = ["qkv_transform", "bn_qkv", "bn_similarity", "bn_output", "pooling"]
    assert called == modules


@pytest.mark.parametrize("name", ALONE)
def test_the_definition_needs_torch_and_itself(name):
    tree = ast.parse((FOLDER / f"{name}.py").read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            own = node.module.removeprefix("medt_gen.layers.")
            assert own in ("collections.abc", "typing", "torch", *ALONE)


def test_norms_of_a_new_layer_are_replaced_in_their_order():
    layer = make("plain", 8, 2, 5, axis="height", stride=2)
    keys, text = list(layer.state_dict()), repr(layer)
    with_patch_norms(layer, 4)
    assert (list(layer.state_dict()), repr(layer)) == (keys, text)
    norms = [
        m for m in layer.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)
    ]
    assert [norm.patches for norm in norms] == [4, 4, 4]
