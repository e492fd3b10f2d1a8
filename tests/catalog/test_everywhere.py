"""A layer of the catalog works everywhere: schema, emit, diff and import."""

from __future__ import annotations

import jsonschema
import pytest
import torch
import yaml
from support import standalone
from torch.utils.flop_counter import FlopCounterMode

import medt_gen
from catalog.layer_cases import LAYER_CASES
from catalog.measured import (
    CHANNELS,
    INPUTS,
    complete,
    held,
    layer_text,
    open_text,
    told,
)
from medt_gen.catalog import LAYERS
from medt_gen.importer import Options, import_tree
from medt_gen.network.prints import printed_tree
from medt_gen.printouts import compare, parse
from medt_gen.spec.schema import spec_schema

CASES = [
    pytest.param(name, case, id=f"{name}-{number}")
    for name, cases in LAYER_CASES.items()
    for number, case in enumerate(cases)
]


def text_of(name, case):
    """The spec of a class without a flow that holds the layer."""
    return open_text(name, complete(name, case), INPUTS[case.where])


@pytest.fixture(scope="module")
def schema():
    return jsonschema.Draft202012Validator(spec_schema())


@pytest.mark.parametrize(("name", "case"), CASES)
def test_the_schema_takes_the_layer(name, case, schema):
    schema.validate(yaml.safe_load(text_of(name, case)))


@pytest.mark.parametrize(("name", "case"), CASES)
def test_an_emitted_file_makes_the_same_layer(name, case):
    spec = medt_gen.load(text=text_of(name, case))
    emitted, built = standalone(spec), medt_gen.build(spec)
    assert str(emitted) == str(built)
    assert held(emitted) == held(built)


@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_spec_does_not_differ_from_its_own_printout(name, case, tmp_path):
    spec, printout = tmp_path / "spec.yaml", tmp_path / "printout.txt"
    spec.write_text(text_of(name, case))
    printout.write_text(str(medt_gen.build(medt_gen.load(spec))))
    found = medt_gen.diff(spec, printout)
    assert found.equal
    assert "modules" in found.compared[0]


@pytest.mark.parametrize(("name", "case"), CASES)
def test_an_imported_printout_is_the_layer_again(name, case):
    model = medt_gen.build(medt_gen.load(text=text_of(name, case)))
    printed = parse(str(model))
    size = INPUTS[case.where].size
    spec = import_tree(printed, "a test", Options(size)).spec
    assert not compare(printed, printed_tree(spec.network))
    if not LAYERS[name].own and LAYERS[name].tells_own:
        # What torch's layers hold is printed; the span of an attention is not, and
        # neither are the further inputs of one with many heads.
        assert told(spec).tensors == held(model).tensors


# --- work ------------------------------------------------------------------------------

WORKING = [
    pytest.param(name, case, given, id=f"{name}-{number}-{given}")
    for name, cases in LAYER_CASES.items()
    for number, case in enumerate(cases)
    for given in sorted(case.takes)
    if len(LAYERS[name].inputs) == 1
]


@pytest.mark.parametrize(("name", "case", "given"), WORKING)
def test_the_work_of_a_layer_is_what_torch_counts(name, case, given):
    value = INPUTS[given]
    spec = medt_gen.load(text=layer_text(name, case.arguments, value))
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        medt_gen.build(spec).eval()(torch.rand(2, CHANNELS, *value.size))
    # A product and a sum are two operations, and there are two images.
    assert 2 * 2 * spec.network.root.cost.work == counter.get_total_flops()
