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
