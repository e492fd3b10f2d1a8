"""The four networks at twice the width, against the original at its width scale 0.25.

`base_32.json` has what was measured on the original code: parameters, a digest of the
printout (as torch printed it before 2.13), one of the keys and shapes, and sums of the
initial values under seed 0.
"""

import hashlib
import json
import re

import pytest
import torch
from support import GOLDEN, NAMES

import medt_gen

FACTS = json.loads((GOLDEN / "base_32.json").read_text())


def built(name):
    return medt_gen.build(medt_gen.load(name, overrides=["params.base=32"]))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("name", NAMES)
def test_print_equals_the_original(name):
    printed = re.sub(
        r"(BatchNorm\d?d\(.*?affine=\w+), bias=\w+", r"\1", str(built(name))
    )
    assert digest(printed) == FACTS[name]["printout_sha256"]


@pytest.mark.parametrize("name", NAMES)
def test_parameters_equal_the_original(name):
    model = built(name)
    shapes = [f"{key} {list(item.shape)}" for key, item in model.state_dict().items()]
    sizes = [(item.numel(), item.requires_grad) for item in model.parameters()]
    assert digest("\n".join(shapes)) == FACTS[name]["state_dict_sha256"]
    assert sum(size for size, _ in sizes) == FACTS[name]["parameters"]
    assert sum(size for size, open_ in sizes if open_) == FACTS[name]["trainable"]


@pytest.mark.parametrize("name", NAMES)
def test_initial_values_equal_the_original(name):
    torch.manual_seed(0)
    values = [
        item.double()
        for item in built(name).state_dict().values()
        if item.is_floating_point()
    ]
    total, absolute = FACTS[name]["init_seed0"]
    assert sum(item.sum().item() for item in values) == pytest.approx(total, rel=1e-6)
    found = sum(item.abs().sum().item() for item in values)
    assert found == pytest.approx(absolute, rel=1e-6)
