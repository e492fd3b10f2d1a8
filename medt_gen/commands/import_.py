"""`medt-gen import`: a spec read back from a printed module tree or a checkpoint."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from medt_gen.messages.diagnostics import Diagnostic, InvalidInput


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "source", metavar="FILE", help="a printout, a checkpoint, or - for a printout"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", default="-", help="where to write; - prints"
    )
    parser.add_argument(
        "--number", metavar="N", type=int, help="which printout of FILE, from 1"
    )
    parser.add_argument(
        "--input-size", metavar="SIZE", help="the input's size: 128, or 128x256"
    )
    parser.add_argument(
        "--grid",
        dest="grids",
        metavar="[SUFFIX=]GRID",
        action="append",
        default=[],
        help="a branch's patch grid: 4x4, or _p=4x4 for the modules ending in _p",
    )
    parser.add_argument(
        "--force", action="store_true", help="replace a file that exists"
    )


def run(arguments: argparse.Namespace) -> int:
    """Read, and write the spec."""
    from medt_gen.importer import import_file, read_options

    options = read_options(arguments.input_size, arguments.grids)
    found = import_file(arguments.source, arguments.number, options)
    if arguments.output == "-":
        sys.stdout.write(found.text)
    else:
        _write(Path(arguments.output), found.text, force=arguments.force)
    if not found.family:
        print(
            f"{arguments.source}: the data flow is not known, so the spec has no "
            "`forward:`; it can be printed, compared and emitted",
            file=sys.stderr,
        )
    return 0


def _write(path: Path, text: str, *, force: bool) -> None:
    from medt_gen.files.writing import existing, write_text

    if not force and existing(path) not in (None, text):
        raise InvalidInput(
            Diagnostic(
                "not-overwritten",
                f"{path} is kept: it holds something else",
                help="choose another file with -o, or replace it with --force",
            )
        )
    write_text(path, text)
