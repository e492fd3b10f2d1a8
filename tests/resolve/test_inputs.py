"""Blocks and layers of several inputs."""

import pytest
import torch
from torch import nn

import medt_gen

HEAD = "medt-gen: 1\ninput: {channels: 8, size: 16}\n"
UP = """
blocks:
  Up:
    inputs: [x, skip]
    params: {out_channels: 4}
    modules:
      up: {type: ConvTranspose2d, out_channels: $in_channels // 2, kernel_size: 2, stride: 2}
      conv: {type: Conv2d, out_channels: $out_channels, kernel_size: 3, padding: 1}
    forward:
      out: x | up | concat(skip) | conv
"""
NET = (
    UP
    + """
modules:
  stem: {type: Conv2d, out_channels: 6, kernel_size: 1}
  up: {type: Up, out_channels: 5}
forward:
  s: x | stem
  deep: x | max_pool(2)
  out: deep | CALL
"""
)


def loaded(call, text=NET):
    return medt_gen.load(text=HEAD + text.replace("CALL", call))


def told(call, text=NET):
    with pytest.raises(medt_gen.InvalidInput) as caught:
        loaded(call, text)
    (error,) = (x for x in caught.value.diagnostics if x.severity == "error")
    return error


def test_a_block_is_called_with_a_further_value():
    spec = loaded("up(s)")
    model = medt_gen.build(spec)
    assert model.up.conv.in_channels == 4 + 6
    x = torch.rand(2, 8, 16, 16)
    skip = model.stem(x)
    deep = nn.functional.max_pool2d(x, 2)
    joined = torch.cat((model.up.up(deep), skip), 1)
    assert torch.equal(model(x), model.up.conv(joined))
    assert spec.network.root.output.numbers == (5, 16, 16)
    assert spec.network.root.module("up").shapes.others[0].numbers == (6, 16, 16)


def test_channels_and_axes_of_each_input_are_parameters():
    text = """
blocks:
  Both:
    inputs: [x, skip]
    modules:
      a: {type: Conv2d, out_channels: $skip_channels, kernel_size: 1}
      b: {type: AxialAttention, axis: height, heads: 1}
    forward:
      wide: skip | b | upsample(2)
      out: x | a | resize(wide) | add(wide)
modules: {m: Both, n: Both}
forward:
  s: x | avg_pool(4)
  t: x | avg_pool(2)
  y: x | m(s)
  out: x | n(t) | resize(y) | add(y)
"""
    spec = medt_gen.load(text=HEAD + text)
    model = medt_gen.build(spec)
    assert (model.m.b.span, model.n.b.span) == (4, 8)
    assert model(torch.rand(1, 8, 16, 16)).shape[1:] == spec.network.root.output.numbers


def test_a_module_of_several_inputs_goes_before_an_operation_of_its_name():
    text = """
blocks:
  Mix: {inputs: [x, y], modules: {c: ReLU}, forward: {z: y | c, out: 'x | add(z, z)'}}
modules: {concat: Mix}
forward: {a: x | sigmoid(), out: x | concat(a)}
"""
    spec = medt_gen.load(text=HEAD + text)
    x = torch.rand(1, 8, 16, 16)
    expected = x + 2 * x.sigmoid()
    assert torch.allclose(medt_gen.build(spec)(x), expected)


def test_a_module_of_one_input_leaves_the_operation_its_name():
    text = "modules: {relu: {type: Conv2d, out_channels: 3, kernel_size: 1}}\n"
    spec = medt_gen.load(text=HEAD + text + "forward: {out: x | relu() | relu}")
    x = torch.rand(1, 8, 16, 16) - 0.5
    model = medt_gen.build(spec)
    assert torch.equal(model(x), model.relu(x.relu()))


