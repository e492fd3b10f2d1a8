"""Numeric parameters of a spec are arguments of its class, with the spec's defaults.

A parameter is one where every number that depends on it follows from it: then the class
made with another value is what the spec gives with that value.
"""

import inspect

import pytest
import torch
from support import DRAFTS, SPECS, executed, networks

import medt_gen

EVERY = [*sorted(SPECS.glob("*.yaml")), *sorted(DRAFTS.glob("*.yaml"))]
EXPECTED = {
    "axialunet": {"classes", "heads"},
    "gated": {"classes", "heads"},
    "logo": {"classes", "heads"},
    "medt": {"classes", "heads"},
    "classifier": {"classes"},
    "three_branches": {"classes"},
    "volume": {"classes"},
}
VALUES = {"classes": (1, 3, 7), "heads": (1, 2, 4)}


def network_class(spec):
    return getattr(executed(medt_gen.emit(spec)), spec.network.name)


def arguments_of(kind):
    return {
        name: item.default for name, item in inspect.signature(kind).parameters.items()
    }


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_a_class_takes_what_is_expected_with_the_values_of_the_spec(path):
    spec = medt_gen.load(path)
    given = arguments_of(network_class(spec))
    assert set(given) == EXPECTED[path.stem]
    assert given == {name: spec.document["params"][name] for name in given}


@pytest.mark.parametrize("path", networks(EVERY))
def test_a_class_made_with_another_value_is_the_spec_with_that_value(path):
    kind = network_class(medt_gen.load(path))
    for name in arguments_of(kind):
        for value in VALUES[name]:
            other = medt_gen.load(path, overrides=[f"params.{name}={value}"])
            torch.manual_seed(0)
            ours = kind(**{name: value})
            torch.manual_seed(0)
            theirs = medt_gen.build(other)
            assert str(ours) == str(theirs)
            right = theirs.state_dict()
            assert list(ours.state_dict()) == list(right)
            for key, tensor in ours.state_dict().items():
                assert torch.equal(tensor, right[key]), key


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_what_the_spec_refuses_the_class_refuses_by_the_name_of_the_argument(path):
    kind = network_class(medt_gen.load(path))
    for name in arguments_of(kind):
        for value in range(-1, 12):
            try:
                medt_gen.load(path, overrides=[f"params.{name}={value}"])
            except medt_gen.InvalidInput:
                with pytest.raises(ValueError, match=f"{name}={value}"):
                    kind(**{name: value})


HEAD = "medt-gen: 1\ninput: {channels: 3, size: 16}\n"


def arguments(body):
    return arguments_of(network_class(medt_gen.load(text=HEAD + body)))


STAYS_OUT = {
    "a depth": """
params: {count: 2}
modules:
  stage: {type: Stage, block: AxialBlock, planes: 16, heads: 2, depth: $count}
forward: {out: x | stage}
""",
    "a condition": """
params: {wide: 8}
modules:
  a: {type: Conv2d, out_channels: $wide, kernel_size: 1}
  b: {type: ReLU, when: $wide > 100}
forward: {out: x | a | b}
""",
    "a condition inside of a block": """
params: {planes: 8}
blocks:
  Maybe:
    params: {planes: int}
    modules:
      conv: {type: Conv2d, out_channels: $planes, kernel_size: 1}
      more: {type: ReLU, when: $planes == 1000}
    forward: {out: x | conv | more}
modules:
  a: {type: Maybe, planes: $planes}
forward: {out: x | a}
""",
    "a grid": """
params: {cut: 2}
modules:
  a: {type: Conv2d, out_channels: 4, kernel_size: 1}
forward:
  out:
    patches: {of: x, grid: [$cut, $cut], as: patch}
    forward: {out: patch | a}
""",
    "a width that is added to a literal": """
params: {base: 16}
modules:
  a: {type: Conv2d, out_channels: $base, kernel_size: 1}
  b: {type: Conv2d, out_channels: 16, kernel_size: 1}
forward:
  skip: x | b
  out: x | a | add(skip)
""",
    "a size": """
params: {k: 3}
modules:
  a: {type: Conv2d, out_channels: 4, kernel_size: $k}
forward: {out: x | a}
""",
    "what is refused for a reason that no argument names": """
params: {wide: 8}
modules:
  a: {type: Conv2d, out_channels: $wide, kernel_size: 1}
  b: {type: PixelShuffle, upscale_factor: 2}
forward: {out: x | a | b}
""",
    "a name": """
params: {norm: BatchNorm2d}
modules: {a: $norm}
forward: {out: x | a}
""",
    "a flag": """
params: {bias: true}
modules:
  a: {type: Conv2d, out_channels: 4, kernel_size: 1, bias: $bias}
forward: {out: x | a}
""",
}


