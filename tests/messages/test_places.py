"""Places: the character that caused it, through every way of writing a pipe."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import medt_gen
from medt_gen.loading.load import load
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, MedtGenError, Place

HEAD = "medt-gen: 1\ninput: {channels: 3, size: 16}\nmodules: {relu: ReLU}\n"


def problems(text: str, *options: str) -> list[Diagnostic]:
    with pytest.raises(InvalidInput) as caught:
        medt_gen.load(text=text, overrides=options)
    return list(caught.value.diagnostics)


def marked(place: Place | None) -> str:
    """The text that a place covers."""
    assert place is not None
    assert place.line == place.end_line
    line = place.source.text.split("\n")[place.line - 1]
    return line[place.column - 1 : place.end_column - 1]


WAYS = {
    "plain": "forward:\n  out: {}\n",
    "flow": 'forward: {{other: x, out: "{}"}}\n',
    "single": "forward:\n  out: '{}'\n",
    "literal": "forward:\n  out: |\n    {}\n",
    "folded": "forward:\n  out: >-\n    {}\n",
    "next line": "forward:\n  out:\n    {}\n",
    "deep": "forward:\n  cut:\n    patches: {{of: x, grid: [2, 2], as: x2}}\n"
    "    forward:\n      v: x2 | relu\n      out: {}\n  out: cut\n",
}


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    before=st.integers(0, 5),
    breaks=st.lists(st.booleans(), min_size=8, max_size=8),
    spaces=st.lists(st.integers(1, 4), min_size=8, max_size=8),
)
def test_an_unknown_module_is_found_where_it_stands(
    way: str, before: int, breaks: list[bool], spaces: list[int]
) -> None:
    """Whatever the quotes, line breaks and indentation around it."""
    start = "x2" if way == "deep" else "x"
    steps = [start, *["relu"] * before, "mistake", "relu"]
    pipe = steps[0]
    for step, broken, space in zip(steps[1:], breaks, spaces, strict=False):
        many = broken and way not in ("flow", "single")
        pipe += ("\n        " + " " * space if many else " " * space) + "| " + step
    found = [
        x for x in problems(HEAD + WAYS[way].format(pipe)) if x.severity == "error"
    ]
    assert [item.code for item in found] == ["unknown-module"]
    assert marked(found[0].place) == "mistake"


def test_errors_come_in_the_order_of_the_file() -> None:
    text = HEAD + "forward:\n  a: x | one\n  b: x | two(\n  out: a | add(b) | three\n"
    lines = [item.place.line for item in problems(text) if item.place]
    assert lines == sorted(lines)
    assert len(lines) == 3


def test_the_place_of_an_option_is_the_option() -> None:
    (found,) = problems(HEAD + "forward: {out: x | relu}\n", "forward.out=x | rlu")
    assert found.place is not None
    assert (found.place.source.name, marked(found.place)) == ("--set", "rlu")


def test_one_mistake_is_one_error() -> None:
    """A broken module, value, parameter or block is not complained of again."""
    text = (
        "medt-gen: 1\ninput: {channels: 3, size: 16}\n"
        "params: {in_channels: 3}\nblocks: {B: nowhere.yaml}\n"
        "modules:\n  a: {out_channels: 3}\n  b: B\n"
        "  c: {type: ReLU, when: $in_channels}\n"
        "construct_first: [a]\n"
        "forward:\n  v: x | a | (\n  w: v | b | c\n  out: w | add(v) | a\n"
    )
    codes = [item.code for item in problems(text)]
    assert codes == ["bad-name", "missing-parent", "missing-type", "pipe-syntax"]


@pytest.mark.parametrize(
    ("size", "options"),
    [
        ("64", ["forward.local.patches.grid=[2, 2]"]),
        ("96", ["forward.local.patches.grid=[3, 3]"]),
        ("256", []),
        ("512", []),
        ("[128, 256]", []),
        ("[256, 128]", ["forward.local.patches.grid=[4, 2]"]),
    ],
)
def test_medt_takes_every_size_that_its_strides_divide(size, options) -> None:
    load("medt", overrides=[f"input.size={size}", *options])


@settings(max_examples=8, deadline=None, derandomize=True)
@given(height=st.integers(8, 300), width=st.integers(8, 300), square=st.booleans())
def test_sizes_that_are_offered_work(height: int, width: int, square: bool) -> None:
    asked = f"[{height}, {height if square else width}]"
    try:
        load("axialunet", overrides=[f"input.size={asked}"])
    except MedtGenError as error:
        helps = [item.help or "" for item in error.diagnostics]
        (hint,) = [text for text in helps if "that work: " in text]
        for size in hint.partition("that work: ")[2].split(" and "):
            load("axialunet", overrides=[f"input.size={size}"])


def test_the_search_for_a_size_is_bounded() -> None:
    """A mistake that no size cures: sixty are tried, then it gives up."""
    from medt_gen.resolve.sizes import working_sizes

    tried = []
    assert working_sizes((100, 100), lambda size: bool(tried.append(size))) == []
    assert 10 < len(tried) <= 60
    assert len(set(tried)) == len(tried)
