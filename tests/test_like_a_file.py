"""A built network behaves as if its source were a file on disk."""

import copy
import inspect
import pickle
import subprocess
import sys
import traceback

import pytest
import torch
from support import NAMES, python

import medt_gen

SMALL = {
    "axialunet": ("input.size=64",),
    "gated": ("input.size=64",),
    "logo": ("input.size=64", "forward.local.patches.grid=[2, 2]"),
    "medt": ("input.size=64", "forward.local.patches.grid=[2, 2]"),
}


@pytest.fixture(params=NAMES)
def model(request):
    torch.manual_seed(0)
    spec = medt_gen.load(request.param, overrides=SMALL[request.param])
    return medt_gen.build(spec).eval()


@pytest.fixture
def image():
    return torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))


def output(model, image):
    with torch.no_grad():
        return model(image)


def test_a_traceback_shows_the_generated_line(model, image):
    with pytest.raises(RuntimeError) as caught:
        model(image.double())
    text = "".join(traceback.format_exception(caught.value))
    assert "self.conv1(x)" in text


def test_its_source_can_be_read(model):
    source = inspect.getsource(type(model))
    assert source.startswith(f"class {type(model).__name__}(nn.Module):")
    block = type(model.layer1[0])
    assert inspect.getsource(block).startswith(f"class {block.__name__}(nn.Module):")


def test_it_knows_its_spec(model):
    document = medt_gen.spec_document(model)
    assert document["class"] == type(model).__name__
    assert document["input"]["size"] == 64
    with pytest.raises(ValueError, match="not built by medt-gen"):
        medt_gen.spec_document(torch.nn.ReLU())


def test_deepcopy(model, image):
    twin = copy.deepcopy(model)
    assert twin is not model
    assert type(twin) is type(model)
    assert torch.equal(output(model, image), output(twin, image))
    with torch.no_grad():
        twin.conv1.weight.zero_()
    assert model.conv1.weight.abs().sum() > 0


READ_BACK = """
import pickle, sys, torch
model, image, expected = pickle.load(open(sys.argv[1], "rb"))
assert type(model).__name__ == sys.argv[2]
with torch.no_grad():
    assert torch.equal(model(image), expected)
"""


def test_pickle_in_a_fresh_process(model, image, tmp_path):
    for part, given in ((model, image), (model.layer1, torch.rand(1, 8, 32, 32))):
        path = tmp_path / "model.pickle"
        with path.open("wb") as file:
            pickle.dump((part, given, output(part, given)), file)
        result = python(READ_BACK, str(path), type(part).__name__)
        assert result.returncode == 0, result.stderr


def test_torch_save_in_this_process(model, image, tmp_path):
    torch.save(model, tmp_path / "model.pt")
    again = torch.load(tmp_path / "model.pt", weights_only=False)
    assert torch.equal(output(model, image), output(again, image))


def test_a_spawned_worker_runs_it(tmp_path):
    script = tmp_path / "spawn.py"
    script.write_text(
        "import torch.multiprocessing as mp, torch, medt_gen\n"
        "def work(model, queue):\n"
        "    with torch.no_grad():\n"
        "        queue.put(model(torch.ones(1, 3, 64, 64)).sum().item())\n"
        "if __name__ == '__main__':\n"
        "    spec = medt_gen.load('gated', overrides=['input.size=64'])\n"
        "    model = medt_gen.build(spec).eval()\n"
        "    context = mp.get_context('spawn')\n"
        "    queue = context.SimpleQueue()\n"
        "    worker = context.Process(target=work, args=(model, queue))\n"
        "    worker.start()\n"
        "    value = queue.get()\n"
        "    worker.join()\n"
        "    with torch.no_grad():\n"
        "        own = model(torch.ones(1, 3, 64, 64)).sum().item()\n"
        "    assert abs(value - own) < 1e-3 * max(1.0, abs(own)), (value, own)\n"
    )
    result = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("model", ["gated", "medt"], indirect=True)
def test_torch_compile_takes_it_whole(model, image):
    torch._dynamo.reset()
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    result = output(compiled, image)
    torch.testing.assert_close(result, output(model, image), atol=1e-5, rtol=1e-4)


# Small, since the partition of a joint graph takes minutes on a large one.
TINY = """
medt-gen: 1
class: Tiny
input: {channels: 3, size: 16}
modules:
  stem: {type: Conv2d, out_channels: 8, kernel_size: 3, padding: 1, bias: false}
  bn: BatchNorm2d
  whole: {type: Stage, block: AxialBlock_dynamic, planes: 8, heads: 2}
  parts: {type: Stage, block: AxialBlock_wopos, planes: 8, heads: 2, stride: 2}
  head: {type: Conv2d, out_channels: 2, kernel_size: 1}
forward:
  skip: x | stem | bn | relu() | whole
  local:
    patches: {of: skip, grid: [2, 2], as: patch}
    forward: {out: patch | parts | upsample(2)}
  out: skip | add(local) | head
"""


@pytest.mark.slow
def test_torch_compile_takes_a_training_step_whole(image):
    torch._dynamo.reset()
    model = medt_gen.build(medt_gen.load(text=TINY)).train()
    twin = copy.deepcopy(model)
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    batch = image[..., :32].reshape(-1, 3, 16, 16)[:2]
    for network in (compiled, twin):
        network(batch).square().mean().backward()
    for (name, one), other in zip(
        model.named_parameters(), twin.parameters(), strict=True
    ):
        assert (one.grad is None) == (other.grad is None), name
        if one.grad is not None:
            torch.testing.assert_close(one.grad, other.grad, atol=1e-4, rtol=1e-3)
    for name, value in model.state_dict().items():
        torch.testing.assert_close(value, twin.state_dict()[name], atol=1e-5, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["axialunet", "medt"], indirect=True)
def test_torch_export_takes_it_whole(model, image):
    batch = torch.export.Dim("batch", min=2, max=8)
    two = torch.cat([image, 1 - image])
    program = torch.export.export(model, (two,), dynamic_shapes=({0: batch},))
    three = torch.cat([two, image.flip(-1)])
    with torch.no_grad():
        exported = program.module()(three)
    torch.testing.assert_close(exported, output(model, three), atol=1e-5, rtol=1e-4)


def test_the_gate_schedule():
    model = medt_gen.build(medt_gen.load("medt"))

    def gates():
        named = dict(model.named_parameters()).items()
        return {p.requires_grad for name, p in named if ".f_" in name}

    assert gates() == {False}
    model.set_epoch(9)
    assert gates() == {False}
    model.set_epoch(10)
    assert gates() == {True}
    model.set_epoch(0)
    assert gates() == {False}
