"""`medt-gen list`: what there is to use, by name; `medt-gen explain NAME` says more."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.wording import did_you_mean, shown

if TYPE_CHECKING:
    from medt_gen.reference.topics import Topic

_WORDS = {
    "specs": "spec",
    "variants": "variant",
    "blocks": "block",
    "layers": "layer",
    "containers": "container",
    "operations": "operation",
    "init": "initial value",
    "keys": "key",
    "printed": "printed class",
    "codes": "code",
}
_USUAL = ("specs", "variants", "blocks", "layers", "containers", "operations", "init")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "kinds",
        metavar="KIND",
        nargs="*",
        help=f"{', '.join(_WORDS)}; without any, all but the last three",
    )
    parser.add_argument(
        "--json", dest="as_json", action="store_true", help="the list for programs"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the names, each with a sentence."""
    from medt_gen.reference.topics import LISTED, topics

    wanted = [_kind(word) for word in arguments.kinds or _USUAL]
    found = [topic for topic in topics() if topic.kind in wanted]
    if arguments.as_json:
        print(json.dumps([vars(topic) for topic in found], indent=2))
        return 0
    for kind, head in LISTED.items():
        if kind in wanted:
            _print(head, [topic for topic in found if topic.kind == kind])
    return 0


def _kind(word: str) -> str:
    if word not in _WORDS:
        message = f"there is no list of `{shown(word)}`"
        help = did_you_mean(word, _WORDS)
        raise UnreadableInput(Diagnostic("usage", message, help=help))
    return _WORDS[word]


def _print(head: str, topics: list[Topic]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="cyan")
    table.add_column()
    for topic in topics:
        where = f" ({topic.where})" if topic.where else ""
        table.add_row(f"  {topic.name}", f"{shown(topic.says, 500)}{where}")
    console = Console(highlight=False)
    console.print(f"[bold]{head}[/bold]")
    console.print(table)
    console.print()
