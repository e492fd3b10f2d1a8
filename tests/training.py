"""One training step in float64 against the values measured on the original code."""

from __future__ import annotations

import pytest
from reference.fill import fill_, images, labels
from torch.nn import functional as F


def check_training_step(model, facts):
    """Loss, gradient norms and running statistics of one step, all parameters open."""
    model = fill_(model).double().train().requires_grad_(True)
    size, batch = facts["size"], facts["batch"]
    output = model(images(batch, facts["channels"], size, size).double())
    loss = F.cross_entropy(output, labels(batch, facts["classes"], size, size))
    loss.backward()
    assert loss.item() == pytest.approx(facts["train_loss"], rel=1e-10)
    _check_gradients(model, facts["grad_norm"])
    _check_running(model.state_dict(), facts["running"])


def _check_gradients(model, expected):
    for name, parameter in model.named_parameters():
        wanted = expected[name]
        if wanted is None:
            assert parameter.grad is None, name
            continue
        norm = parameter.grad.norm().item()
        if wanted > 1e-8:
            assert norm == pytest.approx(wanted, rel=1e-6), name
        else:
            assert norm <= 1e-7, name


def _check_running(state, expected):
    assert expected
    for key, (norm, total) in expected.items():
        values = state[key].double()
        assert values.norm().item() == pytest.approx(norm, rel=1e-8, abs=1e-8), key
        assert values.sum().item() == pytest.approx(total, rel=1e-8, abs=1e-8), key
