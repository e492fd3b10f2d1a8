"""Networks of several outputs, and of a vector as input."""

import json

import pytest
import torch
from support import run, standalone

import medt_gen

NET = """
medt-gen: 1
class: Deep
input: {channels: 3, size: 16}
params: {classes: 2}
modules:
  a: {type: Conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  h: {type: Conv2d, out_channels: $classes, kernel_size: 1}
  side: {type: Conv2d, out_channels: $classes, kernel_size: 1}
forward:
  y: x | a
  main: y | h
  aux: y | max_pool(2) | side
  out: OUT
"""


def loaded(out, **options):
    return medt_gen.load(text=NET.replace("OUT", out), **options)


def told(out):
    with pytest.raises(medt_gen.InvalidInput) as caught:
        loaded(out)
    return caught.value.diagnostics[0]


@pytest.mark.parametrize("make", [medt_gen.build, standalone])
def test_a_list_gives_a_tuple(make):
    model = make(loaded("[main, aux]"))
    main, aux = model(torch.rand(1, 3, 16, 16))
    assert (main.shape[1:], aux.shape[1:]) == ((2, 16, 16), (2, 8, 8))


@pytest.mark.parametrize("make", [medt_gen.build, standalone])
def test_a_mapping_gives_a_dict_under_any_keys(make):
    model = make(loaded('{out: main, "low, \\"res\\"": aux, "": main, patches: aux}'))
    given = model(torch.rand(1, 3, 16, 16))
    assert list(given) == ["out", 'low, "res"', "", "patches"]
    assert given[""] is given["out"]


def test_one_output_in_a_list_is_a_tuple_of_one():
    model = medt_gen.build(loaded("[main]"))
    assert isinstance(model(torch.rand(1, 3, 16, 16)), tuple)


def test_a_patch_step_stays_one():
    text = NET.replace(
        "OUT",
        "\n    patches: {of: y, grid: [2, 2], as: p}\n    forward: {out: p | relu()}",
    )
    assert medt_gen.load(text=text).network.root.flow.outputs is None


def test_build_reports_each(capsys, tmp_path):
    path = tmp_path / "deep.yaml"
    path.write_text(NET.replace("OUT", "{main: main, aux: aux}"))
    _, text, _ = run(capsys, "build", path)
    assert "1 x 2 x 16 x 16  main" in text
    assert "1 x 2 x 8 x 8  aux" in text
    _, text, _ = run(capsys, "build", path, "--json")
    found = json.loads(text)
    assert found["outputs"] == {"main": [1, 2, 16, 16], "aux": [1, 2, 8, 8]}
    assert found["output"] == [1, 2, 16, 16]


@pytest.mark.parametrize(
    ("parent", "child", "keys"),
    [
        ("{main: main, aux: aux}", "{aux: aux}", ["aux"]),
        ("{main: main}", "{aux: aux}", ["aux"]),
        ("[main, aux]", "{aux: aux}", ["aux"]),
        ("main | relu()", "{m: main, a: aux}", ["m", "a"]),
    ],
)
def test_a_variant_replaces_all_outputs(parent, child, keys, tmp_path):
    (tmp_path / "parent.yaml").write_text(NET.replace("OUT", parent))
    text = f"medt-gen: 1\nextends: ./parent.yaml\nforward: {{out: {child}}}"
    (tmp_path / "child.yaml").write_text(text)
    spec = medt_gen.load(tmp_path / "child.yaml")
    assert [item.key for item in spec.network.root.flow.outputs.items] == keys
    assert spec.network.root.flow.outputs.keyed


def test_an_option_replaces_them(tmp_path):
    spec = loaded("[main, aux]", overrides=["forward.out=[aux]"])
    assert [item.value for item in spec.network.root.flow.outputs.items] == ["aux"]


@pytest.mark.parametrize(
    ("out", "message", "shown"),
    [
        ("[main, axu]", "there is no value `axu` here", "axu"),
        (
            "[main, y | h]",
            "an output is the name of a value, and this is `y | h`",
            "y | h",
        ),
        (
            "[main, [aux]]",
            "an output is the name of a value, and this is a list",
            "[aux]",
        ),
        ("[main, 2]", "an output is the name of a value", "2"),
        ("{a: main, b: null}", "an output is the name of a value", "null"),
        ("[]", "no output is listed", "[]"),
        ("{}", "no output is listed", "{}"),
    ],
)
def test_what_is_no_value_is_told(out, message, shown):
    error = told(out)
    assert message in error.message
    assert error.place.text == shown
    assert error.help


def test_a_block_has_one():
    text = """
medt-gen: 1
input: {channels: 3, size: 16}
blocks:
  B: {modules: {r: ReLU}, forward: {y: x | r, out: [y, x]}}
modules: {b: B}
forward: {out: x | b}
"""
    with pytest.raises(medt_gen.InvalidInput, match="only a network has several") as e:
        medt_gen.load(text=text)
    assert len(e.value.diagnostics) == 1


def test_a_patch_has_one():
    text = NET.replace(
        "  out: OUT",
        """  out:
    patches: {of: y, grid: [2, 2], as: p}
    forward: {q: p | relu(), out: {a: p, b: q}}""",
    )
    with pytest.raises(medt_gen.InvalidInput, match="only a network has several"):
        medt_gen.load(text=text)


def test_outputs_are_compared(tmp_path):
    for name, out in (("a", "[main, aux]"), ("b", "[aux, main]"), ("c", "{m: main}")):
        (tmp_path / f"{name}.yaml").write_text(NET.replace("OUT", out))
    a, b = tmp_path / "a.yaml", tmp_path / "b.yaml"
    assert medt_gen.diff(str(a), str(a)).equal
    assert not medt_gen.diff(str(a), str(b)).equal
    assert not medt_gen.diff(str(a), str(tmp_path / "c.yaml")).equal


# --- a vector --------------------------------------------------------------------------

HEADLESS = """
medt-gen: 1
class: Head
input: INPUT
modules: {fc1: {type: Linear, out_features: 32}, act: ReLU, fc2: {type: Linear, out_features: 1}}
forward: {out: x | fc1 | act | fc2}
"""


def test_a_vector_goes_in():
    spec = medt_gen.load(text=HEADLESS.replace("INPUT", "{features: 12}"))
    model = medt_gen.build(spec)
    assert model(torch.rand(3, 12)).shape == (3, 1)
    assert "From features [N, 12] to [N, 1]." in medt_gen.emit(spec)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{channels: 12}", "or of a vector `input: {features: 12}`"),
        ("{features: 12, size: 3}", "`input:` with `features:` has no key `size`"),
        ("{features: 0}", "`features:` must be an integer of at least 1"),
        ("{features: [1, 2]}", "`features:` must be an integer of at least 1"),
    ],
)
def test_another_vector_is_told(given, message):
    with pytest.raises(medt_gen.InvalidInput) as caught:
        medt_gen.load(text=HEADLESS.replace("INPUT", given))
    assert message in str(caught.value)
