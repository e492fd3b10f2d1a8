"""The editor agrees with the tool: what `validate` accepts is green, and what is wrong
in a key, in the name of a type or in a kind of value is red."""

from __future__ import annotations

import pytest
import yaml

import medt_gen
from medt_gen.messages.diagnostics import InvalidInput
from medt_gen.spec.schema import schema_text
from spec.editor import complaints
from spec.right_specs import (
    MESSAGES,
    block_files,
    data_of,
    documented,
    in_tests,
    right_files,
)

pytestmark = pytest.mark.filterwarnings("ignore::medt_gen.SpecWarning")

RIGHT = {**right_files(), **documented(), **in_tests()}
BLOCKS = block_files()


# --- what is right is green -----------------------------------------------------------


def test_the_right_specs_are_found():
    """A search that finds nothing would pass for agreement."""
    assert {"specs/medt.yaml", "tools/fuzz/corpus/variant.yaml"} < RIGHT.keys()
    assert {"README.md:0", "tests/messages/specs/ok.yaml"} < RIGHT.keys()
    assert any(name.startswith("tests/spec/test_language.py") for name in RIGHT)
    assert len(BLOCKS) >= 3


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_spec_is_green(name):
    assert complaints(data_of(RIGHT[name])) == []


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_spec_is_green_as_it_is_composed(name):
    """As JSON, with all that it extends merged in."""
    text = RIGHT[name]
    if "./" not in text:
        assert complaints(medt_gen.load(text=text).document) == []


@pytest.mark.parametrize("name", BLOCKS)
def test_a_right_block_is_green(name):
    assert complaints(data_of(BLOCKS[name]), "block") == []


HEAD = "medt-gen: 1\nclass: Net\ninput: {channels: 4, size: 16}\n"


def used(module):
    """The body of a spec that calls one module."""
    return f"\nmodules: {{a: {module}}}\nforward: {{out: x | a}}\n"


def conv(arguments):
    return used(f"{{type: Conv2d, kernel_size: 1, {arguments}}}")


RIGHT_BODIES = {
    "no modules": "modules: {}\nforward: {out: x}\n",
    "a list of modules": "modules: [ReLU]\n",
    "names that no flow calls": 'modules: {"0": ReLU, a-b: Tanh, lambda: Tanh}\n',
    "a computed number": conv("out_channels: 2 * 3"),
    "a number in parentheses": conv("out_channels: -(-3)"),
    "a list with computed numbers": conv("out_channels: 4, stride: [1 + 1, 2]"),
    "a word in parentheses": conv("out_channels: 4, padding_mode: (zeros)"),
    "a computed flag": conv("out_channels: 4, bias: not true"),
    "a zero with a sign": conv("out_channels: 4, padding: -0"),
    "padding as a word": conv("out_channels: 4, padding: same"),
    "a list as a parameter": "params: {k: [3, 5]}\n"
    + used("{type: Conv2d, out_channels: 3, kernel_size: $k}"),
    "a null that is a value": used("{type: Softmax, dim: null}"),
    "a null as a parameter": "params: {k: null}\n" + used("{type: ReLU}"),
    "a condition without parameters": used("{type: ReLU, when: 1 == 1}"),
    "a condition that is a word": used("{type: ReLU, when: yes}"),
    "a module that is a parameter": "params: {n: {type: GroupNorm, num_groups: 2}}\n"
    + used("{type: $n, eps: 0.1}"),
    "a parameter that lacks an argument": "params: {n: {type: GroupNorm}}\n"
    + used("{type: $n, num_groups: 2}"),
    "a stage that is a parameter": "params: {s: {type: Stage, block: ReLU}}\n"
    + used("{type: $s, depth: 2}"),
    "a stage of a layer": used(
        "{type: Stage, block: Conv2d, out_channels: 4, kernel_size: 2, stride: [2, 1]}"
    ),
    "a stage of a block of its own": "blocks: {B: {params: {stride: [1, 1], n: any},"
    " modules: {r: ReLU}, forward: {out: x | r}}}"
    + used("{type: Stage, block: B, stride: [2, 2], n: {type: ReLU}}"),
    "a block that replaces one that ships": "blocks: {AxialBlock: {params: {n: 2},"
    " modules: {r: ReLU}, forward: {out: x | r}}}" + used("{type: AxialBlock, n: 3}"),
    "a block of a replaced name, bare": "blocks: {AxialBlock: {modules: {r: ReLU},"
    " forward: {out: x | r}}}" + used("AxialBlock"),
    "a block that changes one that ships": "blocks: {B: {extends: AxialBlock,"
    " params: {heads: 2}, modules: {relu: null, bn1: {type: Identity},"
    " width_block: {stride: null}, conv_up: {bias: true}},"
    " forward: {out: x | conv_down | bn1 | hight_block | width_block | conv_up | bn2"
    " | add(shortcut)}}}" + used("{type: B, planes: 4}"),
    "a block without a flow": "blocks: {B: {modules: [ReLU, Tanh]}}\n"
    "modules: {a: B, b: {type: ModuleList, modules: [B]}}\n",
    "children in a list and by name": used(
        "{type: Sequential, modules: [ReLU, {type: Sequential, modules: {b: ReLU}}]}"
    ),
    "an empty container": used("{type: Sequential, modules: {}}"),
    "a module put behind another": "modules: {a: {type: ReLU, after: b}, b: Tanh}\n"
    "forward: {out: x | a | b}\n",
    "a grid that is computed": "params: {n: 2}\nmodules: {}\nforward: {out: {patches:"
    " {of: x, grid: [$n, 2 * $n], as: p, statistics: patch}, forward: {out: p}}}\n",
    "nothing to train": "training: {}\nmodules: {}\nforward: {out: x}\n",
    "gates that learn from the start": "training: {gates: {}}\nmodules: {}\n"
    "forward: {out: x}\n",
    "nothing first": "construct_first: []\nmodules: {}\nforward: {out: x}\n",
}


