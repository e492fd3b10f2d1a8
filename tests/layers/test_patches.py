"""A batch of patches is what patches one after another are."""

import copy
from types import MethodType

import pytest
import torch
from torch import nn

from layers.pairs import KINDS, pair, randomise, step
from medt_gen.layers.batch_norm import (
    PatchBatchNorm1d,
    PatchBatchNorm2d,
    PatchBatchNorm3d,
)
from medt_gen.layers.patches import over_patches
from tools.bench import naive

GRID = (2, 3)


class Branch(nn.Module):
    """A small patch branch, run by either form."""

    def __init__(self, attention, norm, run):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = norm
        self.attention = attention
        self.run = run

    def branch(self, patch):
        return self.attention(self.norm(self.conv(patch)).relu())

    def forward(self, x):
        return self.run(self.branch, x, GRID, (self.norm, self.attention))


def branches(kind="plain", patches=6):
    torch.manual_seed(0)
    fast, slow = pair(kind, 8, 2, 5, patches=patches, dtype=torch.float64)
    ours = Branch(fast, PatchBatchNorm2d(8, patches=patches), over_patches).double()
    theirs = Branch(slow, nn.BatchNorm2d(8), naive.over_patches).double()
    randomise(ours)
    theirs.load_state_dict(copy.deepcopy(ours.state_dict()))
    return ours, theirs


def assert_equal_steps(ours, theirs, steps=2):
    for seed in range(steps):
        torch.manual_seed(seed)
        x = torch.randn(2, 3, 10, 12, dtype=torch.float64)
        weight = torch.randn(2, 8, 10, 12, dtype=torch.float64)
        (y, grads), (z, expected) = step(ours, x, weight), step(theirs, x, weight)
        torch.testing.assert_close(y, z)
        for name, grad in expected.items():
            torch.testing.assert_close(grads[name], grad, rtol=1e-6, atol=1e-8)
    buffers = dict(theirs.named_buffers())
    for name, buffer in ours.named_buffers():
        torch.testing.assert_close(buffer, buffers[name])


def calls(model):
    """How many times the branch runs."""
    seen = []
    inner = model.branch
    model.branch = lambda patch: (seen.append(len(patch)), inner(patch))[1]
    model(torch.randn(2, 3, 10, 12, dtype=torch.float64))
    del model.branch
    return seen


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("training", [True, False])
def test_one_batch(kind, training):
    ours, theirs = branches(kind)
    assert calls(copy.deepcopy(ours).train(training)) == [12]
    assert_equal_steps(ours.train(training), theirs.train(training))


@pytest.mark.parametrize("training", [True, False])
def test_no_images(training):
    """Statistics stay as they are."""
    ours, _ = branches()
    before = copy.deepcopy(ours.train(training).state_dict())
    x = torch.zeros(0, 3, 10, 12, dtype=torch.float64)
    assert ours(x).shape == (0, 8, 10, 12)
    for key, value in ours.state_dict().items():
        if not key.endswith("_tracked"):
            assert torch.equal(value, before[key]), key


def test_batches_are_counted_once_a_patch():
    ours, _ = branches()
    ours(torch.randn(2, 3, 10, 12, dtype=torch.float64))
    counts = {int(b) for n, b in ours.named_buffers() if n.endswith("_tracked")}
    assert counts == {6}


def sync(model):
    nn.SyncBatchNorm.convert_sync_batchnorm(model)


def hook(model):
    model.norm.register_forward_hook(lambda module, args, y: y + y.mean())


def inner_hook(model):
    model.attention.bn_output.register_forward_hook(lambda m, a, y: y * y.amax())


def replace_forward(model):
    def coupled(norm, x):
        return type(norm).forward(norm, x) * x.mean()

    model.norm.forward = MethodType(coupled, model.norm)


def replace(model):
    class Whitening(nn.Module):
        def forward(self, x):
            return (x - x.mean()) / x.std()

    model.norm = Whitening()


def instance(model):
    model.norm = nn.InstanceNorm2d(8, track_running_stats=True).double()


CHANGES = [sync, hook, inner_hook, replace_forward, replace, instance]


@pytest.mark.parametrize("change", CHANGES)
def test_one_after_another_where_it_matters(change):
    ours, theirs = branches()
    for model in (ours, theirs):
        change(model)
    assert calls(copy.deepcopy(ours)) == [2] * 6
    assert_equal_steps(ours, theirs)
    assert ours.attention.bn_qkv.__dict__.get("patches", 6) == 6


def frozen(model):
    model.norm.eval(), model.attention.bn_similarity.eval()


def averaging(model):
    for module in (model.norm, model.attention.bn_similarity, model.attention.bn_qkv):
        module.momentum = None


