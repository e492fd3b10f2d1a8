"""`medt-gen explain`: what a name means: of a layer, an operation, a key, an error, ...

`medt-gen list` has the names.
"""

from __future__ import annotations

import argparse
import re
import sys
import textwrap

from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.explanations import explanations, page
from medt_gen.messages.wording import did_you_mean, shown

_WIDTH = 88
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
    from medt_gen.reference.topics import topics, topics_of

    called = _CALLED.fullmatch(name)
    found = topics_of(name) or topics_of(called["name"] if called else name)
    if not found:
        known = dict.fromkeys(topic.name for topic in topics())
        raise UnreadableInput(
            Diagnostic(
                "usage",
                f"nothing is called `{shown(name)}`",
                help=did_you_mean(name, known) or "`medt-gen list` has all names",
            )
        )
    texts = [_wrapped(as_paragraphs(explained(topic))) for topic in found]
    print("\n\n\n".join(texts))


def _wrapped(text: str) -> str:
    """Long paragraphs broken into lines; examples as they are."""
    return "\n\n".join(
        part if "\n" in part or part.startswith(" ") else textwrap.fill(part, _WIDTH)
        for part in text.split("\n\n")
    )
