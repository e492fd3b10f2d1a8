"""The cause comes first, once, and at the user's own line."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from support import ROOT

import medt_gen
from medt_gen.loading import blame
from medt_gen.loading.load import load
from medt_gen.messages.diagnostics import Diagnostic, MedtGenError

SPECS = ROOT / "tests" / "messages" / "specs"
WRONG = sorted(SPECS.glob("*.yaml"))

# What is wrong with the file as a whole: its bytes, or how large it is.
_OF_THE_WHOLE = {"too-many-problems"}


def problems(text: str, *options: str) -> list[Diagnostic]:
    try:
        return list(load(text=text, overrides=options).warnings)
    except MedtGenError as error:
        return list(error.diagnostics)


def errors(text: str, *options: str) -> list[Diagnostic]:
    return [item for item in problems(text, *options) if item.severity == "error"]


def marked(item: Diagnostic) -> str:
    assert item.place is not None
    return item.place.text


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_every_error_has_a_place_and_none_is_in_a_shipped_text(path: Path) -> None:
    try:
        load(path)
    except MedtGenError as error:
        for item in error.diagnostics:
            if item.code in _OF_THE_WHOLE:
                continue
            assert item.place is not None, item
            assert not item.place.source.shipped, item


BASE = """\
medt-gen: 1
input: {channels: 3, size: 32}
params: {classes: 2, heads: 4}
modules:
  stem: {type: Conv2d, out_channels: 16, kernel_size: 3, padding: 1}
  bn: BatchNorm2d
  stage: {type: Stage, block: AxialBlock, planes: 8, heads: $heads}
  gate: {type: Conv2d, out_channels: 16, kernel_size: 1}
  norm: {type: GroupNorm, num_groups: 4}
  head: {type: Conv2d, out_channels: $classes, kernel_size: 1}
forward:
  a: x | stem | bn | relu()
  b: a | stage
  c: b | gate | norm
  out: c | concat(a) | head