@pytest.mark.parametrize("change", [frozen, averaging])
def test_one_batch_with_norms_in_other_states(change):
    ours, theirs = branches()
    for model in (ours, theirs):
        change(model)
    assert_equal_steps(ours, theirs)


def test_other_patch_count_runs_one_after_another():
    ours, theirs = branches(patches=4)
    assert_equal_steps(ours, theirs)
    assert ours.norm.patches == 4


def test_counts_are_restored_after_an_error():
    ours, _ = branches(patches=4)
    ours.branch = lambda patch: 1 / 0
    with pytest.raises(ZeroDivisionError):
        ours(torch.randn(2, 3, 10, 12, dtype=torch.float64))
    assert {m.patches for m in ours.modules() if hasattr(m, "patches")} == {4}


def test_grid_must_tile():
    with pytest.raises(ValueError, match="does not tile"):
        over_patches(nn.Identity(), torch.zeros(1, 1, 10, 10), (4, 2))


def test_order_of_patches():
    image = torch.arange(2 * 4 * 6).view(2, 1, 4, 6)
    seen = []
    result = over_patches(lambda p: (seen.append(p), p)[1], image, (2, 3))
    assert torch.equal(result, image)
    assert torch.equal(seen[0][1], image[0, :, :2, 2:4])
    assert torch.equal(seen[0][9], image[1, :, 2:, :2])


def test_volumes():
    image = torch.randn(2, 3, 4, 6, 8)
    assert torch.equal(over_patches(nn.Identity(), image, (2, 3, 4)), image)
    doubled = over_patches(lambda p: p[:, :1, ::2], image, (2, 1, 2))
    assert doubled.shape == (2, 1, 2, 6, 8)


@pytest.mark.parametrize(
    ("norm", "plain", "size"),
    [
        (PatchBatchNorm1d, nn.BatchNorm1d, (5,)),
        (PatchBatchNorm2d, nn.BatchNorm2d, (5, 2)),
        (PatchBatchNorm3d, nn.BatchNorm3d, (5, 2, 3)),
    ],
)
def test_norms_print_and_act_as_torchs(norm, plain, size):
    ours, theirs = norm(4, patches=3), plain(4)
    assert repr(ours) == repr(theirs)
    x = torch.randn(6, 4, *size)
    expected = torch.empty_like(x)
    for patch in range(3):
        expected[patch::3] = theirs(x[patch::3])
    torch.testing.assert_close(ours(x), expected)
    for name, buffer in theirs.named_buffers():
        torch.testing.assert_close(ours.state_dict()[name], buffer)
    with pytest.raises(ValueError, match="no multiple of 3"):
        ours(x[:4])
    assert norm(4)(x[:4]).shape == x[:4].shape


def test_batch_statistics_without_modules():
    """No modules named: the patches are a batch like any other."""
    norm = nn.BatchNorm2d(3)
    x = torch.randn(2, 3, 4, 4) + 5
    y = over_patches(norm, x, (2, 2))
    torch.testing.assert_close(y, nn.BatchNorm2d(3)(x))


def test_compiles_whole():
    ours, theirs = branches()
    x = torch.randn(2, 3, 10, 12, dtype=torch.float64)
    compiled = torch.compile(ours, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x), theirs(x))
    for name, buffer in theirs.named_buffers():
        torch.testing.assert_close(ours.state_dict()[name], buffer)


@pytest.mark.parametrize("training", [True, False])
def test_exports_with_a_dynamic_batch(training):
    """While training, too, where a batch must be a multiple of the patches."""
    ours, _ = branches()
    images = torch.randn(3, 3, 10, 12, dtype=torch.float64)
    shapes = ({0: torch.export.Dim("images")},)
    program = torch.export.export(
        ours.train(training), (images,), dynamic_shapes=shapes
    )
    x = torch.randn(5, 3, 10, 12, dtype=torch.float64)
    torch.testing.assert_close(program.module()(x), ours(x))


@pytest.mark.parametrize("momentum", [None, 0.0, 0.3, 1.0])
@pytest.mark.parametrize("autocast", [True, False])
def test_running_statistics_take_a_step_per_patch(momentum, autocast):
    """By any momentum, and never in the low precision of autocast."""
    torch.manual_seed(0)
    ours, theirs = PatchBatchNorm2d(4, patches=3), nn.BatchNorm2d(4)
    ours.momentum = theirs.momentum = momentum
    for _ in range(2):
        x = torch.randn(6, 4, 5, 2) + 100
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            ours(x)
        for patch in range(3):
            theirs(x[patch::3])
    for name, buffer in theirs.named_buffers():
        torch.testing.assert_close(ours.state_dict()[name], buffer)
