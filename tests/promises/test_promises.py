"""What earlier releases wrote is read by this one, in a fresh process.

A saved model names the function that restores it, the layer modules that its source
imports, and its layers' attributes. A specs and an emitted file are promises, too.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from support import executed, python

import medt_gen

HERE = Path(__file__).parent
RELEASES = sorted(path for path in HERE.iterdir() if (path / "network.pt").exists())

IMAGE = "torch.linspace(-1, 1, 2 * 2 * 8 * 8).reshape(2, 2, 8, 8)"
RESTORED = f"""
import sys, torch
model = torch.load(sys.argv[1] + "/network.pt", weights_only=False)
assert not model.training
torch.testing.assert_close(model({IMAGE}), torch.load(sys.argv[1] + "/output.pt"))
model.train()({IMAGE}).sum().backward()
model.set_epoch(1)
assert model.gated.hight_block.f_qr.requires_grad
"""


def image():
    return torch.linspace(-1, 1, 2 * 2 * 8 * 8).reshape(2, 2, 8, 8)


def test_this_release_has_made_its_promise():
    assert [path.name for path in RELEASES][-1] == medt_gen.__version__


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_a_saved_model_is_restored_in_a_fresh_process(release):
    code = RESTORED.replace("sys.argv[1]", repr(str(release)))
    result = python(code)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_an_emitted_file_runs_with_the_weights_of_its_time(release):
    module = executed((release / "network.py.txt").read_text(encoding="utf-8"))
    model = module.Promised()
    model.load_state_dict(torch.load(release / "weights.pt"))
    output = model.eval()(image())
    torch.testing.assert_close(output, torch.load(release / "output.pt"))


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_a_spec_builds_what_takes_the_weights_of_its_time(release):
    model = medt_gen.build(medt_gen.load(release / "network.yaml"))
    model.load_state_dict(torch.load(release / "weights.pt"))
    output = model.eval()(image())
    torch.testing.assert_close(output, torch.load(release / "output.pt"))


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_a_spec_is_read_back_from_an_emitted_file(release, tmp_path):
    emitted = tmp_path / "network.py"
    shutil.copy(release / "network.py.txt", emitted)
    found = medt_gen.diff(emitted, release / "network.yaml")
    assert found.equal, found
