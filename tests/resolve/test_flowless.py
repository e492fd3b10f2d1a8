"""A class without a `forward:`: what is not given can't be inferred, and is missed."""

import pytest

import medt_gen
from medt_gen.messages.diagnostics import InvalidInput

# Not all that is declared is used.
pytestmark = pytest.mark.filterwarnings("ignore::medt_gen.SpecWarning")

HEAD = "medt-gen: 1\ninput: {channels: 4, size: [16, 8]}\n"
BLOCKS = """
blocks:
  Plain:
    params: {planes: int}
    modules: {c: {type: Conv2d, in_channels: $planes, out_channels: $planes, kernel_size: 1}}
  Flowing:
    params: {planes: int}
    modules: {c: {type: Conv2d, out_channels: $planes, kernel_size: 1}}
    forward: {out: x | c}
  Tall:
    modules: {a: {type: AxialAttention, axis: height, heads: 2}}
    forward: {out: x | a}
modules:
"""
CONV = "{type: Conv2d, in_channels: 4, out_channels: 4, kernel_size: 1}"
LESS = "{type: Conv2d, out_channels: 4, kernel_size: 1}"


def network(*modules):
    lines = (f"  m{number}: {text}\n" for number, text in enumerate(modules))
    return medt_gen.load(text=HEAD + BLOCKS + "".join(lines)).network


def errors(*modules):
    with pytest.raises(InvalidInput) as caught:
        network(*modules)
    return [item for item in caught.value.diagnostics if item.severity == "error"]


def codes(*modules):
    return [item.code for item in errors(*modules)]


def arguments(module):
    leaf = network(module).root.modules[0].body
    return {name: term.value for name, term in leaf.arguments.items()}


def test_channels_that_are_given_are_taken():
    found = network(CONV, f"{{type: Sequential, modules: [{CONV}, ReLU]}}").root
    assert (found.flow, found.output) == (None, None)
    assert [module.type for module in found.modules] == ["Conv2d", "Sequential"]
    assert found.cost.modules == 1 + 1 + 3
    assert found.cost.parameters == 2 * (4 * 4 + 4)


@pytest.mark.parametrize(
    "module",
    [LESS, "BatchNorm2d", f"{{type: Sequential, modules: [{LESS}]}}"],
)
def test_channels_that_are_not_given_are_a_flow_that_is_missing(module):
    (only,) = errors(CONV, module)
    assert only.code == "missing-key"
    (note,) = only.notes
    assert "channels" in note.message or "features" in note.message


def test_a_flow_is_missed_once():
    assert codes(LESS, LESS, "BatchNorm2d") == ["missing-key"]


def test_after_another_mistake_it_is_not_missed():
    """The module that is wrong may be what the flow would have come from."""
    assert codes("Nowhere", LESS) == ["unknown-type"]


@pytest.mark.parametrize(("axis", "length"), [("height", 16), ("width", 8)])
def test_the_span_of_an_attention_is_the_networks(axis, length):
    module = f"{{type: AxialAttention, channels: 4, heads: 2, axis: {axis}}}"
    assert arguments(module)["span"] == length
    given = f"{{type: AxialAttention, channels: 4, heads: 2, axis: {axis}, span: 5}}"
    assert arguments(given)["span"] == 5


def test_an_axis_that_the_network_has_not_is_refused():
    module = "{type: AxialAttention, channels: 4, heads: 2, axis: depth}"
    assert codes(module) == ["shape-mismatch"]


def test_a_block_without_a_flow_is_like_its_network():
    (module,) = network("{type: Plain, planes: 6}").root.modules
    assert module.body.instance.flow is None
    assert module.cost.parameters == 6 * 6 + 6


def test_a_block_with_a_flow_runs_on_the_networks_size():
    (module,) = network("{type: Tall, in_channels: 4}").root.modules
    assert module.body.instance.input.numbers == (4, 16, 8)
    (wide,) = network("{type: Flowing, in_channels: 3, planes: 5}").root.modules
    assert wide.body.instance.output.numbers == (5, 16, 8)


def test_the_channels_of_a_block_with_a_flow_have_to_be_given():
    assert codes("{type: Flowing, planes: 5}") == ["missing-key"]
    assert codes("{type: Flowing, in_channels: no, planes: 5}") == ["wrong-value"]


def test_a_stage_repeats_what_it_says():
    stage = "{type: Stage, block: Plain, planes: 4, depth: 3}"
    (module,) = network(stage).root.modules
    assert [child.name for child in module.body.children] == ["0", "1", "2"]
    assert module.cost.modules == 1 + 3 * 2


def test_a_module_that_does_not_exist_needs_nothing():
    (module,) = network("{type: BatchNorm2d, when: false}").root.modules
    assert module.body is None


def test_containers_that_are_never_called_keep_their_kind():
    kinds = ("Sequential", "ModuleList", "ModuleDict")
    found = network(*(f"{{type: {kind}, modules: {{a: {CONV}}}}}" for kind in kinds))
    assert [module.type for module in found.root.modules] == list(kinds)
