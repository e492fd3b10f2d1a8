"""Paths and keys, and what torch's own wrappers add to them."""

import pytest
import torch
from torch import nn
from torch.distributed.algorithms._checkpoint.checkpoint_wrapper import (
    checkpoint_wrapper,
)

from medt_gen.paths.keys import WRAPPERS, join, parent_path, without_wrapper

WRAPPED = {
    "DataParallel": nn.DataParallel,
    "OptimizedModule": torch.compile,
    "CheckpointWrapper": checkpoint_wrapper,
}


@pytest.mark.parametrize("path", ["conv", "layer1.0.conv"])
def test_a_path_is_its_parent_and_its_name(path):
    assert join(parent_path(path), path.rpartition(".")[2]) == path


@pytest.mark.parametrize("name", WRAPPED)
def test_a_wrapper_is_known_by_its_name_and_its_keys_are_those_of_the_module(name):
    module = nn.Linear(2, 3)
    wrapped = WRAPPED[name](module)
    assert wrapped._get_name() == name
    assert wrapped.get_submodule(WRAPPERS[name]) is module
    shapes = {key: tuple(item.shape) for key, item in wrapped.state_dict().items()}
    assert without_wrapper(shapes) == {"weight": (3, 2), "bias": (3,)}


def test_keys_that_only_look_wrapped_are_kept():
    shapes = {"module.weight": (2,), "modules.bias": (2,)}
    assert without_wrapper(shapes) == shapes
    assert without_wrapper({}) == {}
