"""`medt-gen import`: a spec read back from a printed module tree or a checkpoint."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from medt_gen.messages.wording import counted, shown

if TYPE_CHECKING:
    from medt_gen.importer import Imported


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
    for line in _told(found, arguments):
        print(shown(line, 2_000), file=sys.stderr)
    return 0


def _told(found: Imported, arguments: argparse.Namespace) -> Iterator[str]:
    """What was written, and what is not known of it."""
    report = found.report
    if arguments.output != "-":
        modules = counted(report.modules, "module")
        blocks = counted(len(found.spec.network.blocks), "block")
        yield f"{arguments.output}: written, {modules}, {blocks}"
    if not found.family:
        emitted = " and emitted" if report.made else ", and not emitted or built"
        yield (
            f"{arguments.source}: the data flow is not known, so the spec has no "
            f"`forward:`; it can be printed{',' if report.made else ' and'} compared"
            f"{emitted}"
        )
    if report.input:
        yield f"input: {report.input}"
    yield from report.lines


def _write(path: Path, text: str, *, force: bool) -> None:
    from medt_gen.files.writing import (
        OTHER_OUTPUT,
        existing,
        not_overwritten,
        write_text,
    )

    if not force and existing(path) not in (None, text):
        raise not_overwritten(path, "it holds something else", OTHER_OUTPUT)
    write_text(path, text)