def test_bilinear_takes_two_features():
    text = """
modules:
  a: {type: Linear, out_features: 5}
  b: {type: Bilinear, out_features: 3}
forward:
  f: x | mean()
  g: f | a
  out: f | b(g)
"""
    spec = medt_gen.load(text=HEAD + text)
    model = medt_gen.build(spec)
    assert str(model.b).startswith("Bilinear(in1_features=8, in2_features=5")
    x = torch.rand(2, 8, 16, 16)
    f = x.mean((2, 3))
    assert torch.equal(model(x), model.b(f, model.a(f)))
    assert medt_gen.load(text=HEAD + text).network.root.output.numbers == (3,)


@pytest.mark.parametrize(
    ("call", "message", "shown"),
    [
        ("up", "`up` takes 2 inputs, x and skip, and gets 1", "up"),
        ("up()", "`up` takes 2 inputs, x and skip, and gets 1", "up()"),
        ("up(s, s)", "`up` takes 2 inputs, x and skip, and gets 3", "up(s, s)"),
        ("up(2)", "more than names of values", "2"),
        ("up(skip=s)", "more than names of values", "skip=s"),
        ("up(t)", "there is no value `t` here", "t"),
        ("stem(s)", "there is no operation `stem()`", "stem"),
    ],
)
def test_another_number_of_values_is_told_at_the_call(call, message, shown):
    error = told(call)
    assert message in error.message
    assert error.place.text == shown
    assert error.help


def test_a_stage_can_not_repeat_a_block_of_several_inputs():
    error = told(
        "stage",
        NET.replace("type: Up,", "type: Stage, block: Up,").replace(
            "  up:", "  stage:"
        ),
    )
    assert "takes 2 inputs, x and skip, and gets 1" in error.message


@pytest.mark.parametrize("second", ["skip | r", "x | r"])
def test_no_input_may_be_changed_in_place(second):
    text = f"""
blocks:
  Bad:
    inputs: [x, skip]
    modules: {{r: {{type: ReLU, inplace: true}}}}
    forward: {{y: {second}, out: 'x | add(y, skip)'}}
modules: {{m: Bad}}
forward: {{a: x | relu(), out: x | m(a)}}
"""
    error = told("", text)
    assert error.code == "in-place"
    assert "an input" in error.message


@pytest.mark.parametrize(
    ("out", "position"), [("x | i", 0), ("skip | i", 1), ("x | add(skip)", None)]
)
def test_a_block_says_which_input_its_output_shares(out, position):
    text = f"""
blocks:
  Pass:
    inputs: [x, skip]
    modules: {{i: Identity}}
    forward: {{out: {out}}}
modules: {{m: Pass, r: {{type: ReLU, inplace: true}}}}
forward:
  a: x | sigmoid()
  b: x | tanh()
  y: a | m(b) | r
  out: y | add(READ)
"""
    text = text if out != "x | add(skip)" else text.replace("{i: Identity}", "{}")
    other = {0: "b", 1: "a", None: "a, b"}[position]
    instance = medt_gen.load(text=HEAD + text.replace("READ", other))
    assert instance.network.root.module("m").body.instance.aliases == position
    if position is not None:
        error = told("", text.replace("READ", "ab"[position]))
        assert error.code == "in-place"


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ("[x, x]", "`x` is named twice"),
        ("[]", "no input is named"),
        ("[x, 2]", "a module's name"),
        ("[x, a b]", "an input can't be called"),
        ("x", "`inputs:`"),
    ],
)
def test_the_inputs_of_a_block_are_names(inputs, message):
    text = NET.replace("[x, skip]", inputs)
    with pytest.raises(medt_gen.InvalidInput, match=message):
        loaded("up(s)", text)


def test_an_input_is_not_defined_again():
    text = NET.replace("out: x | up |", "skip: x | up\n      out: x | up |")
    assert (
        "`skip` is an input and can't be defined again" in told("up(s)", text).message
    )


def test_a_network_has_one_input():
    with pytest.raises(medt_gen.InvalidInput, match="did you mean `input`") as caught:
        loaded("up(s)", "inputs: [x, y]\n" + NET)
    assert caught.value.diagnostics[0].code == "unknown-key"
