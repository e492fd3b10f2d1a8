"""Words of operations decide what is written: a parameter may hold them, too."""

from __future__ import annotations

import torch
from support import standalone
from torch.nn import functional as F

import medt_gen

SPEC = """\
medt-gen: 1
input: {channels: 2, size: 4}
blocks:
  Up:
    params: {how: nearest}
    modules: {act: ReLU}
    forward: {out: "x | act | upsample(2, mode=$how)"}
modules: {first: Up, second: {type: Up, how: linear}, third: {type: Up, how: nearest}}
forward: {out: x | first | second | third}
"""


def test_a_word_that_a_parameter_holds_is_obeyed_in_each_use() -> None:
    spec = medt_gen.load(text=SPEC)
    x = torch.rand(1, 2, 4, 4)
    expected = F.interpolate(x, scale_factor=2, mode="nearest")
    expected = F.interpolate(expected, scale_factor=2, mode="bilinear")
    expected = F.interpolate(expected, scale_factor=2, mode="nearest")
    for model in (medt_gen.build(spec), standalone(spec)):
        assert torch.equal(model(x), expected)


def test_uses_with_other_words_are_other_classes_of_one_printed_name() -> None:
    model = medt_gen.build(medt_gen.load(text=SPEC))
    assert type(model.first) is type(model.third)
    assert type(model.first) is not type(model.second)
    assert str(model).count("Up(") == 3
