"""Every operation over every input: torch's result, or one message that helps."""

from __future__ import annotations

import pytest
import torch

import medt_gen
from catalog.measured import CHANNELS, INPUTS, SIZES, operation_text, refusal
from catalog.operation_cases import (
    FEATURE_VALUES,
    OPERATION_CASES,
    SPACE_VALUES,
    OperationCase,
    values_of,
)
from medt_gen.catalog import OPERATIONS

_ALL = [
    pytest.param(case, given, id=f"{case.step}-{given}")
    for cases in OPERATION_CASES.values()
    for case in cases
    for given in INPUTS
]
TAKEN = [item for item in _ALL if item.values[1] in item.values[0].takes]
REFUSED = [item for item in _ALL if item.values[1] not in item.values[0].takes]


def text(case: OperationCase, given: str) -> str:
    """The flow of one step, with the values that it may name."""
    named = SPACE_VALUES if given in SIZES else FEATURE_VALUES
    needed = {name: pipe for name, pipe in named.items() if name in case.step}
    return operation_text({**needed, "out": f"value | {case.step}"}, INPUTS[given])


def test_every_operation_has_a_case():
    assert set(OPERATION_CASES) == set(OPERATIONS)


def test_a_case_is_of_its_operation():
    for name, cases in OPERATION_CASES.items():
        assert all(f"{name}(" in case.step for case in cases)


@pytest.mark.parametrize(("case", "given"), TAKEN)
def test_an_operation_computes_what_torch_does(case: OperationCase, given):
    spec = medt_gen.load(text=text(case, given))
    x = torch.randn(2, CHANNELS, *INPUTS[given].size)
    value = {"mean": x.flatten(2).mean(2), "flatten": torch.relu(x).flatten(1)}.get(
        given, torch.relu(x)
    )
    made = medt_gen.build(spec)(x)
    torch.testing.assert_close(made, case.result({**values_of(value), "x": x}))
    assert tuple(made.shape[1:]) == spec.network.root.output.numbers


@pytest.mark.parametrize(("case", "given"), REFUSED)
def test_an_input_that_an_operation_can_not_take_earns_one_message(case, given):
    spec = text(case, given)
    found = refusal(spec)
    of_space = [name for name in SPACE_VALUES if name not in FEATURE_VALUES]
    named = any(f"({name}" in case.step for name in of_space)
    unknown = given not in SIZES and named
    assert found.code == ("unknown-value" if unknown else "shape-mismatch")
    assert found.place is not None
    line = spec.splitlines()[found.place.line - 1]
    assert line.startswith("  out:")
    assert found.help


@pytest.mark.parametrize(
    ("case", "given"), [item for item in TAKEN if item.values[1] in SIZES]
)
def test_an_operation_says_whether_it_returns_its_inputs_memory(case, given):
    named = {**SPACE_VALUES, "weights": "x | mean()"}
    needed = {name: pipe for name, pipe in named.items() if name in case.step}
    flow = {**needed, "out": f"x | {case.step}"}
    flow = {name: pipe.replace("value", "x") for name, pipe in flow.items()}
    spec = medt_gen.load(text=operation_text(flow, INPUTS[given]))
    x = torch.rand(1, CHANNELS, *INPUTS[given].size)
    made = medt_gen.build(spec)(x)
    shared = made.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
    assert (spec.network.root.aliases is not None) is shared
