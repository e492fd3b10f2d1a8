"""Tensors that a class holds itself: `type: Parameter`."""

import pytest
import torch
from support import run, standalone

import medt_gen
from medt_gen.network.tensors import network_tensors

HEAD = "medt-gen: 1\ninput: {channels: 4, size: 8}\n"
NET = """
modules:
  stem: {type: Conv2d, out_channels: 4, kernel_size: 1}
  g: {type: Parameter, shape: SHAPE, init: INIT}
forward: {y: x | stem, out: y | STEP}
"""


def text(shape="[]", init="constant(3)", step="scale(g)"):
    return HEAD + NET.replace("SHAPE", shape).replace("INIT", init).replace(
        "STEP", step
    )


def told(*parts, **more):
    with pytest.raises(medt_gen.InvalidInput) as caught:
        medt_gen.load(text=text(*parts, **more))
    errors = [x for x in caught.value.diagnostics if x.severity == "error"]
    assert len(errors) == 1, errors
    return errors[0]


@pytest.mark.parametrize("make", [medt_gen.build, standalone])
@pytest.mark.parametrize(
    ("shape", "step", "result"),
    [
        ("[]", "scale(g)", lambda y, g: y * g),
        ("[1]", "scale(g)", lambda y, g: y * g),
        ("[4]", "scale(g)", lambda y, g: y * g[:, None, None]),
        ("[1, 4, 1, 1]", "scale(g)", lambda y, g: y * g),
        ("[4, 1, 1]", "scale(g)", lambda y, g: y * g),
        ("[1, 1, 8, 8]", "scale(g)", lambda y, g: y * g),
        ("[1, 4, 8, 8]", "add(g)", lambda y, g: y + g),
        ("[4, 8, 8]", "subtract(g)", lambda y, g: y - g),
        ("[1, 4, 8, 8]", "multiply(g)", lambda y, g: y * g),
        ("[4]", "mean() | scale(g)", lambda y, g: y.mean((2, 3)) * g),
        ("[1, 4]", "mean() | add(g)", lambda y, g: y.mean((2, 3)) + g),
    ],
)
def test_an_operation_takes_it(make, shape, step, result):
    spec = medt_gen.load(text=text(shape, "normal()", step))
    model = make(spec)
    x = torch.rand(2, 4, 8, 8)
    made = model(x)
    torch.testing.assert_close(made, result(model.stem(x), model.g))
    assert tuple(made.shape[1:]) == spec.network.root.output.numbers
    made.sum().backward()
    assert model.g.grad is not None


def test_it_has_no_row_and_torchs_place_in_the_state_dict():
    spec = medt_gen.load(text=text("[4]"))
    model = medt_gen.build(spec)
    assert "(g)" not in str(model)
    assert list(model.state_dict()) == ["g", "stem.weight", "stem.bias"]
    assert list(network_tensors(spec.network).items()) == [
        (key, tuple(value.shape)) for key, value in model.state_dict().items()
    ]
    assert spec.network.root.cost.parameters == sum(
        p.numel() for p in model.parameters()
    )


def test_it_is_seen_in_patches():
    spec = medt_gen.load(
        text=HEAD
        + """
modules: {g: {type: Parameter, shape: [4], init: constant(2)}}
forward:
  out:
    patches: {of: x, grid: [2, 2], as: p}
    forward: {out: p | scale(g)}
"""
    )
    x = torch.rand(1, 4, 8, 8)
    assert torch.equal(medt_gen.build(spec)(x), 2 * x)


def test_a_path_of_init_fills_it():
    spec = medt_gen.load(text=text() + "init: {g: constant(7)}")
    assert medt_gen.build(spec).g.item() == 7


def test_what_it_starts_from_is_drawn_in_its_place():
    torch.manual_seed(0)
    model = medt_gen.build(
        medt_gen.load(
            text=text("[3, 4]".replace("3, 4", "1, 4, 8, 8"), "normal()", "add(g)")
        )
    )
    torch.manual_seed(0)
    torch.nn.Conv2d(4, 4, 1)
    assert torch.equal(model.g, torch.nn.init.normal_(torch.empty(1, 4, 8, 8)))