@pytest.mark.parametrize("what", RIGHT_BODIES)
def test_what_loads_is_green(what):
    text = HEAD + RIGHT_BODIES[what]
    medt_gen.load(text=text)
    assert complaints(data_of(text)) == []


def test_volumes_are_green():
    text = (
        "medt-gen: 1\ninput: {channels: 2, size: [8, 8, 8]}\n"
        "modules: {a: {type: Conv3d, out_channels: 4, kernel_size: [1, 3, 3]}}\n"
        "forward:\n"
        "  cut: {patches: {of: x, grid: [2, 1, 1], as: p}, forward: {out: p | relu()}}\n"
        "  out: x | add(cut) | a\n"
    )
    medt_gen.load(text=text)
    assert complaints(data_of(text)) == []


# --- what is wrong is red -------------------------------------------------------------

FORM = (
    "bad-name missing-argument missing-key missing-type unknown-argument unknown-key "
    "unknown-type wrong-form wrong-value"
).split()
"""The codes of faults in a key, in the name of a type or in a kind of value."""

ELSEWHERE = {
    **dict.fromkeys(
        ("cause-changed-pipe", "cause-never-called"),
        "an argument that is missing since a parent's flow does not call the module",
    ),
    "fix-module-in-variant": "a module without a type that the parent may have",
    **dict.fromkeys(
        ("cause-left-over", "left-over-stride"),
        "arguments of the parent that the changed type has not",
    ),
    "left-over-needed": "an argument of the parent that went with its type",
    "cause-text-parameter": "a parameter, for what the parent uses it for",
    "cause-type-parameter": "a parameter, for what the parent uses it for",
    "new-containers": "a call in a pipe, with the code of a key that is missing",
    "new-init": "an argument of a call, which is a text for a schema",
    "new-inputs": "a call in a pipe, with the code of a wrong value",
    "new-lists": "a parameter, for what the block uses it for",
    "not-dividing": "a grid that is no list, which has a code of its own",
}
"""Wrong specs whose codes do not say whether a schema can tell them from right ones."""


def golden(name):
    """The golden message of a spec; nothing for one that others extend."""
    path = MESSAGES / "expected" / f"{name}.txt"
    return path.read_text(encoding="utf-8") if path.exists() else ""


SPECS = {path.stem: path for path in sorted((MESSAGES / "specs").glob("*.yaml"))}
WRONG = {
    name: path for name, path in SPECS.items() if golden(name).endswith("exit 1\n")
}


def is_red(path):
    """None for a file that is no YAML, or none that medt-gen reads: it has no form."""
    try:
        return bool(complaints(data_of(path.read_text(encoding="utf-8"))))
    except (InvalidInput, UnicodeDecodeError):
        return None


RED = {name: is_red(path) for name, path in WRONG.items()}
JUDGED = [name for name, red in RED.items() if red is not None]


@pytest.mark.parametrize("name", JUDGED)
def test_a_wrong_spec_is_red_where_its_form_is_wrong(name):
    """Neither list can hide a fault: what is in it has to be the other way round."""
    of_form = any(f"error[{code}]" in golden(name) for code in FORM)
    assert RED[name] is (of_form is not (name in ELSEWHERE))


def test_every_exception_is_a_spec_that_there_is():
    assert ELSEWHERE.keys() <= set(JUDGED)
    assert len(JUDGED) > 50


