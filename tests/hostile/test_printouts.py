"""Printouts that claim more than they hold."""

from __future__ import annotations

import pytest

from medt_gen import printout
from medt_gen.messages.diagnostics import InvalidInput, MedtGenError


def nested_runs(levels: int) -> str:
    """A few hundred characters that claim `1000 ** levels` modules."""
    opening = "(0-999): 1000 x A( " * levels
    return f"N( {opening}(r): ReLU() {') ' * levels})"


def test_counted_runs_are_never_written_out(calls) -> None:
    text = nested_runs(6)
    assert len(text) < 242

    def run() -> None:
        tree = printout.parse(text)
        assert printout.count_modules(tree) > 10**18
        assert printout.compare(tree, printout.parse(text)) == []
        assert len(printout.render(tree)) < 1_000

    assert calls(run) < 20_000


def test_a_run_that_does_not_count_right() -> None:
    with pytest.raises(InvalidInput) as caught:
        printout.parse("N(\n  (0-3): 5 x ReLU()\n)")
    assert [item.code for item in caught.value.diagnostics] == ["printout-run"]


@pytest.mark.parametrize("levels", [1_000, 30_000])
def test_deep_printouts_need_no_stack(levels) -> None:
    text = "A( (a): " * levels + "A()" + " )" * levels
    tree = printout.parse(text)
    assert printout.count_modules(tree) == levels + 1


def test_a_deep_printout_that_is_cut_off() -> None:
    with pytest.raises(MedtGenError) as caught:
        printout.parse("A( (a): " * 5_000)
    assert caught.value.diagnostics[0].code == "printout-cut-off"
    assert len(caught.value.diagnostics[0].notes) < 100


# Found by fuzzing: a row whose text was cut away had no text to write again.
def test_a_row_with_a_name_and_nothing_else_can_be_written() -> None:
    text = "N( (blocks): A( (bn): ()) (4): ()) (w): ([]) )"
    try:
        for found in printout.find(text):
            printout.render(found.tree)
    except MedtGenError as error:
        assert error.diagnostics
    tree = printout.Node("", "N", (), (printout.Node("w", ""),))
    assert printout.render(tree) == "N(\n  (w): \n)"
