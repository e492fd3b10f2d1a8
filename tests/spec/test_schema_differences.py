"""Under `extends:` any part may be left out, and null takes away what the parent gives:
an editor has nothing to say of it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import medt_gen
from spec.editor import complaints
from spec.right_specs import data_of, documented, in_tests, right_files

pytestmark = pytest.mark.filterwarnings("ignore::medt_gen.SpecWarning")

RIGHT = {**right_files(), **documented(), **in_tests()}

BASE = """
medt-gen: 1
input: {channels: 4, size: 16}
params: {n: 4, norm: {type: GroupNorm, num_groups: 2}}
blocks:
  B:
    extends: AxialBlock
    params: {heads: 2}
  C:
    modules: {conv: {type: Conv2d, out_channels: 4, kernel_size: 1}}
    forward: {out: x | conv}
construct_first: [b]
modules:
  a: {type: LeakyReLU, negative_slope: 0.1}
  b: {type: B, planes: 4}
  c: C
  d: {type: Sequential, modules: {e: ReLU, f: $norm}}
forward:
  cut:
    patches: {of: x, grid: [2, 2], as: p, statistics: batch}
    forward: {out: p | a}
  out: cut | b | c | d
training: {gates: {frozen_epochs: 3}}
"""

RIGHT_DIFFERENCES = {
    "nothing": "",
    "a size": "input: {size: 32}",
    "a part of a grid": "forward: {cut: {patches: {grid: [4, 4]}}}",
    "a statistic taken away": "forward: {cut: {patches: {statistics: null}}}",
    "another flow on the patches": "forward: {cut: {forward: {out: p | a | relu()}}}",
    "no training": "training: null",
    "no epochs": "training: {gates: {frozen_epochs: null}}",
    "no order": "construct_first: null",
    "no title to take away": "class: Net\ntitle: T",
    "a layer, and an argument that it has not": "modules: {a: {type: ReLU, negative_slope: null}}",
    "a parameter's argument": "params: {norm: {num_groups: 4}}",
    "a parameter's type": "params: {norm: {type: BatchNorm2d, num_groups: null}}",
    "a child taken away": "modules: {d: {modules: {e: null}}}",
    "a part of a block": "blocks: {C: {modules: {conv: {bias: false}}}}",
    "a block that extends none any more": "blocks: {B: {extends: null, params: {planes: int},"
    " modules: {r: ReLU}, forward: {out: x | r}}}",
    "a block that is a file's no more": "blocks: {C: null}\nmodules: {c: ReLU}",
    "a type of the parent": "modules: {d: C}",
    "a module taken away": "modules: {c: null}\nforward: {out: cut | b | d}",
    "a module more": "modules: {g: {type: ReLU, after: a}}\nforward: {out: cut | g | b | c | d}",
    "no flow on patches": "forward: {cut: x | a}",
}


@pytest.mark.parametrize("what", RIGHT_DIFFERENCES)
def test_a_difference_that_loads_is_green(what, tmp_path):
    (tmp_path / "base.yaml").write_text(BASE)
    text = "extends: ./base.yaml\n" + RIGHT_DIFFERENCES[what]
    (tmp_path / "net.yaml").write_text(text)
    medt_gen.load(tmp_path / "net.yaml")
    assert complaints(data_of(text)) == []


def part_of(data, draw):
    """Some of the keys of a mapping, some of those null, and all that is left in part."""
    if not isinstance(data, dict):
        return None if draw(st.integers(0, 3)) == 0 else data
    kept = {key: item for key, item in data.items() if draw(st.booleans())}
    return {key: part_of(item, draw) for key, item in kept.items()}


@st.composite
def differences(draw):
    """What a spec may say that extends a right one: any part of the same form."""
    name = draw(st.sampled_from(sorted(RIGHT)))
    part = part_of(data_of(RIGHT[name]), draw)
    return {**part, "extends": "./base.yaml"}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(differences())
def test_any_part_of_a_right_spec_is_green_where_a_parent_has_the_rest(difference):
    assert complaints(difference) == []


@pytest.mark.parametrize("name", RIGHT)
def test_every_key_of_a_right_spec_can_be_taken_away(name):
    def nulls(data):
        return {
            key: nulls(item) if isinstance(item, dict) and item else None
            for key, item in data.items()
        }

    data = {**nulls(data_of(RIGHT[name])), "extends": "./base.yaml"}
    assert complaints(data) == []


def test_a_block_may_change_a_network(tmp_path):
    """It has no input and no training of its own, and takes them away by null."""
    (tmp_path / "net.yaml").write_text(
        "medt-gen: 1\ninput: {channels: 4, size: 16}\nmodules: {r: ReLU}\n"
        "forward: {out: x | r}\ntraining: {gates: {}}\n"
    )
    text = (
        "medt-gen: 1\ninput: {channels: 4, size: 16}\nmodules: {n: N}\n"
        "blocks: {N: {extends: ./net.yaml, input: null, training: null}}\n"
        "forward: {out: x | n}\n"
    )
    (tmp_path / "whole.yaml").write_text(text)
    medt_gen.load(tmp_path / "whole.yaml")
    assert complaints(data_of(text)) == []


@pytest.mark.parametrize(
    "difference",
    [
        "modules: {relu: GELU}",
        "modules: {layer1: {block: AxialBlock_dynamic}}",
        "modules: {layer1: {type: Stage, block: null, planes: null}}",
        "modules: {layer1: {type: AxialBlock, block: null, depth: null, planes: 4}}",
        "modules: {layer1: {type: Sequential, modules: [ReLU, $patch_block]}}",
        "blocks: {Own: {modules: {r: ReLU}}}\nmodules: {relu: Own}",
    ],
)
def test_a_difference_from_a_shipped_spec_is_green(difference):
    assert complaints(data_of("extends: medt\n" + difference)) == []
