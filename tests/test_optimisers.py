"""Gates and optimisers: who opens gates, and which parameters an optimiser knows."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys

import pytest
import torch
from support import ROOT, standalone
from torch import nn

import medt_gen

PLAIN = """\
medt-gen: 1
class: Plain
input: {channels: 1, size: 8}
modules:
  c: {type: Conv2d, out_channels: 4, kernel_size: 1}
  n: BatchNorm2d
forward: {out: x | c | n}
"""


@pytest.fixture(scope="module")
def gated():
    return medt_gen.build(medt_gen.load("gated"))


def names_in(model, group):
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    return {names[id(parameter)] for parameter in group["params"]}


def gates_of(model):
    found = re.compile(r"\bf_(qr|kr|sve|sv)$")
    return {name for name, _ in model.named_parameters() if found.search(name)}


def test_every_built_network_is_told_of_epochs():
    plain = medt_gen.build(medt_gen.load(text=PLAIN))
    assert isinstance(plain, medt_gen.Network)
    assert plain.set_epoch(3) is None
    # A restored one, too; the file that is emitted says only what there is.
    again = pickle.loads(pickle.dumps(plain))
    assert again.set_epoch(3) is None
    assert "set_epoch" not in medt_gen.emit(medt_gen.load(text=PLAIN))
    assert not hasattr(standalone(medt_gen.load(text=PLAIN)), "set_epoch")
    assert "set_epoch" not in str(plain)


def test_a_network_is_restored_with_its_method_in_a_new_process(tmp_path):
    path = tmp_path / "plain.pt"
    torch.save(medt_gen.build(medt_gen.load(text=PLAIN)), path)
    code = (
        "import torch, sys\n"
        "model = torch.load(sys.argv[1], weights_only=False)\n"
        "assert model.set_epoch(1) is None\n"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)


def test_a_schedule_still_opens_the_gates(gated):
    assert isinstance(gated, medt_gen.Network)
    parameters = dict(gated.named_parameters())
    gates = [parameters[name] for name in gates_of(gated)]
    gated.set_epoch(9)
    assert not any(gate.requires_grad for gate in gates)
    # Loading does not open them.
    gated.load_state_dict(gated.state_dict())
    assert not any(gate.requires_grad for gate in gates)
    gated.set_epoch(10)
    assert all(gate.requires_grad for gate in gates)
    gated.set_epoch(0)


def test_groups_have_every_parameter_and_the_closed_gates(gated):
    (group,) = medt_gen.parameter_groups(gated, weight_decay=0.1)
    assert group["weight_decay"] == 0.1
    assert names_in(gated, group) == {name for name, _ in gated.named_parameters()}
    assert gates_of(gated) <= names_in(gated, group)
    order = [id(p) for p in gated.parameters()]
    assert [id(p) for p in group["params"]] == order


def test_decay_is_kept_off_what_is_named(gated):
    decayed, kept = medt_gen.parameter_groups(
        gated, weight_decay=0.1, no_decay=["norms", "tables", "gates"]
    )
    assert (decayed["weight_decay"], kept["weight_decay"]) == (0.1, 0.0)
    spared = names_in(gated, kept)
    assert gates_of(gated) <= spared
    assert {name for name in spared if ".relative" in name} == {
        name for name, _ in gated.named_parameters() if name.endswith(".relative")
    }
    assert "bn1.bias" in spared
    assert "decoder1.bias" not in spared
    assert "conv1.weight" in names_in(gated, decayed)
    both = names_in(gated, decayed) | spared
    assert both == {name for name, _ in gated.named_parameters()}


def test_an_optimiser_moves_gates_once_they_are_open():
    model = medt_gen.build(medt_gen.load("gated", overrides=["input.size=32"]))
    groups = medt_gen.parameter_groups(model, weight_decay=1e-2)
    optimizer = torch.optim.AdamW(groups, lr=1e-2)
    parameters = dict(model.named_parameters())
    gates = [parameters[name] for name in sorted(gates_of(model))]
    before = [gate.item() for gate in gates]
    for epoch in (9, 10):
        model.set_epoch(epoch)
        optimizer.zero_grad()
        model(torch.rand(2, 3, 32, 32)).square().mean().backward()
        optimizer.step()
        now = [gate.item() for gate in gates]
        assert (now == before) == (epoch == 9)


class LayerNorm2d(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(4))


class Other(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.linear = LayerNorm2d(), nn.Linear(4, 4)
        self.tied = self.linear
        self.pos_embed = nn.Parameter(torch.zeros(1, 9, 4))
        self.position_embedding = nn.Embedding(9, 4)
        self.frozen = nn.Parameter(torch.zeros(2), requires_grad=False)
        self.f_qr = nn.Parameter(torch.tensor(0.1), requires_grad=False)
        self.importance = nn.Parameter(torch.zeros(2, 2))


def test_any_module_is_taken_each_parameter_once():
    model = Other()
    decayed, kept = medt_gen.parameter_groups(
        model, weight_decay=0.1, no_decay=["norms", "tables", "biases"]
    )
    assert names_in(model, decayed) == {"linear.weight", "f_qr", "importance"}
    assert names_in(model, kept) == {
        "norm.weight",
        "linear.bias",
        "pos_embed",
        "position_embedding.weight",
    }
    torch.optim.AdamW([decayed, kept])


def test_groups_that_would_be_empty_are_left_out():
    model = nn.BatchNorm2d(3)
    (group,) = medt_gen.parameter_groups(model, weight_decay=1, no_decay=["norms"])
    assert group["weight_decay"] == 0.0


def test_a_role_that_is_none_is_refused():
    with pytest.raises(ValueError, match="did you mean `norms`"):
        medt_gen.parameter_groups(nn.ReLU(), weight_decay=1, no_decay=["norm"])
    with pytest.raises(TypeError, match="a list of names"):
        medt_gen.parameter_groups(nn.ReLU(), weight_decay=1, no_decay="norms")


@pytest.mark.slow
def test_the_readme_s_python_is_typed(tmp_path):
    readme = (ROOT / "README.md").read_text()
    (snippet,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    path = tmp_path / "snippet.py"
    path.write_text(f"{snippet}\nmodule: torch.nn.Module = model\nreveal_type(model)\n")
    command = [sys.executable, "-m", "mypy", "--strict", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout
    assert 'Revealed type is "medt_gen.model.Network"' in done.stdout
