"""The training step: the original's losses, exact means, gates, schedules, averages."""

import json

import numpy as np
import pytest
import torch
from reference.fill import images, labels
from support import ROOT
from torch.nn import functional as F

import medt_gen
from medt_gen.catalog.training import SETTINGS
from medt_gen.training.gates import Wrapped, gate_values, uncalled_parameters
from medt_gen.training.losses import Loss
from medt_gen.training.optimizers import Schedule, make_optimizer, rate_factor
from medt_gen.training.processes import start
from medt_gen.training.recipe import Recipe, make_recipe
from medt_gen.training.samples import Batch, process_batches
from medt_gen.training.step import Stepper
from runs.folders import TINY

pytestmark = pytest.mark.training

CURVES = json.loads((ROOT / "tests/reference/golden/loss_curves.json").read_text())


def recipe(spec="gated", **options):
    return make_recipe(medt_gen.load(spec), options)


def stepper(model, made, outputs):
    fabric = start(made.precision, "cpu")
    example = torch.zeros(2, 3, *next(iter(outputs.values())))
    wrapped = Wrapped(fabric, model, example)
    optimizer = fabric.setup_optimizers(make_optimizer(model, made))
    return Stepper(fabric, wrapped, optimizer, made, outputs), wrapped


@pytest.mark.parametrize("name", sorted(CURVES))
def test_the_losses_of_the_original(name):
    facts = CURVES[name]
    size = 64 if name == "gated" else 128
    spec = medt_gen.load(name, overrides=[f"input.size={size}"])
    torch.manual_seed(0)
    model = medt_gen.build(spec).double()
    options = {"optimizer": "sgd", "momentum": 0, "lr": 0.01, "precision": "64"}
    made = make_recipe(spec, options)
    steps, wrapped = stepper(model, made, {"out": (size, size)})
    model.train()
    for step, expected in enumerate(facts["loss"]):
        wrapped.begin_epoch(10 if step >= facts["gates_open_at_step"] else 0)
        t = labels(2, 2, size // 8, size // 8, seed=1000 + step)
        t = t.repeat_interleave(8, 1).repeat_interleave(8, 2)
        x = 0.5 * images(2, 3, size, size, seed=step).double() + 0.5 * t[:, None]
        found = steps.step([Batch(x, t, ("a", "b"))], "a step")
        assert found.loss == pytest.approx(expected, rel=1e-5)
    gates = gate_values(model)
    assert set(facts["gates_after"]) == set(gates)
    for gate, value in facts["gates_after"].items():
        assert gates[gate] == pytest.approx(value, rel=2e-5), gate


@pytest.mark.parametrize("given", [None, (1.0, 3.0, 0.5)])
def test_cross_entropy_is_torchs_however_a_batch_is_parted(given):
    logits = torch.randn(5, 3, 8, 8, dtype=torch.float64)
    classes = torch.randint(0, 3, (5, 8, 8))
    loss = Loss("cross_entropy", given)
    parts = [slice(0, 1), slice(1, 5)]
    total = sum(loss.weights(classes[p]) for p in parts)
    mean = sum(loss.sums(logits[p], classes[p]) / total for p in parts)
    weight = None if given is None else torch.tensor(given, dtype=torch.float64)
    expected = F.cross_entropy(logits, classes, weight)
    torch.testing.assert_close(mean[0], expected)


@pytest.mark.parametrize("name", ["dice", "focal", "dice_cross_entropy"])
def test_other_losses_are_monais(name):
    from monai.losses import DiceCELoss, DiceLoss, FocalLoss

    kinds = {
        "dice": DiceLoss(softmax=True, to_onehot_y=True),
        "focal": FocalLoss(use_softmax=True, to_onehot_y=True),
        "dice_cross_entropy": DiceCELoss(softmax=True, to_onehot_y=True),
    }
    logits = torch.randn(4, 3, 8, 8, dtype=torch.float64)
    classes = torch.randint(0, 3, (4, 8, 8))
    loss = Loss(name, None)
    found = (loss.sums(logits, classes) / loss.weights(classes)).sum()
    expected = kinds[name](logits, classes[:, None])
    # MONAI's focal loss counts in float32.
    torch.testing.assert_close(found, expected, check_dtype=False)


def test_adams_state_of_gates_begins_when_they_open():
    spec = medt_gen.load(TINY)
    model = medt_gen.build(spec)
    made = make_recipe(spec, {})
    steps, wrapped = stepper(model, made, {"out": (16, 16)})
    batch = Batch(
        torch.rand(2, 3, 16, 16), torch.randint(0, 2, (2, 16, 16)), ("a", "b")
    )
    gates = [p for n, p in model.named_parameters() if n.rpartition(".")[2][:2] == "f_"]
    assert gates
    for epoch in range(4):
        wrapped.begin_epoch(epoch)
        before = [gate.item() for gate in gates]
        model.train()
        steps.step([batch], "a step")
        opened = epoch >= 2
        assert ([gate.item() for gate in gates] != before) is opened
        state = steps.optimizer.optimizer.state
        assert all((gate in state and bool(state[gate])) is opened for gate in gates)


def test_parameters_that_no_output_needs_are_found():
    model = medt_gen.build(medt_gen.load("medt"))
    found = uncalled_parameters(model, torch.zeros(2, 3, 128, 128))
    assert len(found) == 18
    assert all(p.grad is None for p in model.parameters())


@pytest.mark.parametrize("world", [1, 2, 3])
@pytest.mark.parametrize("count", [1, 7, 12])
def test_each_image_is_in_one_batch_of_one_process(count, world):
    parts = [process_batches(count, 4, 5, 2, rank, world) for rank in range(world)]
    assert len({len(part) for part in parts}) == 1
    seen = [key.index for part in parts for batch in part for key in batch]
    assert sorted(seen) == list(range(count))
    other = [k.index for b in process_batches(count, 4, 5, 3, 0, 1) for k in b]
    same = [k.index for b in process_batches(count, 4, 5, 2, 0, 1) for k in b]
    assert other != same or count == 1


def test_learning_rates():
    made = recipe(schedule="cosine", warmup_epochs=2, epochs=12, lr=1.0)
    factor = rate_factor(made)
    assert [factor(0), factor(1), factor(2)] == [0.5, 1.0, 1.0]
    assert factor(7) == pytest.approx(0.5)
    power = rate_factor(recipe(schedule="polynomial", power=2, epochs=10))
    assert power(5) == pytest.approx(0.25)


def test_a_plateau_lowers_the_rate():
    made = recipe(schedule="plateau", plateau_epochs=2, warmup_epochs=1, lr=1.0)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = Schedule(optimizer, made)
    rates = []
    for epoch in range(6):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.end_epoch(epoch, 0.5)
    assert rates == pytest.approx([1, 1, 1, 1, 1, 0.1])


def test_a_recipe_has_all_settings_and_no_other():
    assert [s.name for s in SETTINGS] == list(Recipe.__dataclass_fields__)


def test_options_win_over_the_spec_and_the_preset_is_between(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text("extends: gated\ntraining: {lr: 0.5, epochs: 7, ema: 0.9}\n")
    spec = medt_gen.load(path)
    assert (make_recipe(spec, {}).lr, make_recipe(spec, {}).epochs) == (0.5, 7)
    made = make_recipe(spec, {"epochs": 3}, "reference")
    assert (made.lr, made.epochs, made.ema, made.fit) == (1e-3, 3, 0.9, "strict")
    assert make_recipe(spec, {"ema": "off"}).ema is None


def test_the_average_follows_the_weights():
    spec = medt_gen.load(TINY)
    model = medt_gen.build(spec)
    made = make_recipe(spec, {"ema": 0.75, "optimizer": "sgd", "lr": 0.1})
    steps, wrapped = stepper(model, made, {"out": (16, 16)})
    wrapped.begin_epoch(0)
    model.train()
    batch = Batch(
        torch.rand(2, 3, 16, 16), torch.randint(0, 2, (2, 16, 16)), ("a", "b")
    )
    expected = None
    for _ in range(3):
        steps.step([batch], "a step")
        now = model.stem.weight.detach().clone()
        expected = now if expected is None else 0.75 * expected + 0.25 * now
    torch.testing.assert_close(steps.average.module.stem.weight, expected)


def test_sync_norm_is_torchs_norm_in_one_process():
    from medt_gen.training.sync_norm import with_sync_norms

    torch.manual_seed(0)
    spec = medt_gen.load("medt")
    one = medt_gen.build(spec).double()
    other = medt_gen.build(spec).double()
    other.load_state_dict(one.state_dict())
    assert with_sync_norms(other) > 50
    x = torch.rand(2, 3, 128, 128, dtype=torch.float64)
    results = []
    for model in (one, other):
        model.train()
        output = model(x)
        output.square().mean().backward()
        results.append(output)
    torch.testing.assert_close(*results, rtol=1e-7, atol=1e-9)
    for (name, p), q in zip(one.named_parameters(), other.parameters(), strict=True):
        if p.grad is not None:
            torch.testing.assert_close(p.grad, q.grad, rtol=1e-6, atol=1e-9, msg=name)
    for (name, b), c in zip(one.named_buffers(), other.buffers(), strict=True):
        torch.testing.assert_close(b, c, rtol=1e-7, atol=1e-10, msg=name)


def test_small_outputs_are_compared_with_small_masks():
    from medt_gen.training.losses import at_size

    classes = torch.from_numpy(np.kron(np.eye(4, dtype=np.int64), np.ones((2, 2), int)))
    small = at_size(classes[None], (4, 4))
    assert torch.equal(small[0], torch.eye(4, dtype=torch.int64))
