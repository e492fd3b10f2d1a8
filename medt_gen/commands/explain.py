"""`medt-gen explain`: what a name means: of a layer, an operation, a key, an error, ...

`medt-gen list` has the names.
"""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING

from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.explanations import explanations, page
from medt_gen.messages.wording import did_you_mean, shown

if TYPE_CHECKING:
    from medt_gen.reference.topics import Topic

_CALLED = re.compile(
    r"(?:torch\.)?(?:nn\.)?(?:init\.)?(?P<name>[^()\s]+?)_?(?:\(.*)?", re.S
)
"""A name as Python code has it: `nn.Conv2d`, `upsample(2)`, `nn.init.zeros_`."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        help="such as Conv2d, upsample, AxialBlock, patches or shape-mismatch; none "
        "lists the codes of errors",
    )
    parser.add_argument(
        "--all", action="store_true", help="write the page of all codes, as Markdown"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print what is asked for, the list of codes, or the whole page."""
    if arguments.all:
        sys.stdout.write(page())
    elif arguments.name is None:
        for item in explanations().values():
            print(f"{item.code:24}{item.says}")
    else:
        _explain(arguments.name)
    return 0


def _explain(name: str) -> None:
    from medt_gen.reference.explain import as_paragraphs, explained
    from medt_gen.reference.topics import topics

    called = _CALLED.fullmatch(name)
    known: dict[str, list[Topic]] = {}
    for topic in topics():
        known.setdefault(topic.name, []).append(topic)
    found = known.get(name) or known.get(called["name"] if called else name)
    if not found:
        raise UnreadableInput(
            Diagnostic(
                "usage",
                f"nothing is called `{shown(name)}`",
                help=did_you_mean(name, known) or "`medt-gen list` has all names",
            )
        )
    print("\n\n\n".join(as_paragraphs(explained(topic)) for topic in found))
