"""`medt-gen schema`: the JSON Schema of specs, for editors."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from medt_gen.messages.diagnostics import Diagnostic, InvalidInput
from medt_gen.messages.wording import shown


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.epilog = (
        "Point an editor at it with a first line such as "
        "# yaml-language-server: $schema=medt-gen.schema.json"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", default="-", help="where to write; - prints"
    )
    parser.add_argument(
        "--force", action="store_true", help="replace a file that is no such schema"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the schema, or write it over one of before."""
    from medt_gen.spec.schema import schema_text

    if arguments.output == "-":
        sys.stdout.write(schema_text())
        return 0
    from medt_gen.files.writing import existing, write_text
    from medt_gen.spec.schema import is_schema

    path = Path(arguments.output)
    before = existing(path)
    if before is not None and not arguments.force and not is_schema(before):
        raise InvalidInput(
            Diagnostic(
                "not-overwritten",
                f"{shown(arguments.output, 500)} is kept: it is no schema of specs",
                help="choose another file with -o, or replace it with --force",
            )
        )
    write_text(path, schema_text())
    return 0
