"""Attention is copied, compiled, traced, vectorised and exported."""

import copy
import pickle

import pytest
import torch

from layers.pairs import KINDS, pair


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


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("most", [64, None])
@pytest.mark.parametrize("grad", [True, False])
@pytest.mark.parametrize("training", [True, False])
def test_exports_with_a_dynamic_batch(kind, most, grad, training):
    """Without a bound, too: no size of a chunk is compared with it."""
    fast, _ = pair(kind, 8, 2, 5, dtype=torch.float32)
    fast.train(training)
    batch = torch.export.Dim("batch", max=most)
    example = (torch.randn(3, 8, 5, 4),)
    x = torch.randn(7, 8, 5, 4)
    with torch.set_grad_enabled(grad):
        program = torch.export.export(fast, example, dynamic_shapes=({0: batch},))
        y = program.module()(x)
    torch.testing.assert_close(y, fast(x), rtol=1e-5, atol=1e-5)
