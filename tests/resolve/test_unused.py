"""Modules that are declared and never called, with the sizes of a value."""

import pytest

import medt_gen

PATCHED = """
medt-gen: 1
input: {channels: 8, size: 16}
modules:
  conv: {type: Conv2d, out_channels: 16, kernel_size: 1}
  inner: {type: Conv2d, out_channels: 8, kernel_size: 1}
  left: {type: Stage, block: AxialBlock, planes: 16, depth: 2, unused: VALUE}
forward:
  deep: x | conv
  local:
    patches: {of: deep, grid: [2, 2], as: patch}
    forward: {narrow: patch | inner, out: narrow | relu()}
  out: deep | inner2
"""


def loaded(value):
    text = PATCHED.replace("VALUE", value)
    text = text.replace("out: deep | inner2", "out: local | relu()")
    return medt_gen.load(text=text)


@pytest.mark.parametrize(
    ("value", "channels", "span"),
    [("x", 8, 16), ("deep", 16, 16), ("local.narrow", 8, 8), ("local.patch", 16, 8)],
)
def test_a_stage_gets_the_sizes_that_it_would_have(value, channels, span):
    spec = loaded(value)
    model = medt_gen.build(spec)
    block = model.left[0]
    assert block.conv_down.in_channels == channels
    assert block.hight_block.span == span
    assert len(model.left) == 2
    left = spec.network.root.module("left")
    assert (left.shapes, left.calls) == (None, 0)
    assert spec.network.root.cost.parameters == sum(
        p.numel() for p in model.parameters()
    )


def test_what_it_would_do_is_no_work_of_the_network():
    with_it, without = loaded("x"), PATCHED.replace("out: deep | inner2", "out: local")
    without = "\n".join(x for x in without.splitlines() if "left" not in x)
    other = medt_gen.load(text=without)
    assert with_it.network.root.cost.work == other.network.root.cost.work


def test_the_value_has_to_be_one_of_the_flow():
    with pytest.raises(medt_gen.InvalidInput) as caught:
        loaded("narrow")
    error = caught.value.diagnostics[0]
    assert error.code == "unknown-value"
    assert error.place.text == "narrow"
    assert "local.narrow" in error.help


def test_without_a_flow_there_is_no_value():
    text = """
medt-gen: 1
input: {channels: 8, size: 16}
modules: {a: {type: ReLU, unused: x}}
"""
    with pytest.raises(medt_gen.InvalidInput, match="there is no `forward:`"):
        medt_gen.load(text=text)


def test_one_that_is_called_is_not_unused():
    with pytest.raises(medt_gen.InvalidInput, match="is marked `unused` and is called"):
        medt_gen.load(text=PATCHED.replace("VALUE", "x").replace("inner2", "left"))
