"""Modules inside containers, called by their paths."""

import pytest
import torch

import medt_gen

HEAD = "medt-gen: 1\ninput: {channels: 4, size: 16}\n"
CONV = "{type: Conv2d, out_channels: 4, kernel_size: 1}"
HELD = f"""
modules:
  m: {{type: ModuleList, modules: [{CONV}, {CONV}]}}
  d: {{type: ModuleDict, modules: {{left: {CONV}, "1": {CONV}}}}}
  s: {{type: Sequential, modules: {{conv: {CONV}, act: ReLU}}}}
  n: {{type: Sequential, modules: [{CONV}, {{type: ModuleList, modules: [ReLU]}}]}}
  t: {{type: Stage, block: AxialBlock, planes: 4, heads: 2, depth: 2}}
"""
ALL = (
    HELD
    + """
forward:
  a: x | m.0 | m.1 | d.left | d.1
  b: a | s.conv | s.act | n.0 | n.1.0
  c: b | t.0
  out: c | t.1 | concat(b)
"""
)


def told(text):
    with pytest.raises(medt_gen.InvalidInput) as caught:
        medt_gen.load(text=HEAD + text)
    return caught.value.diagnostics


def test_every_container_is_called_in_parts():
    spec = medt_gen.load(text=HEAD + ALL)
    model = medt_gen.build(spec)
    x = torch.rand(1, 4, 16, 16)
    model.eval()
    a = model.d["1"](model.d["left"](model.m[1](model.m[0](x))))
    b = model.n[1][0](model.n[0](model.s.act(model.s.conv(a))))
    assert torch.equal(model(x), torch.cat((model.t[1](model.t[0](b)), b), 1))
    assert spec.network.root.module("m").calls == 2
    assert spec.network.root.module("n.1.0").calls == 1
    cost = spec.network.root.cost
    assert cost.parameters == sum(p.numel() for p in model.parameters())


def test_a_part_may_be_called_beside_the_whole():
    text = (
        f"modules: {{s: {{type: Sequential, modules: {{conv: {CONV}, act: ReLU}}}}}}\n"
    )
    spec = medt_gen.load(text=HEAD + text + "forward: {a: x | s, out: a | s.conv}")
    model = medt_gen.build(spec)
    x = torch.rand(1, 4, 16, 16)
    assert torch.equal(model(x), model.s.conv(model.s(x)))


def test_a_part_that_does_not_fit_the_whole_is_told():
    text = """
modules:
  s:
    type: Sequential
    modules:
      a: {type: Conv2d, out_channels: 4, kernel_size: 1}
      b: {type: Conv2d, out_channels: 6, kernel_size: 1}
forward: {y: x | s, out: y | s.b}
"""
    (error,) = told(text)
    assert error.code == "shape-mismatch"
    assert "`s.b` is called with [N, 6, 16, 16] alone" in error.message
    assert error.place.text == "s.b"


@pytest.mark.parametrize(
    ("flow", "message", "fix"),
    [
        ("x | m.2", "`m` holds no module `2`", "`m.0`"),
        ("x | s.con", "`s` holds no module `con`", "`s.conv`"),
        ("x | m", "a `ModuleList` only holds modules", "`m.0`"),
        ("x | d", "a `ModuleDict` only holds modules", "`d.left`"),
        ("x | s.conv.weight", "`s.conv.weight` is inside `s.conv`", "as a whole"),
        ("x | t.0.bn1", "`t.0.bn1` is inside `t.0`", "as a whole"),
        ("x | q.0", "no module is called `q.0`", None),
    ],
)
def test_what_is_not_in_there_is_told_with_what_is(flow, message, fix):
    found = [
        item
        for item in told(HELD + f"forward: {{out: {flow}}}")
        if message in item.message
    ]
    assert len(found) == 1
    assert fix is None or fix in found[0].help


def test_a_part_that_is_never_called_is_said():
    text = "modules: {m: {type: ModuleList, modules: [ReLU, ReLU]}}\n"
    warnings = medt_gen.load(text=HEAD + text + "forward: {out: x | m.0}").warnings
    assert [item.message for item in warnings] == ["the module `m.1` is never called"]


def test_two_calls_of_a_part_need_one_size():
    text = """
modules: {m: {type: ModuleList, modules: [{type: AxialAttention, axis: height, heads: 2}]}}
forward: {a: x | m.0, b: x | avg_pool(2) | m.0, out: a | resize(b) | add(b)}
"""
    errors = told(text)
    assert any("can't fit both" in item.message for item in errors)


def test_a_container_that_does_not_exist_is_passed_by():
    text = """
blocks:
  B:
    params: {deep: true}
    modules: {m: {type: ModuleList, when: $deep, modules: [{type: Conv2d, out_channels: 4, kernel_size: 1}]}}
    forward: {out: x | relu() | m.0}
modules: {a: B, b: {type: B, deep: false}}
forward: {out: x | a | b}
"""
    spec = medt_gen.load(text=HEAD + text)
    model = medt_gen.build(spec)
    assert model.b.m is None
    x = torch.rand(1, 4, 16, 16)
    assert torch.equal(model(x), model.a.m[0](x).relu())


def test_patches_go_through_parts_with_norms_of_their_own():
    text = """
modules: {m: {type: ModuleList, modules: [{type: BatchNorm2d}]}}
forward:
  out:
    patches: {of: x, grid: [2, 2], as: p}
    forward: {out: p | m.0}
"""
    spec = medt_gen.load(text=HEAD + text)
    model = medt_gen.build(spec).train()
    x = torch.rand(2, 4, 16, 16)
    y = model(x)
    patch = x[:, :, :8, :8]
    expected = torch.nn.functional.batch_norm(patch, None, None, training=True)
    assert torch.allclose(y[:, :, :8, :8], expected, atol=1e-6)
