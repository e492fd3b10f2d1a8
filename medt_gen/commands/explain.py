"""`medt-gen explain`: what a diagnostic code means, with examples."""

from __future__ import annotations

import argparse
import sys
import textwrap

from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.explanations import as_text, explanations, page
from medt_gen.messages.wording import did_you_mean, shown

_WIDTH = 88


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "code", metavar="CODE", nargs="?", help="such as shape-mismatch; none lists all"
    )
    parser.add_argument(
        "--all", action="store_true", help="write the page of all codes, as Markdown"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print one explanation, the list of codes, or the whole page."""
    known = explanations()
    if arguments.all:
        sys.stdout.write(page())
    elif arguments.code is None:
        for item in known.values():
            print(f"{item.code:24}{item.says}")
    elif arguments.code in known:
        print(_wrapped(as_text(known[arguments.code])))
    else:
        message = f"there is no code `{shown(arguments.code)}`"
        help = did_you_mean(arguments.code, known) or "`medt-gen explain` lists them"
        raise UnreadableInput(Diagnostic("usage", message, help=help))
    return 0


def _wrapped(text: str) -> str:
    """Long paragraphs broken into lines; examples as they are."""
    return "\n\n".join(
        part if "\n" in part or part.startswith(" ") else textwrap.fill(part, _WIDTH)
        for part in text.split("\n\n")
    )
