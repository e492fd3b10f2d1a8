"""What medt-gen says that torch prints and holds, against torch, for every argument."""

from __future__ import annotations

import re

import pytest
from torch import nn

from catalog.layer_cases import LAYER_CASES
from catalog.measured import complete
from medt_gen.algebra.terms import from_data
from medt_gen.catalog import LAYERS
from medt_gen.catalog.arguments import terms
from medt_gen.network.prints_layers import NotInCatalog, read_arguments

TORCHS = [layer for layer in LAYERS.values() if not layer.own]
CASES = [
    pytest.param(layer.name, case, id=f"{layer.name}-{number}")
    for layer in TORCHS
    for number, case in enumerate(LAYER_CASES[layer.name])
]
OF_ONE_ROW = [item for item in CASES if LAYERS[item.values[0]].whole is None]


def made(name: str, arguments: dict[str, object]) -> nn.Module:
    """The layer that torch makes of these arguments."""
    given = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in arguments.items()
    }
    return getattr(nn, name)(**given)


def without_late_bias(name: str, text: str) -> str:
    """torch prints `bias=` in norms since 2.13."""
    if name == "LayerNorm":
        text = re.sub(r", bias=True", "", text)
        return re.sub(r"(elementwise_affine=False), bias=False", r"\1", text)
    return re.sub(r", bias=\w+", "", text) if "Norm" in name else text


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.name)
def test_every_argument_with_a_default_has_another_value_in_some_case(layer):
    for argument in layer.arguments:
        if argument.optional:
            values = [
                from_data(case.arguments[argument.name])
                for case in LAYER_CASES[layer.name]
                if argument.name in case.arguments
            ]
            assert any(not argument.is_default(value) for value in values), argument


@pytest.mark.parametrize(("name", "case"), CASES)
def test_the_printed_text_is_torchs(name, case):
    arguments = complete(name, case)
    layer = LAYERS[name]
    text = without_late_bias(name, made(name, arguments).extra_repr())
    assert layer.text(layer.filled(terms(arguments))) == text


@pytest.mark.parametrize(("name", "case"), OF_ONE_ROW)
def test_the_printed_text_reads_back(name, case):
    """What is read builds a layer that prints the same."""
    text = made(name, complete(name, case)).extra_repr()
    read = read_arguments(name, (text,) if text else ())
    assert made(name, read).extra_repr() == text


@pytest.mark.parametrize(("name", "case"), CASES)
def test_the_tensors_are_torchs(name, case):
    arguments = complete(name, case)
    layer = LAYERS[name]
    state = made(name, arguments).state_dict()
    tensors = layer.tensors(layer.filled(terms(arguments)), rank=2)
    assert [(item.name, item.shape) for item in tensors] == [
        (key, tuple(tensor.shape)) for key, tensor in state.items()
    ]


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("Conv4d", "3, 4", "no layer `Conv4d`"),
        ("AxialAttention", "", "no layer `AxialAttention`"),
        ("BatchNorm2d", "8, eps=1e-05, affine=True, bias=False", "bias=False"),
        ("Conv2d", "8", "`out_channels` is missing"),
        ("Conv2d", "8, 0, kernel_size=(1, 1)", "out_channels"),
        ("MaxPool2d", "kernel_size=2, return_indices=True", "return_indices=True"),
    ],
)
def test_what_the_catalog_can_not_say(name, text, reason):
    with pytest.raises(NotInCatalog, match=re.escape(reason)):
        read_arguments(name, (text,))
