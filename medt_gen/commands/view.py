"""`medt-gen view`: a network, or two as one, as a page to look at.

A side is a spec, a printout, a file that `emit` wrote, or a checkpoint. The page is one
file that needs no server and no network.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from medt_gen.commands.options import add_overrides, texts
from medt_gen.commands.sides import told_by
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.wording import shown

if TYPE_CHECKING:
    from medt_gen.explorer.describe import Side
    from medt_gen.explorer.records import Exploration


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("left", metavar="A", help="a spec, printout, checkpoint, ...")
    parser.add_argument(
        "right", metavar="B", nargs="?", help="what to compare it with, if anything"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", required=True, help="where to write the page"
    )
    parser.add_argument(
        "--open", action="store_true", help="open it in the usual browser"
    )
    parser.add_argument(
        "--number",
        metavar="N",
        type=int,
        action="append",
        default=[],
        help="which printout of a side with several; twice where both have several",
    )
    add_overrides(parser)
    for side, name in (("a", "A"), ("b", "B")):
        add_overrides(parser, f"--set-{side}", f"of {name}, a spec")
    parser.add_argument(
        "--exact",
        action="store_true",
        help="count attributes that torch versions print differently",
    )
    parser.add_argument(
        "--force", action="store_true", help="replace a file that is no page of ours"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the page, and open it if asked to."""
    from medt_gen.explorer.page import page_text
    from medt_gen.files.writing import write_text

    path = Path(arguments.output)
    _check(arguments)
    keep_others(path, force=arguments.force)
    write_text(path, page_text(_exploration(arguments)))
    print(f"{shown(str(path), 500)}: written; open it in a browser")
    if arguments.open and not _opened(path):
        print("no browser was found to open it", file=sys.stderr)
    return 0


def _check(arguments: argparse.Namespace) -> None:
    """Say which options go with one side, and which with two."""
    if arguments.right is None and (arguments.set_b or arguments.exact):
        option = "--set-b" if arguments.set_b else "--exact"
        message = f"{option} is for two sides, and there is one"
        raise UnreadableInput(Diagnostic("usage", message, help="name B as well"))
    if arguments.right is not None and arguments.overrides:
        message = "--set is for one side, and there are two"
        help = "use --set-a or --set-b"
        raise UnreadableInput(Diagnostic("usage", message, help=help))


def keep_others(path: Path, *, force: bool) -> None:
    """Refuse to write over what is no page of ours."""
    from medt_gen.figures.svg import MARK
    from medt_gen.files.writing import OTHER_OUTPUT, existing, not_overwritten

    before = existing(path)
    if before and MARK not in before and not force:
        raise not_overwritten(path, "it is no page of ours", OTHER_OUTPUT)


def _exploration(arguments: argparse.Namespace) -> Exploration:
    from medt_gen.explorer.both import explored_both
    from medt_gen.explorer.describe import explored

    numbers = [*arguments.number, *arguments.number, None, None]
    if arguments.right is None:
        option = "--set-a" if arguments.set_a else "--set"
        overrides = [*texts(arguments.overrides), *texts(arguments.set_a)]
        return explored(_side(arguments.left, numbers[0], overrides, option))
    from medt_gen.compare.comparison import compare_descriptions

    left = _side(arguments.left, numbers[0], texts(arguments.set_a), "--set-a")
    right = _side(arguments.right, numbers[1], texts(arguments.set_b), "--set-b")
    found = compare_descriptions(
        left.description, right.description, exact=arguments.exact
    )
    return explored_both(found, right_edited=right.edited)


def _side(path: str, number: int | None, overrides: list[str], option: str) -> Side:
    from medt_gen.explorer.describe import read_side

    with told_by(option):
        return read_side(path, number, overrides, option)


def _opened(path: Path) -> bool:
    import webbrowser

    return webbrowser.open(path.absolute().as_uri())
