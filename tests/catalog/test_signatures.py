"""The arguments of the catalog against the signatures of torch's constructors."""

from __future__ import annotations

import importlib
import inspect
import sys
import typing

import pytest
import torch
from torch import nn

from medt_gen.algebra.terms import as_data
from medt_gen.catalog import LAYERS, OPERATIONS
from medt_gen.emitter.inline import layer_texts
from medt_gen.spec.identifiers import MODULE_ATTRIBUTES

OURS = [layer for layer in LAYERS.values() if layer.own]
TORCHS = [layer for layer in LAYERS.values() if not layer.own]


def signature_of(name):
    """The parameters of torch's constructor; of one with overloads, the first's."""
    made = getattr(nn, name)
    known = dict(inspect.signature(made).parameters)
    if list(known) != ["args", "kwargs"] or not LAYERS[name].arguments:
        return known
    if sys.version_info < (3, 11):
        pytest.skip("this Python keeps no overloads")
    first, *_ = typing.get_overloads(made.__init__)
    known = dict(inspect.signature(first).parameters)
    del known["self"]
    return known


@pytest.mark.parametrize("layer", TORCHS, ids=lambda layer: layer.name)
def test_arguments_and_defaults_are_torchs(layer):
    signature = signature_of(layer.name)
    for argument in layer.arguments:
        assert argument.name in signature, argument.name
        default = signature[argument.name].default
        if argument.optional and default is not inspect.Parameter.empty:
            assert as_data(argument.default_value) == default, argument.name


@pytest.mark.parametrize("layer", TORCHS, ids=lambda layer: layer.name)
def test_positional_arguments_come_first_and_in_torchs_order(layer):
    signature = list(signature_of(layer.name))
    positional = [item.name for item in layer.arguments if item.positional]
    assert positional == signature[: len(positional)]


def test_our_own_layers_exist_in_both_forms():
    ours = {layer.name for layer in LAYERS.values() if layer.own}
    ours |= {layer.fast for layer in LAYERS.values() if layer.fast is not None}
    assert ours
    assert ours <= set(layer_texts().definitions)


@pytest.mark.parametrize("layer", OURS, ids=lambda layer: layer.name)
def test_the_defaults_of_our_own_layers_are_their_constructors(layer):
    module = importlib.import_module(layer_texts().definitions[layer.name].module)
    sizes = {"channels": 16, "span": 4, "axis": "height", "p": 0.5, "mode": "row"}
    needed = {name: sizes[name] for name in layer.names if name in sizes}
    defaults = {
        argument.name: as_data(argument.default_value)
        for argument in layer.arguments
        if argument.optional
    }
    made = []
    for given in (needed, {**needed, **defaults}):
        torch.manual_seed(0)
        made.append(getattr(module, layer.name)(**given))
    bare, told = made
    assert str(bare) == str(told)
    assert [p.requires_grad for p in bare.parameters()] == [
        p.requires_grad for p in told.parameters()
    ]
    torch.testing.assert_close(bare.state_dict(), told.state_dict())


def test_the_classes_that_keep_patches_apart_exist():
    apart = {layer.apart for layer in LAYERS.values()} - {None}
    assert apart
    assert apart <= set(layer_texts().definitions)


def test_the_functions_that_operations_call_exist():
    helpers = {operation.helper for operation in OPERATIONS.values()} - {None}
    assert helpers
    assert helpers <= set(layer_texts().definitions)


def test_reserved_names_are_the_attributes_of_a_module():
    found = {*dir(nn.Module), *vars(nn.Module())}
    attributes = {name for name in found if not name.startswith("__")}
    assert attributes <= MODULE_ATTRIBUTES
