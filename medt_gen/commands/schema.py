"""`medt-gen schema`: the JSON Schema of specs, for editors."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


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
    from medt_gen.files.writing import (
        OTHER_OUTPUT,
        existing,
        not_overwritten,
        write_text,
    )
    from medt_gen.spec.schema import is_schema

    path = Path(arguments.output)
    before = existing(path)
    if before is not None and not arguments.force and not is_schema(before):
        raise not_overwritten(path, "it is no schema of specs", OTHER_OUTPUT)
    write_text(path, schema_text())
    return 0
