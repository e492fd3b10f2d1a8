"""How much a spec may ask for: what is just allowed, and one more."""

import pytest

import medt_gen
from medt_gen.loading.load import load
from medt_gen.messages.diagnostics import InvalidInput, Place, Source
from medt_gen.messages.problems import Problems
from medt_gen.resolve.network import resolve_network
from medt_gen.resolve.scope import Limits, Scope, Session, StepCount
from medt_gen.resolve.types import Types

HEAD = "medt-gen: 1\ninput: {channels: 8, size: 16}\n"
CONV = "{type: Conv2d, out_channels: 8, kernel_size: 1}"


def codes(text, **limits):
    """The codes of all errors; none where the spec is fine."""
    try:
        load(text=HEAD + text, limits=Limits(**limits))
    except InvalidInput as error:
        return [item.code for item in error.diagnostics if item.severity == "error"]
    return []


def nested(containers):
    """A module inside of so many containers."""
    start, end = "{type: Sequential, modules: [" * containers, "]}" * containers
    return f"modules: {{a: {start}ReLU{end}}}\nforward: {{out: x | a}}"


def test_modules_are_nested_up_to_40_deep():
    assert codes(nested(39)) == []
    assert codes(nested(40)) == ["too-deep"]


def cut(patches):
    """A flow inside of so many patch steps."""
    text, margin, value = "modules: {a: ReLU}\n", "", "x"
    for number in range(patches):
        text += (
            f"{margin}forward:\n{margin}  out:\n"
            f"{margin}    patches: {{of: {value}, grid: [1, 1], as: p{number}}}\n"
        )
        margin, value = margin + "    ", f"p{number}"
    return f"{text}{margin}forward: {{out: {value} | a}}"


def test_patch_steps_are_nested_up_to_as_deep_together_with_modules():
    assert codes(cut(39)) == []
    assert codes(cut(40)) == ["too-deep"]


def in_blocks(depth):
    """Blocks inside of each other."""
    text = f"blocks:\n  B0: {{modules: {{c: {CONV}}}, forward: {{out: x | c}}}}\n"
    for level in range(1, depth):
        text += (
            f"  B{level}: {{modules: {{b: B{level - 1}}}, forward: {{out: x | b}}}}\n"
        )
    return f"{text}modules: {{top: B{depth - 1}}}\nforward: {{out: x | top}}"


def test_blocks_are_nested_up_to_20_deep():
    assert codes(in_blocks(20)) == []
    assert codes(in_blocks(21)) == ["too-large"]


def in_ways(count):
    """A block that is used in so many different ways."""
    uses = "".join(
        f"  m{number}: {{type: B, p: {number}}}\n" for number in range(count)
    )
    pipe = " | ".join(["x", *(f"m{number}" for number in range(count))])
    return (
        "blocks:\n  B: {params: {p: int}, modules: {a: ReLU}, forward: {out: x | a}}\n"
        f"modules:\n{uses}forward: {{out: {pipe}}}"
    )


def test_blocks_are_used_in_up_to_2000_ways():
    assert codes(in_ways(2_000)) == []
    assert codes(in_ways(2_001)) == ["too-large"]


def test_a_network_takes_up_to_so_many_steps_to_work_out():
    place = Place(Source("<text>", "x"), 1, 1, 1, 2)
    session = Session(Types({}), Limits(), make=None, count=StepCount(most=3))
    scope = Scope(session, None, {}, Problems())
    for _ in range(3):
        scope.take_step(place)
    with pytest.raises(InvalidInput) as caught:
        scope.take_step(place)
    (only,) = caught.value.diagnostics
    assert (only.code, only.place) == ("too-large", place)
    assert StepCount() == StepCount(most=200_000, taken=0)


STEPS = {
    "operations": ("modules: {}\nforward: {out: x | relu() | relu()}", 2),
    "a module, and the call of it": ("modules: {a: ReLU}\nforward: {out: x | a}", 2),
    "the parts of a container": (
        "modules: {a: {type: Sequential, modules: [ReLU, ReLU]}}\nforward: {out: x | a}",
        4,
    ),
    "a patch step and what is in it": (
        "modules: {}\nforward:\n  out:\n    patches: {of: x, grid: [2, 2], as: p}\n"
        "    forward: {out: p | relu()}",
        2,
    ),
    "modules of a flow that is not known": (
        "modules: {a: ReLU, b: {type: Sequential, modules: [ReLU]}}",
        3,
    ),
}


@pytest.mark.parametrize(("text", "steps"), STEPS.values(), ids=STEPS)
def test_no_part_of_a_spec_is_free(text, steps):
    spec = medt_gen.load(text=HEAD + text)
    for most, fits in ((steps, True), (steps - 1, False)):
        count = StepCount(most)
        try:
            resolve_network(spec.declared, spec.types, Problems(), Limits(), count)
        except InvalidInput as error:
            assert [item.code for item in error.diagnostics] == ["too-large"]
            assert not fits
        else:
            assert fits
            assert count.taken == steps


NETWORK = (
    "modules:\n  a: {type: Conv2d, out_channels: 4, kernel_size: 1}\n"
    "  b: BatchNorm2d\nforward: {out: x | a | b}"
)
# Two modules and the network itself; weights, biases and what the norm keeps. Every
# value of 16 x 16 places counts, but for the input.
HELD = {
    "modules": 3,
    "parameters": 4 * 8 + 4 + 2 * 4,
    "buffers": 2 * 4 + 1,
    "activations": 2 * 4 * 16 * 16,
}


@pytest.mark.parametrize(("name", "held"), HELD.items())
def test_a_budget_is_kept_to_the_last(name, held):
    assert codes(NETWORK, **{name: held}) == []
    assert codes(NETWORK, **{name: held - 1}) == ["too-large"]


def test_the_budgets_that_nobody_asked_for():
    assert Limits() == Limits(
        modules=100_000,
        parameters=2_000_000_000,
        buffers=2_000_000_000,
        activations=20_000_000_000,
    )


def stage(depth):
    return (
        f"modules: {{s: {{type: Stage, block: ReLU, depth: {depth}}}}}\n"
        "forward: {out: x | s}"
    )


def test_a_stage_holds_as_many_modules_as_a_network():
    assert codes(stage(8), modules=10) == []
    assert codes(stage(9), modules=10) == ["too-large"]
    assert codes(stage(10), modules=10) == ["too-large"]
    assert codes(stage(11), modules=10) == ["too-large"]


def test_a_value_has_up_to_2_to_the_63_elements():
    """Where the numbers end that torch counts elements with."""
    most, side = 2**63 - 1, 2**31 - 1
    head = "medt-gen: 1\ninput: {channels: %d, size: %d}\nmodules: {}\n"
    for channels, wrong in ((most // side**2, False), (most // side**2 + 1, True)):
        text = head % (channels, side) + "forward: {out: x}"
        try:
            load(text=text, limits=Limits(activations=most))
            refused = False
        except InvalidInput as error:
            refused = [item.code for item in error.diagnostics] == ["too-large"]
        assert refused is wrong


def test_a_network_within_its_budgets_has_no_warning():
    assert medt_gen.load(text=HEAD + NETWORK).warnings == ()
