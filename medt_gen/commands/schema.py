"""`medt-gen schema`: the JSON Schema of specs, for editors."""

from __future__ import annotations

import argparse
import sys


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.epilog = (
        "Point an editor at it with a first line such as "
        "# yaml-language-server: $schema=medt-gen.schema.json"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the schema."""
    from medt_gen.spec.schema import schema_text

    sys.stdout.write(schema_text())
    return 0
