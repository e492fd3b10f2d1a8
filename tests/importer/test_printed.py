"""What medt-gen says that torch prints and holds, against torch itself."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest
from torch import nn

from medt_gen.catalog import LAYERS
from medt_gen.network.prints_layers import (
    NotInCatalog,
    axes_of,
    filled,
    printed_arguments,
    read_arguments,
)
from medt_gen.network.tensors import layer_tensors

_SIZES = {
    "in_channels": 6,
    "out_channels": 4,
    "num_features": 6,
    "num_groups": 3,
    "num_channels": 6,
    "in_features": 6,
    "out_features": 4,
    "num_embeddings": 10,
    "embedding_dim": 3,
    "normalized_shape": 6,
    "kernel_size": 3,
    "output_size": 2,
    "upscale_factor": 2,
    "downscale_factor": 2,
    "groups": 2,
    "padding": 1,
    "dim": 1,
}
_VARIED: dict[str, list[Any]] = {
    "kernel_size": [3, 1],
    "stride": [[2], 2],
    "padding": [1, 0, "axes"],
    "dilation": [2],
    "groups": [2],
    "bias": [False],
    "padding_mode": ["reflect"],
    "eps": [1e-3],
    "momentum": [None, 0.01],
    "affine": [False, True],
    "track_running_stats": [False, True],
    "elementwise_affine": [False],
    "inplace": [True],
    "ceil_mode": [True],
    "p": [0.0, 0.25],
    "negative_slope": [0.2],
    "alpha": [0.5],
    "approximate": ["tanh"],
    "num_parameters": [6],
    "start_dim": [2],
    "end_dim": [2],
    "padding_idx": [1],
    "max_norm": [2.0],
    "norm_type": [1.0],
    "sparse": [True],
    "scale_grad_by_freq": [True],
    "mode": ["bilinear"],
    "output_size": [1],
    "beta": [2.0],
    "threshold": [10.0],
    "min_val": [-2.0],
    "max_val": [2.0],
    "normalized_shape": [[4, 6]],
    "dim": [-1],
}
_MORE: list[tuple[str, dict[str, Any]]] = [
    ("AdaptiveAvgPool2d", {"output_size": [2, 3]}),
    ("Upsample", {"size": [4, 6]}),
    (
        "Conv2d",
        {"in_channels": 3, "out_channels": 2, "kernel_size": 3, "padding": "same"},
    ),
]
_NN = sorted(name for name, layer in LAYERS.items() if layer.origin == "nn")


def _base(name: str) -> dict[str, Any]:
    if name == "Upsample":
        return {"scale_factor": 2}
    required = {argument.name for argument in LAYERS[name].arguments} & _SIZES.keys()
    optional = {"dim", "padding", "groups"} - {
        argument.name
        for argument in LAYERS[name].arguments
        if argument.default.__class__.__name__ == "Mark"
    }
    return {key: _SIZES[key] for key in _SIZES if key in required - optional}


def _variations() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for name in _NN:
        base = _base(name)
        found.append((name, base))
        for argument in LAYERS[name].arguments:
            for value in _VARIED.get(argument.name, []):
                found.append((name, {**base, argument.name: _on_axes(name, value)}))
    return [*found, *_MORE]


def _on_axes(name: str, value: Any) -> Any:
    axes = max(axes_of(name), 1)
    if value == "axes":
        pads = 2 if "Pad" in name and name[0] in "RZ" else 1
        return [1, *[0] * (axes * pads - 1)] if axes * pads > 1 else 1
    if value == [2]:
        return [2] * axes if name.startswith(("MaxPool", "AvgPool")) else 2
    return value


def _made(name: str, arguments: dict[str, Any]) -> nn.Module:
    given = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in arguments.items()
    }
    made: nn.Module = getattr(nn, name)(**given)
    return made


def _without_late_bias(name: str, text: str) -> str:
    """torch prints `bias=` in norms since 2.13."""
    if name == "LayerNorm":
        text = re.sub(r", bias=True", "", text)
        return re.sub(r"(elementwise_affine=False), bias=False", r"\1", text)
    return re.sub(r", bias=\w+", "", text) if "Norm" in name else text


@pytest.mark.parametrize("name", _NN)
def test_catalog_names_torch_arguments(name: str) -> None:
    known = inspect.signature(getattr(nn, name).__init__).parameters
    if "args" not in known:
        assert set(LAYERS[name].names) <= set(known)


@pytest.mark.parametrize(("name", "arguments"), _variations(), ids=str)
def test_printed_text_is_torchs(name: str, arguments: dict[str, Any]) -> None:
    made = _made(name, arguments)
    text = _without_late_bias(name, made.extra_repr())
    assert printed_arguments(LAYERS[name], arguments) == text


@pytest.mark.parametrize(("name", "arguments"), _variations(), ids=str)
def test_printed_text_reads_back(name: str, arguments: dict[str, Any]) -> None:
    """What is read builds a layer that prints the same."""
    text = _made(name, arguments).extra_repr()
    read = read_arguments(name, (text,) if text else ())
    assert _made(name, read).extra_repr() == text


@pytest.mark.parametrize(("name", "arguments"), _variations(), ids=str)
def test_tensors_are_torchs(name: str, arguments: dict[str, Any]) -> None:
    state = _made(name, arguments).state_dict()
    shapes = {key: tuple(tensor.shape) for key, tensor in state.items()}
    assert layer_tensors(name, filled(LAYERS[name], arguments)) == shapes


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("LSTM", "3, 4", "no layer `LSTM`"),
        ("AxialAttention", "", "no layer `AxialAttention`"),
        ("BatchNorm2d", "8, eps=1e-05, affine=True, bias=False", "bias=False"),
        ("Conv2d", "8", "`out_channels` is missing"),
        ("Conv2d", "8, 0, kernel_size=(1, 1)", "out_channels"),
        ("MaxPool2d", "kernel_size=2, return_indices=True", "return_indices=True"),
    ],
)
def test_what_the_catalog_can_not_say(name: str, text: str, reason: str) -> None:
    with pytest.raises(NotInCatalog, match=re.escape(reason)):
        read_arguments(name, (text,))