def test_a_printout_can_not_show_it(tmp_path, capsys):
    (tmp_path / "net.yaml").write_text(text("[4]"))
    model = medt_gen.build(medt_gen.load(tmp_path / "net.yaml"))
    (tmp_path / "net.txt").write_text(str(model))
    status, out, _ = run(capsys, "diff", tmp_path / "net.yaml", tmp_path / "net.txt")
    assert status == 0
    assert "tensors that no printout shows: `g`" in out or "no printout shows: g" in out
    status, out, _ = run(capsys, "import", tmp_path / "net.txt", "-o", "-")
    assert "a Parameter of a class itself would be missing" in out


def test_build_says_that_it_is_read(tmp_path, capsys):
    (tmp_path / "net.yaml").write_text(text("[4]"))
    _, out, _ = run(capsys, "build", tmp_path / "net.yaml")
    assert "Parameter" in out
    assert "never called" not in out


def test_one_that_nothing_reads_is_warned_of():
    warnings = medt_gen.load(text=text(step="relu()")).warnings
    assert [item.message for item in warnings] == ["the Parameter `g` is never read"]
    quiet = text(step="relu()").replace("constant(3)}", "constant(3), unused: true}")
    assert medt_gen.load(text=quiet).warnings == ()


@pytest.mark.parametrize(
    ("parts", "message", "shown"),
    [
        (("[4]", "zeros()", "concat(g)"), "is a Parameter, which only some", "g"),
        (("[4]", "zeros()", "g"), "is a Parameter, which only some", "g"),
        (
            ("[4]", "zeros()", "add(g)"),
            "`add` meets [N, 4, 8, 8] and [N, 4, 1, 1]",
            "add(g)",
        ),
        (("[3]", "zeros()", "scale(g)"), "`scale` meets", "scale(g)"),
        (("[2, 4]", "zeros()", "scale(g)"), "fits no value of 2 axes", "g"),
        (
            ("[4]", "kaiming_normal()", "scale(g)"),
            "fills tensors of 2 axes or more",
            "kaiming_normal()",
        ),
        (("[4]", "zeros", "scale(g)"), "a call has parentheses", "zeros"),
        (("[4]", "0", "scale(g)"), "is a call such as `zeros()`", "0"),
        (("[4]", "zeroes()", "scale(g)"), "there is no initial value", "zeroes()"),
        (("[0]", "zeros()", "scale(g)"), "`shape` must be a list of positive", "[0]"),
        (("4", "zeros()", "scale(g)"), "`shape` must be a list of positive", "4"),
    ],
)
def test_what_is_wrong_is_told_where_it_is(parts, message, shown):
    error = told(*parts)
    assert message in error.message
    assert error.place.text == shown


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("init: constant(3)", "", "`Parameter` needs `init`"),
        ("shape: [], ", "", "`Parameter` needs `shape`"),
        ("shape: []", "size: []", "has no argument `size`"),
        ("{y: x | stem, out: y", "{g: x | stem, out: g", "would hide it"),
        ("{y: x | stem, out: y", "{y: g | stem, out: y", "is a Parameter, which only"),
        ("constant(3)", "constant(3), when: true", "a Parameter is always there"),
    ],
)
def test_more_that_is_wrong(old, new, message):
    with pytest.raises(medt_gen.InvalidInput, match=message):
        medt_gen.load(text=text().replace(old, new))


def test_it_stands_in_no_container():
    inside = (
        text()
        .replace(
            "  g:",
            "  s: {type: Sequential, modules: [{type: Parameter, shape: [], init: zeros()}]}\n  g:",
        )
        .replace("y: x | stem", "y: x | stem | s")
    )
    with pytest.raises(medt_gen.InvalidInput, match="is a Parameter in a container"):
        medt_gen.load(text=inside)


def test_a_class_without_a_flow_holds_them_too():
    open_class = (
        HEAD
        + """
modules:
  a: {type: Parameter, shape: [3], init: ones()}
  b: {type: Parameter, shape: [], init: INIT}
  conv: {type: Conv2d, in_channels: 4, out_channels: 2, kernel_size: 1}
"""
    )
    model = medt_gen.build(medt_gen.load(text=open_class.replace("INIT", "zeros()")))
    assert list(model.state_dict())[:2] == ["a", "b"]
    with pytest.raises(medt_gen.InvalidInput) as caught:
        medt_gen.load(text=open_class.replace("INIT", "zeroes()"))
    assert len(caught.value.diagnostics) == 1
