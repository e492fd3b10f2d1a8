"""Where checkpoints keep their state_dict, and which pickles are read."""

from __future__ import annotations

import argparse
import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from medt_gen.messages.diagnostics import UnreadableInput
from medt_gen.weights.read import load_tensors, read_weights

STATE = {"conv.weight": torch.arange(12.0).reshape(3, 4), "conv.bias": torch.zeros(3)}
SHAPES = {"conv.weight": (3, 4), "conv.bias": (3,)}
OTHER = {"loss.weight": torch.ones(2)}
OPTIMIZER = {
    "state": {0: {"exp_avg": torch.zeros(3, 4)}},
    "param_groups": [{"lr": 0.1}],
}

CONTAINERS = {
    "plain": (STATE, ""),
    "lightning": (
        {
            "epoch": 3,
            "state_dict": STATE,
            "optimizer_states": [OPTIMIZER],
            "hyper_parameters": {"lr": 0.1},
            "callbacks": {"best": {"score": torch.tensor(0.3)}},
        },
        "state_dict",
    ),
    "nnU-Net v2": (
        {
            "network_weights": STATE,
            "optimizer_state": OPTIMIZER,
            "grad_scaler_state": {"scale": torch.ones(1)},
            "logging": {"dice": [0.1, np.float32(0.2)]},
            "init_args": {"plans": {"name": "x"}},
        },
        "network_weights",
    ),
    "model": ({"model": STATE, "optimizer": OPTIMIZER, "step": 7}, "model"),
    "average beside": ({"model": STATE, "model_ema": OTHER}, "model"),
    "average alone": ({"model_ema": STATE, "epoch": 1}, "model_ema"),
    "any name": ({"the_net_of_ours": STATE, "epoch": 1}, "the_net_of_ours"),
    "nested": ({"checkpoint": {"model": STATE, "epoch": 1}}, "checkpoint.model"),
    "numpy scalars": (
        {"state_dict": STATE, "best": np.float64(0.4), "epoch": np.int64(3)},
        "state_dict",
    ),
}


@pytest.mark.parametrize("name", CONTAINERS)
@pytest.mark.parametrize("old", [False, True])
def test_the_state_dict_is_found(name, old, tmp_path):
    saved, key = CONTAINERS[name]
    path = tmp_path / "checkpoint.pt"
    torch.save(saved, path, _use_new_zipfile_serialization=not old)
    found = read_weights(str(path))
    assert (found.shapes, found.key) == (SHAPES, key)
    values = load_tensors(found)
    assert all(torch.equal(values[key], STATE[key]) for key in STATE)


def test_another_mapping_is_read_by_its_name(tmp_path):
    path = tmp_path / "checkpoint.pt"
    torch.save({"model": STATE, "model_ema": OTHER}, path)
    assert read_weights(str(path)).others == ("model_ema",)
    found = read_weights(str(path), "model_ema")
    assert found.shapes == {"loss.weight": (2,)}
    assert list(load_tensors(found)) == ["loss.weight"]
    with pytest.raises(UnreadableInput, match="did you mean `model_ema`"):
        read_weights(str(path), "model_em")


def test_several_mappings_without_a_usual_name_have_to_be_chosen_from(tmp_path):
    path = tmp_path / "checkpoint.pt"
    torch.save({"generator": STATE, "discriminator": OTHER}, path)
    with pytest.raises(UnreadableInput, match="--key generator") as caught:
        read_weights(str(path))
    assert "`discriminator`" in caught.value.diagnostics[0].message
    assert read_weights(str(path), "generator").shapes == SHAPES


def test_entries_that_are_no_tensors_are_named(tmp_path):
    path = tmp_path / "checkpoint.pt"
    torch.save({**STATE, "conv._extra_state": None}, path)
    assert read_weights(str(path)).left_out == ("conv._extra_state",)


def refused(path, *reasons):
    with pytest.raises(UnreadableInput) as caught:
        read_weights(str(path))
    (found,) = caught.value.diagnostics
    for reason in reasons:
        assert reason in f"{found.message} {found.help}"


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)


@pytest.mark.parametrize("old", [False, True])
def test_a_whole_model_is_named_with_the_lines_that_save_its_weights(old, tmp_path):
    path = tmp_path / "model.pth"
    torch.save(Net(), path, _use_new_zipfile_serialization=not old)
    reason = "which only running code" if old else "a whole pickled model"
    refused(path, reason, "weights_only=False", "torch.save(")


@pytest.mark.parametrize("old", [False, True])
def test_a_refused_global_is_named_with_the_way_out(old, tmp_path):
    path = tmp_path / "checkpoint.pth"
    saved = {"state_dict": STATE, "args": argparse.Namespace(lr=0.1)}
    torch.save(saved, path, _use_new_zipfile_serialization=not old)
    refused(path, "`argparse.Namespace`", 'saved["state_dict"]')


def shards(folder, **changes):
    save_file({"conv.weight": STATE["conv.weight"]}, folder / "part-1.safetensors")
    save_file({"conv.bias": STATE["conv.bias"]}, folder / "part-2.safetensors")
    index = {
        "metadata": {"total_size": 60},
        "weight_map": {
            "conv.weight": "part-1.safetensors",
            "conv.bias": "part-2.safetensors",
            **changes,
        },
    }
    path = folder / "model.safetensors.index.json"
    path.write_text(json.dumps(index))
    return path


def test_an_index_of_shards_is_one_checkpoint(tmp_path):
    found = read_weights(str(shards(tmp_path)))
    assert found.shapes == SHAPES
    values = load_tensors(found)
    assert all(torch.equal(values[key], STATE[key]) for key in STATE)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"x": "../other.safetensors"}, "is no file beside the index"),
        ({"x": "/etc/passwd"}, "is no file beside the index"),
        ({"x": 3}, "is no file beside the index"),
        ({"x": "part-1.safetensors"}, "`x` is not in"),
        ({"x": "part-3.safetensors"}, "no such file"),
    ],
)
def test_an_index_names_files_beside_it_and_what_they_hold(changes, reason, tmp_path):
    refused(shards(tmp_path, **changes), reason)


@pytest.mark.parametrize("text", ["[]", "{}", "no json", '{"weight_map": 3}'])
def test_what_is_no_index_is_refused(text, tmp_path):
    path = tmp_path / "model.safetensors.index.json"
    path.write_text(text)
    refused(path, "weight_map" if text[0] in "[{" else "no JSON")
