"""Every layer over every input: what torch does, or one message that helps."""

from __future__ import annotations

import re

import pytest

import medt_gen
from catalog.layer_cases import LAYER_CASES, Case
from catalog.measured import (
    INPUTS,
    SIZES,
    complete,
    held,
    layer_text,
    open_text,
    outputs,
    print_differences,
    refusal,
    shares_memory,
    told,
)
from medt_gen.catalog import LAYERS

_ALL = [
    pytest.param(name, case, given, id=f"{name}-{number}-{given}")
    for name, cases in LAYER_CASES.items()
    for number, case in enumerate(cases)
    for given in INPUTS
]
TAKEN = [item for item in _ALL if item.values[2] in item.values[1].takes]
REFUSED = [
    pytest.param(name, case, given, id=f"{name}-{number}-{given}")
    for name, cases in LAYER_CASES.items()
    for number, case in enumerate(cases)
    for given in INPUTS
    # An input that no case takes is of the wrong rank: one of them will do.
    if given not in case.takes
    and (number == 0 or any(given in other.takes for other in cases))
]
OPEN = [
    pytest.param(name, case, id=f"{name}-{number}")
    for name, cases in LAYER_CASES.items()
    for number, case in enumerate(cases)
]


def test_every_layer_has_a_case():
    assert set(LAYER_CASES) == set(LAYERS)


@pytest.mark.parametrize(("name", "case", "given"), TAKEN)
def test_a_layer_has_torchs_output_tensors_counts_and_row(name, case: Case, given):
    value = INPUTS[given]
    spec = medt_gen.load(text=layer_text(name, case.arguments, value))
    model = medt_gen.build(spec)
    assert told(spec) == held(model)
    assert not print_differences(spec, model)
    shape = spec.network.root.output
    for output in outputs(model, value.size):
        assert tuple(output.shape[1:]) == shape.numbers


@pytest.mark.parametrize(("name", "case", "given"), REFUSED)
def test_an_input_that_a_layer_can_not_take_earns_one_message(name, case: Case, given):
    found = refusal(layer_text(name, case.arguments, INPUTS[given]))
    assert found.code == "shape-mismatch"
    assert found.place is not None
    assert found.place.line == 4
    assert found.help


@pytest.mark.parametrize(("name", "case"), OPEN)
def test_a_layer_of_a_class_without_a_flow_has_torchs_tensors_and_row(name, case: Case):
    text = open_text(name, complete(name, case), INPUTS[case.where])
    spec = medt_gen.load(text=text)
    model = medt_gen.build(spec)
    assert told(spec) == held(model)
    assert not print_differences(spec, model)


# --- the neighbour that fits -----------------------------------------------------------

_NEIGHBOUR = re.compile(r"use `(\w+)`")


def _misplaced() -> list[tuple[str, str]]:
    """Layers behind inputs that they take with no arguments."""
    return [
        (name, given)
        for name, cases in LAYER_CASES.items()
        for given in INPUTS
        if all(given not in case.takes for case in cases)
    ]


UNCALLED = {
    name
    for name, cases in LAYER_CASES.items()
    if LAYERS[name].ranks is None and not any(case.takes for case in cases)
}
"""Layers of indices, sequences and columns, which no flow has."""


@pytest.mark.parametrize(("name", "given"), _misplaced())
def test_the_neighbour_that_a_message_names_takes_the_input(name, given):
    arguments = LAYER_CASES[name][0].arguments
    found = refusal(layer_text(name, arguments, INPUTS[given]))
    if name in UNCALLED:
        assert "mark it `unused: true`" in found.help
        return
    assert f"`{name}` takes " in found.message
    assert "[N, " in found.message
    named = _NEIGHBOUR.findall(found.help)
    for neighbour in named:
        assert any(given in case.takes for case in LAYER_CASES[neighbour]), found.help
    rank = re.search(r"[123]d$", name)
    if rank and given in SIZES:
        sibling = f"{name[:-2]}{len(SIZES[given])}d"
        assert sibling in named or sibling not in LAYER_CASES


# --- memory ----------------------------------------------------------------------------


BEHIND_THE_INPUT = [
    item
    for item in TAKEN
    if item.values[2] in SIZES and not item.values[1].arguments.get("inplace")
]


@pytest.mark.parametrize(("name", "case", "given"), BEHIND_THE_INPUT)
def test_a_layer_says_whether_it_returns_its_inputs_memory(name, case: Case, given):
    value = INPUTS[given]
    text = layer_text(name, case.arguments, value).replace(" | relu()", "")
    spec = medt_gen.load(text=text)
    shared = shares_memory(medt_gen.build(spec), value.size)
    assert (spec.network.root.aliases is not None) is shared
