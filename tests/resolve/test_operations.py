"""Operations of a flow: what they take, and that one mistake is one error."""

import pytest

import medt_gen
from medt_gen.messages.diagnostics import InvalidInput

# Not all that is declared is used.
pytestmark = pytest.mark.filterwarnings("ignore::medt_gen.SpecWarning")

HEAD = """medt-gen: 1
input: {channels: 4, size: 16}
params: {two: 2}
modules:
  wide: {type: Conv2d, out_channels: 8, kernel_size: 1}
  back: {type: Conv2d, in_channels: 12, out_channels: 4, kernel_size: 1}
forward:
  w: x | wide
"""


def load(pipe, before=""):
    return medt_gen.load(
        text=f"{HEAD}{before}  b: w | concat(x) | back\n  out: {pipe}\n"
    )


def errors(pipe, before=""):
    with pytest.raises(InvalidInput) as caught:
        load(pipe, before)
    return [item for item in caught.value.diagnostics if item.severity == "error"]


def codes(pipe, before=""):
    return [item.code for item in errors(pipe, before)]


TAKEN = {
    "b | concat(w, x)": (16, 16, 16),
    "b | add(x)": (4, 16, 16),
    "b | upsample(2)": (4, 32, 32),
    "b | upsample(factor=2)": (4, 32, 32),
    "b | upsample([2, 1])": (4, 32, 16),
    "b | upsample($two * 2)": (4, 64, 64),
    "b | max_pool(4, stride=2)": (4, 7, 7),
    "b | max_pool(4, 2, 1)": (4, 8, 8),
    "b | max_pool(2) | resize(w)": (4, 16, 16),
    "b | mean()": (4,),
}


@pytest.mark.parametrize("pipe", TAKEN)
def test_an_operation_takes_its_arguments_by_place_and_by_name(pipe):
    assert load(pipe).network.root.output.numbers == TAKEN[pipe]


REFUSED = {
    "b | nowhere()": "unknown-operation",
    "b | add()": "wrong-value",
    "b | resize(w, x)": "wrong-value",
    "b | add(2)": "wrong-value",
    "b | add($two)": "wrong-value",
    "b | upsample()": "missing-argument",
    "b | upsample(2, nowhere=3)": "unknown-argument",
    "b | upsample(2, factor=3)": "unknown-argument",
    "b | max_pool(2, 2, 1, 1, true, 2)": "unknown-argument",
    "b | relu(2)": "unknown-argument",
    "b | upsample(-1)": "wrong-value",
    "b | upsample([2, 0])": "wrong-value",
    "b | upsample([2, 2, 2])": "shape-mismatch",
    "b | upsample($nowhere)": "unknown-parameter",
    "b | upsample([2, $nowhere])": "unknown-parameter",
    "b | add(w)": "shape-mismatch",
}


@pytest.mark.parametrize("pipe", REFUSED)
def test_what_an_operation_does_not_take_is_one_error_in_its_pipe(pipe):
    (only,) = errors(pipe)
    assert only.code == REFUSED[pipe]
    assert only.place.line == 10


BROKEN = "  a: x | nowhere\n"
ON_IT = [
    "b | add(a)",
    "b | concat(a) | back",
    "b | resize(a)",
    "b | add(x, a)",
    "a | add(b)",
    "a | upsample(2)",
    "a | back",
    "b | scale(a)",
]


@pytest.mark.parametrize("pipe", ON_IT)
def test_what_is_made_of_a_broken_value_is_no_second_mistake(pipe):
    assert codes(pipe, BROKEN) == ["unknown-module"]


def test_arguments_are_checked_even_where_the_value_is_broken():
    assert codes("a | upsample(-1)", BROKEN) == ["unknown-module", "wrong-value"]
    assert codes("a | nowhere()", BROKEN) == ["unknown-module", "unknown-operation"]


def test_all_arguments_that_are_missing_are_told():
    assert codes("b | max_pool(stride=2)") == ["missing-argument"]


def test_what_is_given_and_equals_what_is_inferred_is_fine():
    """By value: large numbers that are equal need not be one object."""
    text = (
        "medt-gen: 1\ninput: {channels: 70000, size: 2}\n"
        "modules:\n  c: {type: Conv2d, in_channels: 70000, out_channels: 1, kernel_size: 1}\n"
        "forward: {out: x | c}\n"
    )
    assert medt_gen.load(text=text).network.root.output.numbers == (1, 2, 2)
    with pytest.raises(InvalidInput) as caught:
        medt_gen.load(text=text.replace("in_channels: 70000", "in_channels: 70001"))
    assert [item.code for item in caught.value.diagnostics] == ["shape-mismatch"]