WRONG_BODIES = {
    "a misspelled type": "modules: {a: Relu}\n",
    "a misspelled type with arguments": "modules: {a: {type: Conv2D, kernel_size: 1}}\n",
    "a misspelled type inside": "modules: {a: {type: Sequential, modules: [Relu]}}\n",
    "a misspelled type that is repeated": "modules: {a: {type: Stage, block: AxialBlok}}\n",
    "a layer without its arguments": "modules: {a: Conv2d}\n",
    "an argument that is missing": "modules: {a: {type: Conv2d, kernel_size: 3}}\n",
    "an argument that is missing inside": "modules: {a: {type: Sequential, modules:"
    " {b: {type: GroupNorm}}}}\n",
    "a shipped block without its arguments": "modules: {a: AxialBlock}\n",
    "a shipped block without an argument": "modules: {a: {type: AxialBlock, heads: 2}}\n",
    "an argument that a shipped block has not": "modules: {a: {type: AxialBlock,"
    " planes: 2, head: 2}}\n",
    "a word for a number of a shipped block": "modules: {a: {type: AxialBlock,"
    " planes: wide}}\n",
    "an argument that a repeated block has not": "modules: {a: {type: Stage,"
    " block: AxialBlock, planes: 2, head: 2}}\n",
    "an argument of another layer": "modules: {a: {type: ReLU, negative_slope: 0.1}}\n",
    "null for an argument": "modules: {a: {type: MaxPool2d, kernel_size: 2,"
    " stride: null}}\n",
    "a number in quotes": "modules: {a: {type: MaxPool2d, kernel_size: '2'}}\n",
    "numbers joined": "modules: {a: {type: MaxPool2d, kernel_size: 2x2}}\n",
    "a list with a word": "modules: {a: {type: MaxPool2d, kernel_size: [2, two]}}\n",
    "a list with a word beside an expression": "params: {k: 2}\n"
    "modules: {a: {type: MaxPool2d, kernel_size: [$k, two]}}\n",
    "an uncalled layer without its sizes": "modules: {a: {type: BatchNorm2d,"
    " unused: true}}\nforward: {out: x}\n",
    "a container without modules": "modules: {a: Sequential}\n",
    "a stage of nothing": "modules: {a: {type: Stage, depth: 2}}\n",
    "modules in a layer": "modules: {a: {type: ReLU, modules: [ReLU]}}\n",
    "a module that is nothing": "modules: {a: null}\n",
    "no modules": "modules: null\n",
    "no training": "modules: {}\ntraining: null\n",
    "a parameter without a type": "params: {n: {num_groups: 2}}\nmodules: {a: $n}\n",
    "an argument of a parameter": "params: {n: {type: ReLU, eps: 2}}\nmodules: {a: $n}\n",
    "a name that Python keeps": "modules: {class: ReLU}\nforward: {out: x}\n",
    "a name that every module has": "modules: {forward: ReLU}\nforward: {out: x}\n",
    "a name with a point": "modules: {a.b: ReLU}\n",
    "a parameter that is always there": "params: {in_channels: 3}\nmodules: {}\n",
    "a block with a name of the catalog": "blocks: {ReLU: {modules: {}}}\nmodules: {}\n",
    "a block without modules": "blocks: {B: {forward: {out: x}}}\nmodules: {}\n",
    "a block with a key of a spec": "blocks: {B: {modules: {}, input: {size: 3}}}\n"
    "modules: {}\n",
    "a flow without a result": "modules: {}\nforward: {a: x}\n",
    "patches without a name": "modules: {}\nforward: {out: {patches: {of: x,"
    " grid: [2, 2]}, forward: {out: x}}}\n",
    "patches without a flow": "modules: {}\nforward: {out: {patches: {of: x,"
    " grid: [2, 2], as: p}}}\n",
    "a grid of nothing": "modules: {}\nforward: {out: {patches: {of: x,"
    " grid: [0, 2], as: p}, forward: {out: p}}}\n",
}


@pytest.mark.parametrize("what", WRONG_BODIES)
def test_what_does_not_load_is_red(what):
    text = HEAD + WRONG_BODIES[what]
    with pytest.raises(InvalidInput):
        medt_gen.load(text=text)
    assert complaints(data_of(text)) != []


@pytest.mark.parametrize(
    "difference",
    [
        "modules: {relu: GELLU}",
        "modules: {relu: {type: Stage, block: AxialBlok}}",
        "modules: {conv1: {type: Conv2d, kernel: 3}}",
        "modules: {relu: {type: Sequential, modules: [GELU, {type: Conv2d}]}}",
        "input: {size: [64]}",
        "input: {sizes: 64}",
        "forward: {local: {patches: {gird: [8, 8]}}}",
    ],
)
def test_a_wrong_difference_from_a_shipped_spec_is_red(difference):
    """What ships has no blocks of its own, so all types are known."""
    text = "extends: medt\n" + difference
    with pytest.raises(InvalidInput):
        medt_gen.load(text=text)
    assert complaints(data_of(text)) != []


# --- and stays usable -----------------------------------------------------------------


def test_the_schema_stays_small():
    assert len(schema_text()) < 360_000


def test_deep_modules_take_no_longer_than_flat_ones():
    """A part that is judged twice on every level is judged 2^30 times here."""
    text = "ReLU"
    for _ in range(30):
        text = f"{{type: Sequential, modules: {{a: {text}}}}}"
    assert complaints(yaml.safe_load(HEAD + f"modules: {{a: {text}}}\n")) == []
