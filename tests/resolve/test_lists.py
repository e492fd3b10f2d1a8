"""A parameter of a block takes one number, or a list with one for each axis."""

import pytest
import torch

import medt_gen

HEAD = "medt-gen: 1\ninput: {channels: 8, size: [8, 16, 16]}\n"
UNIT = """
blocks:
  Unit:
    params: {stride: DEFAULT}
    modules:
      conv: {type: Conv3d, out_channels: 8, kernel_size: 3, stride: $stride, padding: 1}
      down: {type: Conv3d, out_channels: 8, kernel_size: 1, stride: $stride, when: $stride != 1}
    forward: {short: x | down, out: x | conv | add(short)}
"""


def loaded(default, *strides):
    modules = ", ".join(
        f"m{number}: {{type: Unit, stride: {stride}}}"
        for number, stride in enumerate(strides)
    )
    names = " | ".join(f"m{number}" for number in range(len(strides)))
    text = UNIT.replace("DEFAULT", default)
    rest = f"modules: {{{modules}}}\nforward: {{out: x | {names}}}"
    return medt_gen.load(text=HEAD + text + rest)


@pytest.mark.parametrize("default", ["1", "[1, 1, 1]", "2", "int", "[2, 2, 2]"])
def test_whatever_the_default_looks_like(default):
    spec = loaded(default, "2", "[1, 2, 2]", "[1, 1, 1]", "1")
    model = medt_gen.build(spec)
    strides = [module.conv.stride for module in model.children()]
    assert strides == [(2, 2, 2), (1, 2, 2), (1, 1, 1), (1, 1, 1)]
    output = model(torch.zeros(1, *spec.network.root.input.numbers))
    assert tuple(output.shape[1:]) == spec.network.root.output.numbers == (8, 4, 4, 4)


def test_in_a_condition_a_list_of_ones_is_one():
    model = medt_gen.build(loaded("1", "[1, 1, 1]", "1", "[1, 1, 2]"))
    assert [module.down is None for module in model.children()] == [True, True, False]


def test_a_stage_passes_on_the_list_once():
    text = UNIT.replace("DEFAULT", "[1, 1, 1]")
    rest = (
        "modules: {s: {type: Stage, block: Unit, depth: 2, stride: [1, 2, 2]}}\n"
        "forward: {out: x | s}"
    )
    model = medt_gen.build(medt_gen.load(text=HEAD + text + rest))
    assert [block.conv.stride for block in model.s] == [(1, 2, 2), (1, 1, 1)]


def test_a_list_passes_through_blocks():
    text = (
        UNIT.replace("DEFAULT", "1")
        + """
  Two:
    params: {stride: 1}
    modules: {a: {type: Unit, stride: $stride}, b: Unit}
    forward: {out: x | a | b}
modules: {t: {type: Two, stride: [1, 2, 4]}}
forward: {out: x | t}
"""
    )
    spec = medt_gen.load(text=HEAD + text)
    model = medt_gen.build(spec)
    assert model.t.a.conv.stride == (1, 2, 4)
    assert spec.network.root.output.numbers == (8, 8, 8, 4)


@pytest.mark.parametrize("mode", ["linear", "nearest"])
def test_an_operation_takes_the_list_of_a_parameter(mode):
    text = f"""
blocks:
  Up:
    params: {{factor: 2, edge: 0}}
    modules: {{c: {{type: Conv3d, out_channels: 8, kernel_size: 1}}}}
    forward:
      out: x | upsample($factor, mode={mode}) | pad($edge) | c
modules:
  u: Up
  v: {{type: Up, factor: [1, 2, 3], edge: [1, 0, 0, 0, 0, 0]}}
forward: {{out: x | u | v}}
"""
    spec = medt_gen.load(text=HEAD + text)
    output = medt_gen.build(spec)(torch.zeros(1, 8, 8, 16, 16))
    assert tuple(output.shape[1:]) == spec.network.root.output.numbers
    assert output.shape[-1] == 32 * 3 + 1


@pytest.mark.parametrize(
    ("default", "given", "message"),
    [
        ("1", "[1, 2]", "lists 2 values and the input has 3 axes"),
        ("1", "[1, two, 2]", "must be an integer"),
        ("1", "[1, 0, 2]", "must be a positive integer"),
        ("true", "[true, true, true]", "must be true or false"),
    ],
)
def test_what_the_layer_refuses_is_told_where_it_is_given(default, given, message):
    with pytest.raises(medt_gen.InvalidInput) as caught:
        loaded(default, given)
    first = caught.value.diagnostics[0]
    assert message in first.message
    assert first.place.text == given


def test_a_list_is_compared_with_a_written_number_alone():
    text = UNIT.replace("DEFAULT", "1").replace("$stride != 1", "$stride > 1")
    rest = "modules: {m: {type: Unit, stride: [1, 2, 2]}}\nforward: {out: x | m}"
    with pytest.raises(medt_gen.InvalidInput, match="is a list, and no number"):
        medt_gen.load(text=HEAD + text + rest)
