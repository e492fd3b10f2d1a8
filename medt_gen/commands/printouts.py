"""`medt-gen printouts`: which printed module trees a text holds."""

from __future__ import annotations

import argparse
import json


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="FILE", help="any text, or - for stdin")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="how to list them"
    )


def run(arguments: argparse.Namespace) -> int:
    """List the printouts, numbered as `--number` counts them."""
    from medt_gen.messages.wording import shown
    from medt_gen.printouts import find
    from medt_gen.printouts.limits import read_text
    from medt_gen.printouts.report import printouts_as_json, printouts_as_lines

    source = read_text(arguments.file)
    printouts = find(source.text, source.name)
    if arguments.format == "json":
        print(json.dumps(printouts_as_json(printouts), indent=2))
    else:
        for line in printouts_as_lines(printouts):
            print(shown(line, most=4_000))
    return 0