"""

# One slip each: what it replaces, what by, and what is to be marked.
SLIPS = {
    "argument": ("padding: 1}", "paddin: 1}", "paddin"),
    "type": ("bn: BatchNorm2d", "bn: BatchNorm", "BatchNorm"),
    "needed argument": ("16, kernel_size: 1}", "16, kernel: 1}", "kernel"),
    "text for a number": ("classes: 2", "classes: two", "two"),
    "heads": ("heads: 4", "heads: 3", "3"),
    "groups": ("num_groups: 4", "num_groups: 5", "5"),
    "operation": ("relu()", "rleu()", "rleu"),
    "module": ("| gate |", "| gat |", "gat"),
    "value": ("concat(a)", "concat(aa)", "aa"),
    "key": ("input:", "inptu:", "inptu"),
    "pipe": ("b: a | stage", "b: a | stage |", ""),
    "block": ("block: AxialBlock", "block: AxialBlok", "AxialBlok"),
    "stray number": ("channels: 3", "channels: 0", "0"),
}


def slipped(*names: str) -> str:
    text = BASE
    for name in names:
        before, after, _ = SLIPS[name]
        assert text.count(before) == 1, name
        text = text.replace(before, after)
    return text


def test_without_a_slip_nothing_is_said() -> None:
    assert problems(BASE) == []


@pytest.mark.parametrize("name", SLIPS)
def test_one_slip_is_one_error_and_nothing_follows_from_it(name: str) -> None:
    found = problems(slipped(name))
    assert [(item.severity, marked(item)) for item in found] == [
        ("error", SLIPS[name][2])
    ]


# Whether heads and groups fit can't be known where the sizes aren't; what `input:`
# holds is not read where that key is misspelled.
_NEED_SIZES = {"heads", "groups"}
_SAME_LINE = ("key", "stray number")
_PAIRS = [
    pair
    for pair in itertools.combinations(SLIPS, 2)
    if not _NEED_SIZES & {*pair} and pair != _SAME_LINE
]


@pytest.mark.parametrize(("one", "other"), _PAIRS)
def test_two_independent_slips_are_both_shown_and_no_more(one: str, other: str) -> None:
    found = problems(slipped(one, other))
    assert {item.severity for item in found} == {"error"}
    assert sorted(map(marked, found)) == sorted((SLIPS[one][2], SLIPS[other][2]))


EXTENDED = "medt-gen: 1\nextends: medt\n"

# What a variant changes, and the stretch that is to be marked.
CHANGES = {
    "input: {size: 100}": "100",
    "input: {size: [128, 100]}": "size",
    "params: {classes: '2'}": "'2'",
    "params: {classes: 0}": "0",
    "params: {block: AxialBlok}": "AxialBlok",
    "params: {patch_block: [1]}": "[1]",
    "params: {heads: 3}": "3",
    "params: {heads: two}": "two",
    "modules: {conv1: {type: MaxPool2d}}": "MaxPool2d",
    "modules: {conv1: {out_channels: $clases}}": "$clases",
    "modules: {conv1: {stride: 3}}": "3",
    "modules: {layer2: {planes: 20}}": "20",
    "modules: {layer2: {stride: 5}}": "5",
    "modules: {bn1: null}": "bn1",
    "modules: {bn1: BatchNorm3d}": "BatchNorm3d",
    "forward: {local: {patches: {grid: [5, 5]}}}": "[5, 5]",
    "forward: {stem: null}": "stem",
    "forward: {stem: x | conv1}": "x | conv1",
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_variant_changes_is_to_blame(change: str) -> None:
    (found,) = errors(EXTENDED + change + "\n")
    assert found.place is not None
    assert found.place.source.name == "<text>"
    assert marked(found) == CHANGES[change]


@pytest.mark.parametrize("change", CHANGES)
def test_the_same_as_an_option_names_the_option(change: str) -> None:
    """Every change with a path to it, given to the parent by `--set`."""
    path, value = change, ""
    keys = []
    while ": " in path:
        key, _, path = path.partition(": ")
        keys.append(key)
        if not path.startswith("{") or "," in path.split("[")[0]:
            break
        path = path[1:-1]
    value = path
    (found,) = errors(EXTENDED, "title=null", ".".join(keys) + f"={value}")
    assert found.place is not None
    assert found.place.source.name == "--set"
    assert found.place.source.text.startswith(".".join(keys))


def test_of_several_changes_only_the_cause_is_blamed() -> None:
    text = EXTENDED + (
        "title: Mine\nparams: {classes: 4}\ninput: {channels: 1, size: 100}\n"
        "modules: {conv2: {out_channels: 32}}\n"
    )
    (found,) = errors(text)
    assert marked(found) == "100"


@pytest.mark.parametrize(
    ("changes", "marks"),
    [
        ("input: {size: 224}\nparams: {heads: 4}\n", ["224"]),
        ("params: {heads: 4}\ninput: {size: 100}\n", ["100"]),
        (
            "modules:\n  decoder4: {out_channels: 16}\n  decoder5_p: {out_channels: 8}\n",
            ["16"],
        ),
        ("input: {size: 100}\nmodules: {bn1: null}\n", ["100", "bn1"]),
    ],
)
def test_what_fits_is_not_blamed_for_what_does_not(changes, marks) -> None:
    found = errors(EXTENDED + changes)
    assert sorted(map(marked, found)) == sorted(marks)


def test_what_is_wrong_in_the_parent_itself_stays_there(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text(BASE.replace("padding: 1", "paddin: 1"))
    (tmp_path / "child.yaml").write_text(
        "medt-gen: 1\nextends: parent.yaml\nparams: {classes: 3}\n"
    )
    with pytest.raises(medt_gen.InvalidInput) as caught:
        load(tmp_path / "child.yaml")
    (found,) = caught.value.diagnostics
    assert found.place is not None
    assert found.place.source.name.endswith("parent.yaml")
    assert "extended from here" in found.notes[-1].message


@pytest.fixture
def child(tmp_path: Path):
    """A variant of a parent that is no shipped one."""
    (tmp_path / "parent.yaml").write_text(BASE)

    def told(change: str, *options: str) -> list[Diagnostic]:
        path = tmp_path / "child.yaml"
        path.write_text(f"medt-gen: 1\nextends: parent.yaml\n{change}\n")
        with pytest.raises(medt_gen.InvalidInput) as caught:
            load(path, overrides=options)
        return list(caught.value.diagnostics)

    return told


def test_an_argument_that_a_variant_adds_is_its_own_mistake(child) -> None:
    (found,) = child("modules: {stem: {kernal_size: 5}}")
    assert marked(found) == "kernal_size"
    assert found.help == "did you mean `kernel_size`?"


def test_what_a_replaced_type_had_and_the_new_one_needs_is_told_at_the_type(
    child,
) -> None:
    for change, options in (
        ("modules: {stem: {type: MaxPool2d}}", ()),
        ("title: Same", ("modules.stem.type=MaxPool2d",)),
    ):
        (found,) = child(change, *options)
        assert marked(found) == "MaxPool2d"
        assert found.message == "`MaxPool2d` needs `kernel_size`"
        assert found.place is not None
        assert found.place.source.name.endswith("--set" if options else "child.yaml")
        assert "replaces `Conv2d` whole" in found.notes[0].message


def test_the_search_for_a_cause_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = "".join(f"  m{number}: {{type: ReLU}}\n" for number in range(300))
    text = EXTENDED + f"modules:\n{changes}  bn1: null\n"
    tried = []
    real = blame.what_is_wrong

    def counted(*arguments):
        tried.append(arguments)
        return real(*arguments)

    monkeypatch.setattr(blame, "what_is_wrong", counted)
    assert errors(text)
    assert 0 < len(tried) <= 2 * 40 + 1


def test_a_wrong_default_of_a_shipped_block_is_told_at_its_use() -> None:
    """8 heads by default, and 12 channels: the number that a user gave is marked."""
    text = BASE.replace("planes: 8, heads: $heads", "planes: 12")
    (found,) = errors(text)
    assert marked(found) == "12"
    shows = found.notes[0]
    assert shows.place is not None
    assert shows.place.source.name == "blocks/AxialBlock.yaml"


def test_a_value_that_is_passed_on_is_told_where_it_was_given_first() -> None:
    blocks = (
        "blocks:\n"
        "  Outer: {params: {wide: int}, modules: {b: {type: Inner, planes: $wide}}, "
        "forward: {out: x | b}}\n"
        "  Inner: {params: {planes: int}, modules: {c: {type: Conv2d, "
        "out_channels: $planes, kernel_size: 1}}, forward: {out: x | c}}\n"
    )
    text = BASE.replace("modules:\n", f"{blocks}modules:\n", 1)
    text = text.replace(
        "type: Conv2d, out_channels: 16, kernel_size: 1", "type: Outer, wide: $wide"
    )
    text = text.replace("heads: 4}", "heads: 4, wide: 0}")
    (found,) = errors(text)
    assert marked(found) == "0"
    assert found.message == "`wide` must be a positive integer, and is 0"
