"""A module that is called twice has to come out the same both times."""

import pytest

import medt_gen
from medt_gen.messages.diagnostics import InvalidInput

# Not all that is declared is used.
pytestmark = pytest.mark.filterwarnings("ignore::medt_gen.SpecWarning")

HEAD = "medt-gen: 1\ninput: {channels: 4, size: 16}\n"
BLOCKS = """
blocks:
  Wide:
    params: {planes: 4}
    modules: {c: {type: Conv2d, out_channels: $planes, kernel_size: 1}}
    forward: {out: x | c}
  Tall:
    modules: {a: {type: AxialAttention, axis: height, heads: 2}}
    forward: {out: x | a}
"""


def codes(module, first, second):
    """The errors of a network that calls a module with two values."""
    text = (
        f"{HEAD}{BLOCKS}modules:\n  twice: {module}\n"
        f"forward:\n  one: {first} | twice\n  two: {second} | twice\n"
        "  out: one | mean() | add(small)\n  small: two | mean()\n"
    )
    try:
        medt_gen.load(text=text)
    except InvalidInput as error:
        return [item.code for item in error.diagnostics if item.severity == "error"]
    return []


HALF, DOUBLE = "x | max_pool(2)", "x | concat(x)"
CONV = "{type: Conv2d, out_channels: 4, kernel_size: 1}"
ATTENTION = "{type: AxialAttention, axis: height, heads: 2}"

FIT = {
    "no weights": ("ReLU", "x", HALF),
    "weights for the channels": (CONV, "x", HALF),
    "equal values": (ATTENTION, "x", "x | relu()"),
    "a container": (f"{{type: Sequential, modules: [{CONV}, ReLU]}}", "x", HALF),
    "a block": ("Wide", "x", HALF),
    "a block in a stage": ("{type: Stage, block: Wide, depth: 2}", "x", HALF),
    "no module at all": ("{type: ReLU, when: false}", "x", HALF),
}


@pytest.mark.parametrize(("module", "first", "second"), FIT.values(), ids=FIT)
def test_weights_that_fit_both_values_are_shared(module, first, second):
    assert codes(module, first, second) == []


UNFIT = {
    "channels": (CONV, "x", DOUBLE),
    "a length": (ATTENTION, "x", HALF),
    "in a container": (f"{{type: Sequential, modules: [ReLU, {CONV}]}}", "x", DOUBLE),
    "in a block": ("Wide", "x", DOUBLE),
    "a length in a block": ("Tall", "x", HALF),
    "in a block in a stage": ("{type: Stage, block: Tall, depth: 2}", "x", HALF),
}


@pytest.mark.parametrize(("module", "first", "second"), UNFIT.values(), ids=UNFIT)
def test_weights_that_would_have_to_differ_are_refused(module, first, second):
    assert codes(module, first, second) == ["shape-mismatch"]
    assert codes(module, second, first) == ["shape-mismatch"]


def test_the_refused_call_is_the_second_and_names_the_first():
    text = (
        f"{HEAD}modules: {{c: {CONV}}}\nforward:\n  one: x | c\n"
        "  two: x | concat(x) | c\n  out: one | add(two)\n"
    )
    with pytest.raises(InvalidInput) as caught:
        medt_gen.load(text=text)
    (only,) = caught.value.diagnostics
    assert (only.place.line, [note.place.line for note in only.notes]) == (6, [5])


def calls(flow, modules="c: ReLU"):
    network = medt_gen.load(
        text=f"{HEAD}modules: {{{modules}}}\nforward:\n{flow}"
    ).network
    return {module.name: module.calls for module in network.root.modules}


def test_every_call_is_counted_once_for_each_patch():
    assert calls("  out: x | c | c | c\n") == {"c": 3}
    inside = (
        "    patches: {of: x, grid: [2, 4], as: p}\n    forward: {out: p | c | c}\n"
    )
    assert calls(f"  out:\n{inside}") == {"c": 16}
    assert calls(f"  a: x | c\n  b:\n{inside}  out: a | add(b)\n") == {"c": 17}
    deep = (
        "    patches: {of: x, grid: [2, 2], as: p}\n    forward:\n      out:\n"
        "        patches: {of: p, grid: [1, 4], as: q}\n        forward: {out: q | c}\n"
    )
    assert calls(f"  out:\n{deep}") == {"c": 16}
    assert calls("  out: x | c\n", "c: ReLU, d: {type: ReLU, unused: true}") == {
        "c": 1,
        "d": 0,
    }


def test_a_call_of_an_equal_shape_costs_as_much_again():
    once, twice = cost("  out: x | c\n"), cost("  out: x | c | c\n")
    assert twice.work == 2 * once.work
    assert twice.activations == 2 * once.activations


def cost(flow):
    text = f"{HEAD}modules: {{c: {CONV}}}\nforward:\n{flow}"
    return medt_gen.load(text=text).network.root.cost


def test_the_work_of_each_new_shape_is_counted_and_its_values():
    once = cost("  out: x | c\n")
    assert once.activations == 4 * 16 * 16
    assert once.work == 4 * 4 * 16 * 16
    patched = cost(
        "  out:\n    patches: {of: x, grid: [2, 4], as: p}\n    forward: {out: p | c}\n"
    )
    assert (patched.activations, patched.work) == (once.activations, once.work)
    relu = cost("  out: x | c | relu() | max_pool(2)\n")
    assert relu.activations == 4 * (16 * 16 + 16 * 16 + 8 * 8)
