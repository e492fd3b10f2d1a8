"""Failed load_state_dicts and lists of keys, as they are pasted."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from medt_gen.weights.texts import LoadError, read_key_list, read_load_error


def failure(model, state):
    with pytest.raises(RuntimeError) as caught:
        model.load_state_dict(state)
    return str(caught.value)


def test_the_error_of_this_torch_is_read():
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    state = dict(model.state_dict())
    del state["1.running_mean"]
    state["extra.weight"] = torch.zeros(2)
    state["0.weight"] = torch.zeros(4, 2)
    found = read_load_error(
        f"Traceback (most recent call last):\n{failure(model, state)}"
    )
    assert found == LoadError(
        "Sequential",
        ("1.running_mean",),
        ("extra.weight",),
        {"0.weight": ((4, 2), (3, 2))},
    )


WORDINGS = {
    "torch 0.4": (
        "size mismatch for fc.weight: copying a param of torch.Size([3, 2]) from "
        "checkpoint, where the shape is torch.Size([4, 2]) in current model.",
        {"fc.weight": ((3, 2), (4, 2))},
    ),
    "torch 0.3": (
        "While copying the parameter named fc.weight, whose dimensions in the model are "
        "torch.Size([4, 2]) and whose dimensions in the checkpoint are torch.Size([3, 2]).",
        {"fc.weight": ((3, 2), (4, 2))},
    ),
    "a wrapped line": (
        "size mismatch for fc.weight: copying a param with shape torch.Size([3, 2]) from\n"
        "  checkpoint, the shape in current model is torch.Size([4, 2]).",
        {"fc.weight": ((3, 2), (4, 2))},
    ),
    "a number": (
        "size mismatch for g: copying a param with shape torch.Size([]) from checkpoint, "
        "the shape in current model is torch.Size([1]).",
        {"g": ((), (1,))},
    ),
}


@pytest.mark.parametrize("name", WORDINGS)
def test_each_wording_of_a_mismatch_is_read(name):
    text, expected = WORDINGS[name]
    found = read_load_error(text)
    assert found is not None
    assert found.mismatched == expected


@pytest.mark.parametrize(
    ("text", "missing", "unexpected"),
    [
        (
            "KeyError: 'unexpected key \"module.a.weight\" in state_dict'",
            (),
            ("module.a.weight",),
        ),
        (
            "missing keys in source state_dict: a.b.weight, a.b.bias\n"
            "unexpected key in source state_dict: fc.weight, fc.bias\n\n2020 INFO go",
            ("a.b.weight", "a.b.bias"),
            ("fc.weight", "fc.bias"),
        ),
        (
            "Missing key(s) in state_dict: \u201ca.weight\u201d, \u201ca.bias\u201d.",
            ("a.weight", "a.bias"),
            (),
        ),
    ],
)
def test_other_wordings_of_keys_are_read(text, missing, unexpected):
    found = read_load_error(text)
    assert found is not None
    assert (found.missing, found.unexpected) == (missing, unexpected)


LISTS = {
    "print of a loop": "conv.weight \t torch.Size([8, 3, 3, 3])\nconv.bias \t torch.Size([8])\n",
    "colons": "conv.weight: (8, 3, 3, 3)\nconv.bias: (8,)",
    "a table": "conv.weight | torch.float32 | (8, 3, 3, 3)\nconv.bias | torch.float32 | (8,)",
    "numbered": "0 conv.weight [8, 3, 3, 3]\n1 conv.bias [8]",
    "tuples": "('conv.weight', torch.Size([8, 3, 3, 3]))\n('conv.bias', torch.Size([8]))",
    "JSON": '{"conv.weight": [8, 3, 3, 3], "conv.bias": [8]}',
    "quoted": "> conv.weight torch.Size([8, 3, 3, 3])\n> conv.bias torch.Size([8])",
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_keys_and_shapes_is_read(name):
    expected = {"conv.weight": (8, 3, 3, 3), "conv.bias": (8,)}
    assert read_key_list(LISTS[name]) == expected


@pytest.mark.parametrize(
    "text",
    [
        "odict_keys(['a.weight', 'a.bias'])",
        "a.weight\na.bias\n",
        '["a.weight", "a.bias"]',
    ],
)
def test_keys_without_shapes_are_read(text):
    assert read_key_list(text) == {"a.weight": None, "a.bias": None}


def test_a_line_of_any_length_is_no_list():
    """Its length is looked at before any pattern is."""
    assert read_key_list("x" * 3_000_000) is None
    keys = "a.b" * 1_000_000 + "\na.weight [3]\n"
    assert read_key_list(keys) == {"a.weight": (3,)}


@pytest.mark.parametrize(
    "text", ["", "Hello there.\nThis is text.\n", "import torch\n"]
)
def test_other_texts_are_neither(text):
    assert read_load_error(text) is None
    assert read_key_list(text) is None
