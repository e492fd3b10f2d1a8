"""Specs of the field: built, or refused with the help that leads on."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from support import run
from torch import nn

FOLDER = Path(__file__).parent

FINE = {
    "f37-256": "1,338,114 parameters",
    "f38-narrow-b": "145,230 parameters",
    "f39-size": "1,360,642 parameters",
    "f40-c2f": "13,604 parameters",
    "f40-list": "40 parameters",
    "f41-plans": "85,355 parameters",
    "f41-plans-b": "84,843 parameters",
    "f43-head-b": "449 parameters",
}
REFUSED = {
    "f37-span": "remove `span`: it is inferred, or write 128",
    "f38-narrow": "heads that work for 4 channels: 1, 2",
    "f43-head": "`input: {features: 12}`",
    "f46-volume": "input sizes near [4, 10, 10] that work: [4, 12, 12]",
}


def test_every_spec_has_its_answer():
    assert {path.stem for path in FOLDER.glob("*.yaml")} == {*FINE, *REFUSED}


@pytest.mark.parametrize("name", FINE)
def test_what_holds_together_is_said_so(name, capsys):
    status, out, _ = run(capsys, "validate", FOLDER / f"{name}.yaml")
    assert (status, FINE[name] in out) == (0, True)


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_gets_the_help_that_leads_on(name, capsys):
    status, out, err = run(capsys, "validate", FOLDER / f"{name}.yaml")
    assert (status, REFUSED[name] in out + err) == (1, True)


def block(inputs, outputs, *, deep):
    first = 1 if deep else 3
    parts = OrderedDict(
        conv1=nn.Conv3d(inputs, outputs, first, padding=first // 2, bias=False),
        bn1=nn.BatchNorm3d(outputs),
        conv2=nn.Conv3d(outputs, outputs, 3, padding=1, bias=False),
        bn2=nn.BatchNorm3d(outputs),
    )
    if deep:
        parts["conv3"] = nn.Conv3d(outputs, 4 * outputs, 1, bias=False)
        parts["bn3"] = nn.BatchNorm3d(4 * outputs)
    return nn.Sequential(parts)


def resnet(*, deep):
    wide = 4 if deep else 1
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv3d(1, 8, 7, stride=2, padding=3, bias=False),
            layer1=nn.Sequential(block(8, 8, deep=deep), block(8 * wide, 8, deep=deep)),
            layer2=nn.Sequential(block(8 * wide, 16, deep=deep)),
        )
    )


def test_which_of_two_networks_a_checkpoint_fits(tmp_path, capsys):
    basic, deep = resnet(deep=False), resnet(deep=True)
    path = tmp_path / "resnet10.pth"
    state = {f"module.{k}": v for k, v in basic.state_dict().items()}
    torch.save({"state_dict": state}, path)
    for name, model in (("basic", basic), ("deep", deep)):
        (tmp_path / f"{name}.txt").write_text(f"{model}\n")
    assert run(capsys, "fit", path, tmp_path / "basic.txt")[0] == 0
    status, out, _ = run(capsys, "fit", path, tmp_path / "deep.txt")
    assert status == 1
    assert "missing (in the network, not in the weights): 18 keys" in out
    assert "shapes that differ: 3 keys" in out
    assert "another kernel: 3 x 3 x 3 in the checkpoint, 1 x 1 x 1 here" in out
