"""`medt-gen show`: a spec with what it extends merged in."""

from __future__ import annotations

import argparse
import sys

from medt_gen.commands.options import add_spec_options, load_spec
from medt_gen.commands.shown import show
from medt_gen.messages.codes import REMARKS


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_spec_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the merged spec, with what was dropped in comments."""
    from medt_gen.loading.merged import merged_text

    spec = load_spec(arguments, arguments.spec, pedantic=True)
    show([item for item in spec.warnings if item.code not in REMARKS])
    sys.stdout.write(merged_text(spec))
    return 0
