"""Networks of the known families: any depth, names, blocks and number of branches."""

import pytest

import medt_gen
from medt_gen.importer import Options, import_tree
from medt_gen.network.meaning import flow_differences
from medt_gen.network.prints import printed_tree

UNET = """
medt-gen: 1
class: Deep
input: {channels: 1, size: 64}
modules:
  enc1: {type: Conv2d, out_channels: 8, kernel_size: 5, stride: 2, padding: 2}
  enc2: {type: Conv2d, out_channels: 16, kernel_size: 3, padding: 1, bias: false}
  norm1: BatchNorm2d
  norm2: BatchNorm2d
  act: ReLU
  stage1: {type: Stage, block: AxialBlock, planes: 8, heads: 4}
  stage2: {type: Stage, block: AxialBlock_wopos, planes: 16, heads: 2, stride: 2}
  stage3:
    type: Sequential
    modules:
      - {type: AxialBlock_dynamic, planes: 16, heads: 4, stride: 2}
      - {type: AxialBlock, planes: 16, heads: 4}
  dec1: {type: Conv2d, out_channels: 32, kernel_size: 3, stride: 2, padding: 1}
  dec2: {type: Conv2d, out_channels: 32, kernel_size: 3, padding: 1}
  dec3: {type: Conv2d, out_channels: 16, kernel_size: 3, padding: 1}
  dec4: {type: Conv2d, out_channels: 4, kernel_size: 3, padding: 1}
  head: {type: Conv2d, out_channels: 5, kernel_size: 1}
forward:
  stem: x | enc1 | norm1 | act | enc2 | norm2 | act
  a: stem | stage1
  b: a | stage2
  c: b | stage3
  d: c | dec1 | upsample(2) | relu() | add(c)
  e: d | dec2 | upsample(2) | relu() | add(b)
  f: e | dec3 | upsample(2) | relu() | add(a)
  out: f | dec4 | upsample(2) | relu() | head
"""

_BRANCH = """
  conv1{0}: {{type: Conv2d, out_channels: 8, kernel_size: 3, stride: 2, padding: 1}}
  bn1{0}: BatchNorm2d
  layer1{0}: {{type: Stage, block: {1}, planes: 8, heads: 4}}
  layer2{0}: {{type: Stage, block: {1}, planes: 8, heads: 4, stride: 2}}
  decoder4{0}: {{type: Conv2d, out_channels: 16, kernel_size: 3, padding: 1}}
  decoder5{0}: {{type: Conv2d, out_channels: 4, kernel_size: 3, padding: 1}}
"""
_FLOW = """\
stem: {1} | conv1{0} | bn1{0} | relu
{2}skip1: stem | layer1{0}
{2}skip2: skip1 | layer2{0}
{2}up1: skip2 | decoder4{0} | upsample(2) | relu() | add(skip1)
{2}{3}: up1 | decoder5{0} | upsample(2) | relu()
"""


def branches(*grids):
    """Three or more branches, interleaved with nothing; one for each grid."""
    suffixes = [f"_{letter}" for letter in "pqrs"][: len(grids)]
    modules = _BRANCH.format("", "AxialBlock") + "  relu: ReLU\n"
    flow = "  " + _FLOW.format("", "x", "  ", "whole")
    for suffix, grid in zip(suffixes, grids, strict=True):
        modules += _BRANCH.format(suffix, "AxialBlock_wopos")
        modules += f"  relu{suffix}: {{type: ReLU, unused: true}}\n"
        flow += f"  local{suffix}:\n    patches: {{of: x, grid: {grid}, as: patch}}\n"
        flow += "    forward:\n      " + _FLOW.format(suffix, "patch", " " * 6, "out")
    modules += "  fuse: {type: Conv2d, out_channels: 4, kernel_size: 3, padding: 1}\n"
    modules += "  head: {type: Conv2d, out_channels: 2, kernel_size: 1}\n"
    added = " | ".join(f"add(local{suffix})" for suffix in suffixes)
    flow += f"  out: whole | {added} | fuse | relu() | head\n"
    start = "medt-gen: 1\nclass: Many\ninput: {channels: 3, size: 64}\n"
    return f"{start}modules:{modules}forward:\n{flow}"


CASES = {
    "deep": (UNET, Options((64, 64))),
    "two": (branches([2, 2]), Options((64, 64), {"": (2, 2)})),
    "three": (
        branches([2, 2], [4, 1]),
        Options((64, 64), {"_p": (2, 2), "_q": (4, 1)}),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_flow_is_recovered(name):
    text, options = CASES[name]
    spec = medt_gen.load(text=text)
    found = import_tree(printed_tree(spec.network), "", options)
    assert found.family, found.text
    assert flow_differences(spec.network, found.spec.network) == []
    assert found.spec.warnings == ()


def test_sizes_are_assumed_so_that_all_strides_divide_them():
    found = import_tree(printed_tree(medt_gen.load(text=UNET).network), "")
    assert found.family
    assert found.spec.network.root.input.numbers == (1, 128, 128)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("head: {type: Conv2d", "top: {type: Conv2d, padding: 1"),
        ("act: ReLU", "act: GELU"),
        ("norm2: BatchNorm2d", "norm2: InstanceNorm2d"),
    ],
)
def test_what_is_near_a_family_is_none(before, after):
    """Another head, activation or norm: the flow is left open, never guessed."""
    text = UNET.replace(before, after)
    if "top" in after:
        text = text.replace("kernel_size: 1}", "kernel_size: 3}")
        text = text.replace("| head", "| top")
    found = import_tree(printed_tree(medt_gen.load(text=text).network), "")
    assert not found.family
    assert "forward:\n" not in found.text
