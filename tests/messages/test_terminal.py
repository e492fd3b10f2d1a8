"""Diagnostics in a terminal: its width, its colours, its links, its wide letters."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import Color
from rich.console import Console
from rich.style import Style

from medt_gen.messages.diagnostics import Diagnostic, Note, Place, Source, TraceStep
from medt_gen.messages.render import (
    MOST_STEPS,
    STYLES,
    count_line,
    print_diagnostics,
    print_with_count,
)


def terminal(width: int, **options) -> Console:
    settings = {"force_terminal": True, "color_system": None, "legacy_windows": False}
    return Console(file=io.StringIO(), width=width, **{**settings, **options})


def drawn(*items: Diagnostic, console: Console, **options) -> str:
    print_diagnostics(items, console, **options)
    return console.file.getvalue()


def marking(line: str, start: int, end: int, **more) -> Diagnostic:
    """A diagnostic of the characters `start` to `end` of a line."""
    place = Place(Source("net.yaml", line), 1, start + 1, 1, end + 1)
    return Diagnostic("wrong-value", "it is wrong", place, **more)


def underlined(text: str) -> tuple[str, int, int]:
    """The excerpt's line, with the cells where the carets begin and end."""
    lines = text.split("\n")
    row = next(i for i, line in enumerate(lines) if re.match(r"\s*\| +\^", line))
    carets = lines[row]
    return lines[row - 1], carets.index("^"), carets.rindex("^") + 1


def cut_by_cells(text: str, start: int, end: int) -> str:
    at, found = 0, ""
    for letter in text:
        if start <= at < end:
            found += letter
        at += cell_len(letter)
    return found


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("where", ["start", "middle", "end"])
def test_the_marked_part_of_a_long_line_stays_in_sight(width: str, where: str) -> None:
    words = [f"word{number}" for number in range(200)]
    words[{"start": 0, "middle": 100, "end": 199}[where]] = "WRONG"
    line = " ".join(words)
    start = line.index("WRONG")
    text = drawn(marking(line, start, start + 5), console=terminal(width))
    assert max(map(len, text.split("\n"))) <= width
    shown, first, last = underlined(text)
    assert shown[first:last] == "WRONG"
    # The room is used: at least half of the width shows the line.
    assert len(shown) >= width * 0.9


letters = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs", "Cc", "Cf"])
    | st.sampled_from("abc\t：，网络\u00a0\u200b"),
    max_size=150,
).map(lambda text: text.replace("\n", "").replace("\r", ""))


@settings(max_examples=300, deadline=None)
@given(letters, letters, letters, st.integers(30, 130))
def test_no_line_is_wider_than_the_terminal(
    before: str, marked: str, after: str, width: int
) -> None:
    line = before + marked + after
    item = marking(line, len(before), len(before) + len(marked))
    text = drawn(item, console=terminal(width))
    assert all(cell_len(row) <= width for row in text.split("\n"))


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("  网络：{type: Conv2d, kernel: 3}", "kernel"),
        ("\tbn1: {type: BatchNorm2d, ep: 1}", "ep"),
        ("a: 'ｗｉｄｅ', b: mistake", "mistake"),
    ],
)
def test_carets_stand_right_behind_wide_letters_and_tabs(line: str, wrong: str) -> None:
    start = line.index(wrong)
    item = marking(line, start, start + len(wrong))
    shown, first, last = underlined(drawn(item, console=terminal(80)))
    assert cut_by_cells(shown, first, last) == wrong


def test_a_blank_line_stands_between_diagnostics_and_a_count_at_the_end() -> None:
    items = [
        marking("a: 1", 0, 1),
        marking("b: 1", 0, 1),
        marking("c: 1", 0, 1, severity="warning"),
    ]
    console = terminal(80)
    print_with_count(items, console)
    text = console.file.getvalue()
    assert text.count("\n\n") == 3
    assert text.endswith("\n\n2 errors, 1 warning\n")
    assert count_line(items[:1]) == "1 error"


def test_messages_are_broken_between_words_and_set_in() -> None:
    item = Diagnostic("wrong-value", "one two three four five six seven eight nine")
    lines = drawn(item, console=terminal(40)).splitlines()
    assert len(lines) > 1
    assert all(line.startswith("    ") for line in lines[1:])
    words = " ".join(line.strip() for line in lines)
    assert words == "error[wrong-value]: one two three four five six seven eight nine"


def test_where_there_is_no_terminal_nothing_is_broken_or_cut() -> None:
    item = marking("word " * 30 + "WRONG", 150, 155, help="a long help " * 20)
    text = drawn(item, console=Console(file=io.StringIO(), width=40))
    assert "word " * 30 + "WRONG" in text
    assert "a long help " * 19 in text


def luminance(style: str) -> float:
    """The relative luminance of a colour (WCAG 2, section 1.4.3)."""
    color = Style.parse(style).color
    assert color is not None
    parts = (part / 255 for part in color.get_truecolor())
    linear = [
        p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    red, green, blue = linear
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("what", sorted(STYLES))
def test_colours_can_be_read_on_white_and_on_black(what: str) -> None:
    """A ratio of 3.9 on both; 4.58 is the most that any colour can have."""
    light = luminance(STYLES[what])
    assert 1.05 / (light + 0.05) >= 3.9
    assert (light + 0.05) / 0.05 >= 3.9
    assert Color.parse(Style.parse(STYLES[what]).color.name).number is not None


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    item = marking("a: 1", 0, 1, help="mend it")
    # rich keeps the codes of the first terminal of a process: any colour will do.
    color = re.compile(r"\x1b\[(?:\d+;)*3[0-8]")
    coloured = {"color_system": "256"}
    assert color.search(drawn(item, console=terminal(80, **coloured)))
    monkeypatch.setenv("NO_COLOR", "1")
    assert not color.search(drawn(item, console=terminal(80, **coloured)))


def test_a_place_in_a_file_is_a_link(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("a: 1")
    place = Place(Source(str(path), "a: 1"), 1, 1, 1, 2)
    item = Diagnostic("wrong-value", "it is wrong", place)
    text = drawn(item, console=terminal(200, color_system="256"))
    assert "]8;id=" in text
    assert path.as_uri() in text
    option = marking("a: 1", 0, 1)
    assert "]8;" not in drawn(option, console=terminal(200, color_system="256"))


def traced(count: int) -> Diagnostic:
    place = Place(Source("a/long/path/to/net.yaml", "x | " * count), 1, 1, 1, 2)
    steps = tuple(
        TraceStep(f"conv{number}", f"[N, {number}, 8, 8]", place)
        for number in range(count)
    )
    return Diagnostic("shape-mismatch", "no", notes=(Note("how:", place, steps),))


def test_of_a_long_way_the_last_steps_are_shown_unless_all_are_asked_for() -> None:
    text = drawn(traced(20), console=terminal(120))
    assert text.count("conv") == MOST_STEPS == 8
    assert "... 12 steps before; --trace shows all" in text
    assert "conv19" in text
    everything = drawn(traced(20), console=terminal(120), trace=True)
    assert everything.count("conv") == 20
    assert "before" not in everything


@pytest.mark.parametrize("width", [40, 60, 80])
def test_steps_lose_their_place_before_they_are_too_wide(width: int) -> None:
    text = drawn(traced(8), console=terminal(width))
    assert max(map(len, text.split("\n"))) <= width
    assert text.count("net.yaml") == (8 if width >= 60 else 0)
