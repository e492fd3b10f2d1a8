"""`medt-gen diff`: whether two descriptions of a network agree.

Each side is a printout, a spec, a checkpoint or a file that `emit` wrote. 0: no fact
that both hold differs; 1: some do, or a part was compared and the rest was not; 2: a
side can't be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from medt_gen.commands.options import add_overrides, texts
from medt_gen.commands.sides import told_by
from medt_gen.messages.diagnostics import (
    MedtGenError,
    UnreadableInput,
)

if TYPE_CHECKING:
    from medt_gen.compare.comparison import Comparison
    from medt_gen.compare.descriptions import Description


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("left", metavar="A", help="a printout, spec, checkpoint, ...")
    parser.add_argument("right", metavar="B", help="what to compare it with")
    parser.add_argument(
        "--number",
        metavar="N",
        type=int,
        action="append",
        default=[],
        help="which printout of a side with several; twice where both have several",
    )
    parser.add_argument(
        "--at",
        metavar="[SIDE:]PATH",
        action="append",
        default=[],
        help="compare only what stands at this path: of the side that has it, or of "
        "A:PATH, B:PATH; twice for both",
    )
    for side, name in (("a", "A"), ("b", "B")):
        add_overrides(parser, f"--set-{side}", f"of {name}, a spec")
    parser.add_argument(
        "--all", action="store_true", help="show all differences, however many"
    )
    parser.add_argument(
        "--exact",
        action="store_true",
        help="count attributes that torch versions print differently",
    )
    parser.add_argument(
        "--format",
        choices=("text", "json", "html"),
        default="text",
        help="how to answer; html is the page that `view A B` writes",
    )


def run(arguments: argparse.Namespace) -> int:
    """Compare, and say what was found."""
    from medt_gen.compare.comparison import compare_descriptions
    from medt_gen.compare.parts import chosen_parts
    from medt_gen.compare.report import as_json

    numbers = [*arguments.number, *arguments.number, None, None]
    left = _read(arguments.left, numbers[0], arguments.set_a, "--set-a")
    right = _read(arguments.right, numbers[1], arguments.set_b, "--set-b")
    chosen = chosen_parts(left, right, arguments.at)
    found = compare_descriptions(
        chosen.left, chosen.right, exact=arguments.exact, parts=chosen.parts
    )
    if arguments.format == "json":
        print(json.dumps(as_json(found), indent=2))
    elif arguments.format == "html":
        from medt_gen.explorer.both import explored_both
        from medt_gen.explorer.page import page_text

        sys.stdout.write(page_text(explored_both(found)))
    else:
        _show(found, exact=arguments.exact, every=arguments.all)
    return 0 if found.equal and found.is_whole else 1


def _read(
    path: str, number: int | None, overrides: list[object], option: str
) -> Description:
    """A side; what is wrong with its options is told by the option that it was."""
    from medt_gen.compare.descriptions import read_description

    try:
        with told_by(option):
            return read_description(path, number, texts(overrides), option)
    except MedtGenError as error:
        # Here 1 says that something differs: what is wrong was never compared.
        raise UnreadableInput(*error.diagnostics) from None


def _show(found: Comparison, *, exact: bool, every: bool) -> None:
    from rich.console import Console
    from rich.text import Text

    from medt_gen.compare.report import MOST_LINES, fact_lines, word_lines
    from medt_gen.messages.wording import shown
    from medt_gen.views.trees import side_by_side

    console = Console(file=sys.stdout)

    def write(lines: Iterable[str]) -> None:
        for line in lines:
            text = Text(shown(line, most=4_000))
            console.print(text, soft_wrap=True, highlight=False)

    write(word_lines(found))
    if found.modules and found.left.tree and found.right.tree and console.is_terminal:
        table = side_by_side(
            found.left.tree,
            found.right.tree,
            left_title=shown(found.left.name),
            right_title=shown(found.right.name),
            exact=exact,
        )
        console.print(table)
    write(fact_lines(found, most=None if every else MOST_LINES))
