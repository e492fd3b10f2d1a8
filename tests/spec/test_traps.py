"""YAML's traps: the character to change is found, however much stands around it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import medt_gen
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput
from medt_gen.spec.lookalikes import lookalike
from medt_gen.spec.python_text import read_code
from medt_gen.spec.yaml_mask import BLANK, masked

LINES = [
    "medt-gen: 1",
    "class: Net  # a 'comment' with [brackets: {",
    'title: "a: title, with [brackets"',
    "input: {channels: 3, size: 64}",
    "modules:",
    "  conv1: {type: Conv2d, out_channels: 16, kernel_size: 3, padding: 1}",
    "  bn1: BatchNorm2d",
    "  both:",
    "    type: Sequential",
    "    modules:",
    "      - {type: Conv2d, out_channels: 4, kernel_size: [1, 1]}",
    "      - ReLU",
    "  relu: {type: ReLU, inplace: true}",
    "forward:",
    "  a: x | conv1",
    "     | bn1",
    "  out: a | both | relu",
]


def problem(text: str) -> Diagnostic:
    with pytest.raises(InvalidInput) as caught:
        medt_gen.load(text=text)
    (found,) = caught.value.diagnostics
    return found


def test_the_text_itself_is_right() -> None:
    medt_gen.load(text="\n".join(LINES))


def changed(number: int, line: str) -> str:
    return "\n".join([*LINES[:number], line, *LINES[number + 1 :]])


# A line, what it becomes, and the line and column of the character to change.
TRAPS = {
    "no space behind a colon": (6, "  bn1:BatchNorm2d", 6, 6),
    "none in braces": (5, "  conv1: {type: Conv2d, out_channels:16, kernel_size: 3}", 5, 37),
    "a full-width colon": (6, "  bn1：BatchNorm2d", 6, 6),
    "a full-width comma": (3, "input: {channels: 3，size: 64}", 3, 20),
    "a no-break space": (6, "  bn1:\u00a0BatchNorm2d", 6, 7),
    "an ideographic space": (6, "\u3000\u3000bn1: BatchNorm2d", 6, 1),
    "one space too many": (6, "   bn1: BatchNorm2d", 6, 3),
    "one space too few": (6, " bn1: BatchNorm2d", 6, 2),
    "a missing dash": (11, "      ReLU", 11, 7),
    "a missing dash before braces": (10, "      {type: ReLU}", 10, 7),
    "a brace that is not closed": (5, "  conv1: {type: Conv2d, out_channels: 16", 5, 10),
    "a bracket that is not closed": (3, "input: {channels: 3, size: [64, 64}", 3, 28),
    "a brace too many": (12, "  relu: {type: ReLU, inplace: true}}", 12, 36),
    "a missing comma": (3, "input: {channels: 3 size: 64}", 3, 20),
    "a tab": (6, "\tbn1: BatchNorm2d", 6, 1),
    "a quote that is not closed": (6, '  bn1: "BatchNorm2d', 6, 8),
    "a colon that is missing": (4, "modules", 4, 8),
    "a merge key": (12, "  relu: {<<: *base, type: ReLU}", 12, 10),
    "a backtick": (6, "  bn1: `BatchNorm2d`", 6, 8),
}  # fmt: skip


@pytest.mark.parametrize("name", TRAPS)
def test_the_character_to_change_is_marked(name: str) -> None:
    number, line, where, column = TRAPS[name]
    found = problem(changed(number, line))
    assert found.code == "yaml-syntax"
    assert found.place is not None
    assert (found.place.line, found.place.column) == (where + 1, column)
    assert found.help


@pytest.mark.parametrize("name", TRAPS)
@pytest.mark.parametrize("above", [0, 40])
def test_lines_above_change_nothing(name: str, above: int) -> None:
    """Comments, quotes and text blocks full of brackets and colons."""
    number, line, _, _ = TRAPS[name]
    text = changed(number, line)
    noise = "# a: [ { ' \" |\n" * above
    title = 'title: "a: title, with [brackets"'
    block = "title: |\n  it's [a: {block\n    of text\n\n  : with all\n"
    first, second = problem(text), problem(noise + text.replace(title, block.rstrip()))
    assert first.message == second.message
    assert first.place is not None
    assert second.place is not None
    assert second.place.text == first.place.text


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_what_is_masked_keeps_its_length_and_its_lines(text: str) -> None:
    shown = masked(text)
    assert len(shown) == len(text)
    pairs = zip(shown, text, strict=True)
    assert all(a in (b, BLANK) for a, b in pairs)
    assert [len(line) for line in shown.split("\n")] == [
        len(line) for line in text.split("\n")
    ]


pieces = st.lists(
    st.sampled_from(
        "a|b: |:|- |{|}|[|]|'|\"|#|\n|  | |,|\t|：|\u00a0|<<: |*a|&a |?|!t|%|@|`".split(
            "|"
        )
    ),
    max_size=40,
).map("".join)


@given(pieces, pieces)
@settings(max_examples=600, deadline=None)
def test_whatever_is_wrong_has_a_place_in_the_text(before: str, after: str) -> None:
    text = before + "\nmodules: {relu: ReLU}\n" + after
    with pytest.raises(InvalidInput) as caught:
        medt_gen.load(text=text)
    lines = text.split("\n")
    for item in caught.value.diagnostics:
        assert item.place is not None
        assert 1 <= item.place.line <= len(lines)
        assert 1 <= item.place.column <= len(lines[item.place.line - 1]) + 1


@pytest.mark.parametrize(
    ("character", "meant"),
    [
        ("：", ":"),
        ("，", ","),
        ("“", '"'),
        ("’", "'"),
        ("—", "-"),
        ("｜", "|"),
        ("（", "("),
        ("\u00a0", " "),
        ("\u3000", " "),
        ("３", "3"),
        ("\u200b", ""),
    ],
)
def test_a_lookalike_is_told_with_what_it_looks_like(
    character: str, meant: str
) -> None:
    found = lookalike(f"a{character}b")
    assert found is not None
    assert (found.offset, found.meant) == (1, meant)
    assert f"U+{ord(character):04X}" in found.message


@pytest.mark.parametrize("text", ["网络", "Müller", "naïve", "日本", "π", "x"])
def test_a_letter_of_another_language_is_none(text: str) -> None:
    assert lookalike(text) is None


@given(st.text(max_size=60) | pieces)
@settings(max_examples=300, deadline=None)
def test_reading_python_never_fails(text: str) -> None:
    read_code(text)


@pytest.mark.parametrize("broken", ["\r", "\x85", "\u2028", "\u2029", "\r\n"])
@pytest.mark.parametrize(
    "rest", ['"open', "[1", "{a: b", "a: b: c", "a:b\nc", "- a\nb: c"]
)
def test_every_line_break_of_the_parser_is_survived(broken: str, rest: str) -> None:
    """Found as `set` case 4730: a quote that opens on a line that only YAML sees."""
    with pytest.raises(InvalidInput) as caught:
        medt_gen.load(text=f"medt-gen: 1{broken}title: a{broken}input: {rest}")
    for item in caught.value.diagnostics:
        assert item.place is not None


def test_quoted_and_commented_lookalikes_are_nobodys_business() -> None:
    text = changed(2, "title: “医学：网络”，one")
    medt_gen.load(text=text)
    medt_gen.load(text=text.replace("class: Net", "class: Net  # 网络：好"))
