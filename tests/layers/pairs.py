"""Pairs of layers to compare: the fast one, and the naive one with equal weights."""

from __future__ import annotations

import copy
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[2]))
from medt_gen.layers.axial_attention import AxialAttention
from medt_gen.layers.axial_dynamic import AxialAttention_dynamic
from medt_gen.layers.axial_wopos import AxialAttention_wopos
from medt_gen.layers.batch_norm import with_patch_norms
from medt_gen.layers.fast_attention import (
    FastAxialAttention,
    FastAxialAttention_dynamic,
    FastAxialAttention_wopos,
)
from tools.bench import naive

KINDS = {
    "plain": (FastAxialAttention, naive.AxialAttention),
    "gated": (FastAxialAttention_dynamic, naive.AxialAttention_dynamic),
    "wopos": (FastAxialAttention_wopos, naive.AxialAttention_wopos),
}
DEFINITIONS = {
    "plain": AxialAttention,
    "gated": AxialAttention_dynamic,
    "wopos": AxialAttention_wopos,
}


def randomise(layer):
    """Weights, statistics and gates that no test could pass by accident."""
    for name, tensor in layer.state_dict().items():
        if name.endswith("running_var") or name.startswith("f_"):
            tensor.uniform_(0.5, 1.5)
        elif tensor.is_floating_point():
            tensor.add_(0.3 * torch.randn_like(tensor))
    for parameter in layer.parameters():
        parameter.requires_grad_(True)


def pair(kind, channels, heads, span, *, axis="height", dtype=torch.float64, **more):
    """(fast, naive) with the same weights."""
    fast_class, naive_class = KINDS[kind]
    span_given = {} if kind == "wopos" else {"span": span}
    patches = more.pop("patches", 1)
    fast = fast_class(channels, heads, axis=axis, **span_given, **more)
    if patches > 1:
        fast = with_patch_norms(fast, patches)
    slow = naive_class(channels, heads, axis=axis, **span_given, **more)
    randomise(fast)
    slow.load_state_dict(copy.deepcopy(fast.state_dict()), strict=True)
    for parameter in slow.parameters():
        parameter.requires_grad_(True)
    return fast.to(dtype), slow.to(dtype)


def step(layer, x, weight):
    """Output, and the gradients of the input and of every parameter."""
    x = x.clone().requires_grad_()
    layer.zero_grad()
    y = layer(x)
    (y * weight).sum().backward()
    return y.detach(), {"x": x.grad} | {n: p.grad for n, p in layer.named_parameters()}


def assert_same(fast, slow, x, *, rtol=1e-7, atol=1e-9):
    """Equal outputs, gradients and buffers after one forward and backward pass."""
    with torch.no_grad():
        # shape only: buffers of copies may move
        weight = torch.randn_like(copy.deepcopy(slow)(x))
    (y, grads), (z, expected) = step(fast, x, weight), step(slow, x, weight)
    torch.testing.assert_close(y, z, rtol=rtol, atol=atol)
    assert grads.keys() == expected.keys()
    for name, grad in expected.items():
        torch.testing.assert_close(
            grads[name], grad, rtol=rtol, atol=atol, msg=lambda m, n=name: f"{n}: {m}"
        )
    for (name, a), (_, b) in zip(
        fast.named_buffers(), slow.named_buffers(), strict=True
    ):
        torch.testing.assert_close(
            a, b, rtol=rtol, atol=atol, msg=lambda m, n=name: f"{n}: {m}"
        )
