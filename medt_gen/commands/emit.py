"""`medt-gen emit`: a spec as Python source."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from medt_gen.commands.options import add_spec_options, load_spec
from medt_gen.commands.shown import show_warnings
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_spec_options(parser)
    parser.add_argument(
        "-o", "--output", metavar="FILE", default="-", help="where to write; - prints"
    )
    parser.add_argument(
        "--attention",
        choices=("fast", "definition"),
        default="fast",
        help="write attention in its fast form (default), or as the papers define it, "
        "for people who read, change or teach it",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing: exit with 1 and a diff when FILE is stale",
    )
    parser.add_argument(
        "--force", action="store_true", help="replace a file that was edited"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print or write the source, or compare it with a file."""
    from medt_gen.emitter.output import write_source
    from medt_gen.emitter.source import emit
    from medt_gen.files.writing import difference

    if arguments.check and arguments.output == "-":
        raise UnreadableInput(
            Diagnostic("usage", "--check compares with a file: name it with -o FILE")
        )
    spec = load_spec(arguments, arguments.spec)
    show_warnings(spec)
    source = emit(spec, attention=arguments.attention)
    if arguments.check:
        changes = difference(Path(arguments.output), source)
        sys.stdout.write(changes)
        return 1 if changes else 0
    if arguments.output == "-":
        sys.stdout.write(source)
    else:
        write_source(Path(arguments.output), source, force=arguments.force)
    return 0
