"""Attention compiled to machine code by Inductor; slow, since each case is compiled."""

import copy

import pytest
import torch

from layers.pairs import KINDS, pair
from medt_gen.layers import fast_attention

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("grad", [False, True])
def test_the_function_of_the_fast_form_compiles_alone(kind, grad, monkeypatch):
    """In chunks, whose results are parts of one tensor: these once came out wrong."""
    torch.manual_seed(0)
    torch._dynamo.reset()
    layer, _ = pair(kind, 4, 2, 5, dtype=torch.float32)
    layer.eval().chunk = 1
    x = torch.randn(2, 4, 5, 40)  # 160 lines: two chunks of 64, and one of 32
    alone = torch.compile(fast_attention.attend_lines)
    with torch.set_grad_enabled(grad):
        expected = layer(x)
        monkeypatch.setattr(fast_attention, "attend_lines", alone)
        torch.testing.assert_close(layer(x), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", ["gated", "wopos"])
@pytest.mark.parametrize("training", [False, True])
def test_a_layer_compiles_whole(kind, training):
    torch.manual_seed(0)
    torch._dynamo.reset()
    layer, _ = pair(kind, 4, 2, 5, dtype=torch.float32)
    twin = copy.deepcopy(layer.train(training))
    compiled = torch.compile(layer, fullgraph=True)
    x = torch.randn(2, 4, 5, 6)
    weight = torch.randn(2, 4, 5, 6)
    for model in (compiled, twin):
        (model(x) * weight).sum().backward()
    for one, other in zip(layer.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-3, atol=1e-4)
    for one, other in zip(layer.buffers(), twin.buffers(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
    with torch.no_grad():
        torch.testing.assert_close(compiled(x), twin(x), rtol=1e-4, atol=1e-5)