@pytest.mark.parametrize("body", STAYS_OUT.values(), ids=STAYS_OUT)
def test_a_parameter_stays_out_that_decides(body):
    assert arguments(body) == {}


def test_a_float_is_an_argument_with_its_bounds():
    body = """
params: {p: 0.5}
modules:
  a: {type: Dropout, p: $p}
forward: {out: x | a}
"""
    kind = network_class(medt_gen.load(text=HEAD + body))
    assert kind(p=0.25).a.p == 0.25
    with pytest.raises(ValueError, match=r"p=1\.5"):
        kind(p=1.5)


def test_a_model_says_the_values_that_it_was_built_with():
    model = medt_gen.build(medt_gen.load("medt"))
    assert medt_gen.spec_document(model)["params"]["heads"] == 8
    other = type(model)(classes=5, heads=4)
    document = medt_gen.spec_document(other)
    assert (document["params"]["classes"], document["params"]["heads"]) == (5, 4)
    again = medt_gen.load("medt", overrides=["params.classes=5", "params.heads=4"])
    assert document == again.document


def test_diff_takes_a_model_and_says_the_values_that_it_was_built_with():
    model = type(medt_gen.build(medt_gen.load("medt")))(heads=4)
    assert not medt_gen.diff(model, "medt").equal
    assert medt_gen.diff(
        model, medt_gen.build(medt_gen.load("medt", overrides=["params.heads=4"]))
    ).equal


DECIDED = {
    "one that holds": "$always or $planes > 8",
    "one that does not": "not $always and $planes > 8",
    "both of two": "($always or $planes > 8) and ($always or $planes > 9)",
    "either of two": "(not $always and $planes > 8) or $always",
    "what they come to": (
        "($always or $planes > 8) and ($always or $planes > 9) or $planes > 99"
    ),
    "none of two": (
        "(not $always and $planes > 8 or not $always and $planes > 9) and $planes > 99"
    ),
    "the opposite": "not ($always or $planes > 8)",
    "the opposite of what they come to": (
        "not (not $always and $planes > 8) or $planes > 99"
    ),
}
UNDECIDED = {
    "a comparison": "$planes > 1000",
    "its opposite": "not $planes > 1000",
    "all of them, and one is open": "$always and $planes > 1000",
    "any of them, and one is open": "not $always or $planes > 1000",
    "two that are open": "$planes > 1000 and $planes > 999",
}
MAYBE = """
params: {planes: 8}
blocks:
  Maybe:
    params: {planes: int, always: true}
    modules:
      conv: {type: Conv2d, out_channels: $planes, kernel_size: 1}
      more: {type: ReLU, when: %s}
    forward: {out: x | conv | more}
modules:
  a: {type: Maybe, planes: $planes}
forward: {out: x | a}
"""


@pytest.mark.parametrize("condition", DECIDED.values(), ids=DECIDED)
def test_a_condition_that_is_settled_without_a_parameter_keeps_it(condition):
    assert arguments(MAYBE % condition) == {"planes": 8}


@pytest.mark.filterwarnings("ignore::medt_gen.SpecWarning")
@pytest.mark.parametrize("condition", UNDECIDED.values(), ids=UNDECIDED)
def test_a_condition_that_a_parameter_may_change_keeps_it_out(condition):
    """Even where no value that is tried would change it."""
    assert arguments(MAYBE % condition) == {}
