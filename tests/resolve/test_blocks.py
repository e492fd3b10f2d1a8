"""Blocks: each use by itself, equal ones once, and in an order that can be written."""

import pytest

import medt_gen

HEAD = "medt-gen: 1\ninput: {channels: 8, size: 16}\n"
UNIT = """
blocks:
  Unit:
    params: {deep: false}
    modules: {r: ReLU, inner: {type: Inner, when: $deep}}
    forward: {out: x | r | inner}
  Inner: {modules: {r: ReLU}, forward: {out: x | r}}
"""


def network(text):
    return medt_gen.load(text=HEAD + text).network


@pytest.mark.parametrize("first", ["true", "false"])
def test_a_block_comes_behind_all_that_any_use_of_it_holds(first):
    """`when:` may leave a block out of the first use, and not of a later one."""
    second = "false" if first == "true" else "true"
    text = (
        f"modules: {{a: {{type: Unit, deep: {first}}}, b: {{type: Unit, deep: {second}}}}}\n"
        "forward: {out: x | a | b}"
    )
    blocks = network(UNIT + text).blocks
    assert [item.declaration.name for item in blocks] == ["Inner", "Unit"]
    assert [len(item.instances) for item in blocks] == [1, 2]
    assert medt_gen.build(medt_gen.load(text=HEAD + UNIT + text))


def test_a_new_module_stands_behind_one_of_the_block_that_is_extended():
    text = """
blocks:
  Longer:
    extends: AxialBlock
    modules: {extra: {type: BatchNorm2d, after: bn1}}
    forward:
      out: x | conv_down | bn1 | extra | hight_block | width_block | conv_up | bn2 | add(shortcut)
modules: {a: {type: Longer, planes: 8, heads: 2}}
forward: {out: x | a}
"""
    spec = medt_gen.load(text=HEAD + text)
    names = [module.name for module in spec.network.blocks[0].instances[0].modules]
    assert names.index("extra") == names.index("bn1") + 1
    with pytest.raises(medt_gen.InvalidInput, match="names no other module here"):
        medt_gen.load(text=HEAD + text.replace("after: bn1", "after: bn7"))
