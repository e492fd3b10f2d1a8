"""Two trees side by side: what is equal is folded, what differs is marked."""

from __future__ import annotations

import io

from rich.console import Console

from medt_gen.printout import parse
from medt_gen.views.trees import aligned, side_by_side
from tests.printouts.samples import NET, golden

CHANGED = (
    NET.replace("Conv2d(3, 8", "Conv2d(3, 16")
    .replace("    (0): Dropout(p=0.5, inplace=False)\n    (1)", "    (0)")
    .replace("(norm): Identity()", "(norm): Identity()\n      (more): Tanh()")
)


def _states(left: str, right: str) -> list[tuple]:
    return [
        (row.state, row.depth, _name(row.left), _name(row.right))
        for row in aligned(parse(left), parse(right))
    ]


def _name(side) -> str | None:
    return side if side is None or isinstance(side, str) else side.name


def test_what_is_equal_is_folded_and_what_differs_stands_side_by_side() -> None:
    assert _states(NET, CHANGED) == [
        ("same", 0, "", ""),
        ("changed", 1, "stem", "stem"),
        ("same", 1, "blocks", "blocks"),
        ("equal", 2, "... 1 equal row", "... 1 equal row"),
        ("same", 2, "3", "3"),
        ("equal", 3, "... 1 equal row", "... 1 equal row"),
        ("added", 3, None, "more"),
        ("same", 1, "head", "head"),
        ("missing", 2, "0", None),
        ("equal", 2, "... 1 equal row", "... 1 equal row"),
    ]


def test_equal_trees_are_one_row() -> None:
    assert [state for state, *_ in _states(NET, NET)] == ["equal"]


def test_part_of_a_run_is_shown_under_its_indices() -> None:
    right = NET.replace("(0-2): 3 x", "(0-3): 4 x").replace("(3): Block", "(4): Block")
    assert ("added", 2, None, "3") in _states(NET, right)
    shifted = NET.replace("eps=1e-05", "eps=1e-03")
    assert ("changed", 3, "norm", "norm") in _states(NET, shifted)
    assert ("same", 2, "0-2", "0-2") in _states(NET, shifted)


def _drawn(left: str, right: str, *, colour: bool) -> str:
    out = io.StringIO()
    console = Console(
        file=out,
        width=120,
        force_terminal=colour,
        color_system="256" if colour else None,
    )
    table = side_by_side(
        parse(left), parse(right), left_title="left.txt", right_title="right.txt"
    )
    console.print(table)
    return out.getvalue()


def test_the_table_is_coloured_only_on_a_terminal() -> None:
    plain = _drawn(NET, CHANGED, colour=False)
    assert "\x1b" not in plain
    assert "out_channels=16" in plain
    assert "left.txt" in plain
    assert "\x1b" in _drawn(NET, CHANGED, colour=True)


def test_markup_in_a_printout_is_text() -> None:
    left = "Net(\n  (a): B([bold]x[/bold] [/])\n  (b): C()\n)"
    drawn = _drawn(left, left.replace("x", "y"), colour=False)
    assert "[bold]y[/bold] [/]" in drawn


def test_the_reference_networks_side_by_side() -> None:
    drawn = _drawn(golden("axialunet"), golden("gated"), colour=False)
    assert drawn.count("AxialBlock_dynamic") == 8
    assert len(drawn.split("\n")) < 80
