"""One mistake is one error: what is made of it, or stands beside it, is no second one."""

import pytest

import medt_gen
from medt_gen.messages.diagnostics import InvalidInput

HEAD = "medt-gen: 1\ninput: {channels: 4, size: 16}\n"
WRONG = "{type: Conv2d, in_channels: 7, out_channels: 4, kernel_size: 1}"


def found(text):
    """(code, line) of all that is said of a spec, warnings included."""
    with pytest.raises(InvalidInput) as caught:
        medt_gen.load(text=HEAD + text)
    return [(item.code, item.place.line) for item in caught.value.diagnostics]


def codes(text):
    return [code for code, _ in found(text)]


def test_a_value_that_nobody_reads_may_have_been_meant_by_an_unknown_name():
    assert codes("modules: {}\nforward:\n  skip: x\n  out: x | add(skp)\n") == [
        "unknown-value"
    ]


def test_of_a_block_with_a_circle_nothing_follows():
    text = (
        "blocks:\n  B:\n    modules: {}\n    forward: {a: b, b: a, out: x}\n"
        f"modules: {{b: B, c: {WRONG}}}\nforward: {{out: x | b | c}}\n"
    )
    assert codes(text) == ["circular-flow"]


def test_of_patches_with_a_circle_nothing_follows():
    text = (
        f"modules: {{c: {WRONG}}}\nforward:\n  cut:\n"
        "    patches: {of: x, grid: [2, 2], as: p}\n"
        "    forward: {a: b, b: a, out: p}\n  out: cut | c\n"
    )
    assert codes(text) == ["circular-flow"]


CHECKED = {
    "a layer": "{type: Conv2d, out_channels: 4, kernel_size: 1, nowhere: 1}",
    "a block": "{type: B, nowhere: 1}",
    "a stage": "{type: Stage, block: Conv2d, out_channels: 4, kernel_size: 1, nowhere: 1}",
    "a container": ("{type: Sequential, modules: [{type: ReLU, nowhere: 1}, ReLU]}"),
}


@pytest.mark.parametrize("module", CHECKED.values(), ids=CHECKED)
@pytest.mark.parametrize("pipe", ["broken | m", "x | wrong | m", "cut | m"])
def test_a_module_behind_a_mistake_is_checked_for_what_no_input_changes(module, pipe):
    text = (
        "blocks:\n  B: {modules: {r: ReLU}, forward: {out: x | r}}\n"
        f"modules:\n  wrong: {WRONG}\n  m: {module}\nforward:\n"
        "  broken: x | gone\n  cut:\n    patches: {of: x, grid: [3, 3], as: p}\n"
        f"    forward: {{out: p}}\n  also: cut | wrong | add(broken)\n  out: {pipe} | add(also)\n"
    )
    told = codes(text)
    assert told.count("unknown-argument") == 1
    assert told.count("unknown-module") == 1
    assert told.count("patch-grid") == 1
    assert told.count("shape-mismatch") == (pipe == "x | wrong | m")
    assert len(told) == 3 + (pipe == "x | wrong | m")


def conv(channels):
    return f"{{type: Conv2d, out_channels: {channels}, kernel_size: 1}}"


@pytest.mark.parametrize(("given", "fits"), [(3, False), (4, True), (5, False)])
def test_channels_that_are_given_to_a_block_are_those_of_its_input(given, fits):
    text = (
        f"{HEAD}blocks:\n  B: {{modules: {{c: {conv(4)}}}, forward: {{out: x | c}}}}\n"
        f"modules:\n  b: {{type: B, in_channels: {given}}}\nforward: {{out: x | b}}\n"
    )
    if fits:
        assert medt_gen.load(text=text).network.root.output.numbers == (4, 16, 16)
        return
    with pytest.raises(InvalidInput) as caught:
        medt_gen.load(text=text)
    (only,) = caught.value.diagnostics
    assert (only.code, only.place.line) == ("shape-mismatch", 6)


def test_a_name_in_the_place_of_a_number_is_one_error():
    text = f"params: {{n: ReLU}}\nmodules: {{a: {conv('2 * $n')}}}\nforward: {{out: x | a}}\n"
    assert codes(text) == ["expression"]
    text = f"params: {{n: 0}}\nmodules: {{a: {conv('2 // $n')}}}\nforward: {{out: x | a}}\n"
    assert codes(text) == ["expression"]


TYPES = {
    "a name that is not known": ("Nowhere", "unknown-type"),
    "a module of a type that is not known": ("{type: Nowhere}", "unknown-type"),
    "a module whose type is no name": ("{type: 3}", "missing-type"),
    "a module without a type": ("{num_groups: 2}", "missing-type"),
    "a number": ("3", "wrong-value"),
}


@pytest.mark.parametrize(("value", "code"), TYPES.values(), ids=TYPES)
def test_a_parameter_that_holds_no_type_is_one_error(value, code):
    text = (
        f"params: {{norm: {value}}}\nmodules: {{a: $norm}}\nforward: {{out: x | a}}\n"
    )
    assert codes(text) == [code]


@pytest.mark.parametrize("value", ["GroupNorm", "{type: GroupNorm}"])
def test_a_module_in_a_parameter_may_be_given_more_where_it_stands(value):
    text = (
        f"{HEAD}params: {{norm: {value}}}\n"
        "modules:\n  a: {type: $norm, num_groups: 2}\nforward: {out: x | a}\n"
    )
    (module,) = medt_gen.load(text=text).network.root.modules
    assert module.body.arguments["num_groups"].value == 2


STRIDED = """
blocks:
  B:
    params: {stride: %s}
    modules:
      p: {type: MaxPool2d, kernel_size: 1, stride: $stride}
    forward: {out: x | p}
modules: {s: {type: Stage, block: B, depth: 2%s}}
forward: {out: x | s}
"""


@pytest.mark.parametrize(
    ("default", "given", "size"),
    [
        ("1", "", 16),
        ("2", "", 8),
        ("1", ", stride: 2", 8),
        ("2", ", stride: 4", 4),
        ("int", ", stride: 2", 8),
    ],
)
def test_only_the_first_block_of_a_stage_has_the_stride(default, given, size):
    root = medt_gen.load(text=HEAD + STRIDED % (default, given)).network.root
    assert root.output.numbers == (4, size, size)
