"""The four networks against the values measured on the original code."""

import json

import numpy as np
import pytest
import torch
from reference.fill import fill_, images, labels
from support import GOLDEN, REFERENCES
from torch.nn import functional as F
from training import check_training_step

import medt_gen


@pytest.fixture(params=REFERENCES, ids=lambda item: item.name)
def reference(request):
    return request.param


def built(reference):
    return medt_gen.build(reference.load())


def arrays(reference):
    return np.load(GOLDEN / f"{reference.name}.npz")


def test_state_dict_keys_order_and_shapes(reference):
    found = {
        key: list(item.shape) for key, item in built(reference).state_dict().items()
    }
    expected = reference.facts["state_dict"]
    assert list(found) == list(expected)
    assert found == expected


def test_an_original_checkpoint_loads(reference):
    shapes = reference.facts["state_dict"]
    own = built(reference).state_dict()
    original = {
        key: torch.zeros(shape, dtype=own[key].dtype) for key, shape in shapes.items()
    }
    built(reference).load_state_dict(original, strict=True)


def test_parameter_counts(reference):
    model = built(reference)
    sizes = [(p.numel(), p.requires_grad) for p in model.parameters()]
    assert sum(size for size, _ in sizes) == reference.facts["parameters"]
    assert sum(size for size, open_ in sizes if open_) == reference.facts["trainable"]


def test_arithmetic_counts_what_torch_counts(reference):
    spec = reference.load()
    model = medt_gen.build(spec)
    cost = spec.network.root.cost
    assert cost.parameters == sum(p.numel() for p in model.parameters())
    frozen = sum(p.numel() for p in model.parameters() if not p.requires_grad)
    assert cost.frozen == frozen
    assert cost.buffers >= sum(b.numel() for b in model.buffers())
    assert cost.modules >= sum(1 for _ in model.modules())


def test_initial_values_under_seed_0(reference):
    torch.manual_seed(0)
    state = built(reference).state_dict()
    for key, (total, absolute) in reference.facts["init_seed0"].items():
        values = state[key].double()
        assert values.sum().item() == pytest.approx(total, rel=1e-6, abs=1e-5), key
        assert values.abs().sum().item() == pytest.approx(absolute, rel=1e-6), key


def test_eval_output(reference):
    model = fill_(built(reference)).eval()
    facts = reference.facts
    x = images(facts["batch"], facts["channels"], facts["size"], facts["size"])
    with torch.no_grad():
        output = model(x).numpy()
    np.testing.assert_allclose(
        output, arrays(reference)["eval_output"], atol=2e-5, rtol=0
    )


def test_training_step(reference):
    check_training_step(built(reference), reference.facts)


@pytest.mark.parametrize("name", ["gated", "medt"])
def test_three_steps_of_training(name):
    """The original's loss and gates over three steps of SGD in float64.

    The gates are closed in step 0 and open from step 1 on.
    """
    curves = json.loads((GOLDEN / "loss_curves.json").read_text())[name]
    size = curves["size"]
    torch.manual_seed(0)
    model = medt_gen.build(medt_gen.load(name, overrides=[f"input.size={size}"]))
    model = model.double().train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, weight_decay=1e-5)
    losses = []
    for step in range(curves["steps"]):
        model.set_epoch(10 if step else 9)
        loss = F.cross_entropy(*prediction(model, step, size))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses == pytest.approx(curves["loss"], rel=1e-7)
    state = model.state_dict()
    for key, value in curves["gates_after"].items():
        assert state[key].item() == pytest.approx(value, rel=1e-6), key


def prediction(model, step, size):
    coarse = labels(2, 2, size // 8, size // 8, seed=1000 + step)
    target = coarse.repeat_interleave(8, 1).repeat_interleave(8, 2)
    image = images(2, 3, size, size, seed=step).double()
    return model(0.5 * image + 0.5 * target[:, None]), target
