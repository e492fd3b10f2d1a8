"""`medt-gen validate`: every check short of building."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from medt_gen.commands.options import add_spec_options, load_spec
from medt_gen.diagnostics import Diagnostic, MedtGenError, UnreadableInput

_ENDINGS = (".yaml", ".yml")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_spec_options(parser, many=True)
    parser.add_argument(
        "--format",
        choices=("text", "json", "github"),
        default="text",
        help="how problems are written",
    )
    parser.add_argument(
        "--strict", action="store_true", help="count warnings as errors"
    )


def run(arguments: argparse.Namespace) -> int:
    """Check every spec; 1 when one is wrong, 2 when one can't be read."""
    found: list[Diagnostic] = []
    status = 0
    for path in _files(arguments.specs):
        try:
            spec = load_spec(arguments, path)
        except MedtGenError as error:
            found += error.diagnostics
            status = max(status, 2 if isinstance(error, UnreadableInput) else 1)
            continue
        found += spec.warnings
        if spec.warnings and arguments.strict:
            status = max(status, 1)
        elif arguments.format == "text":
            cost = spec.network.root.cost
            print(f"{path}: ok, {spec.network.name}, {cost.parameters:,} parameters")
    _report(found, arguments.format)
    return status


def _files(paths: list[str]) -> list[str]:
    """The specs to check: folders are searched for YAML files."""
    files: list[str] = []
    for path in paths:
        if path == "-" or not Path(path).is_dir():
            files.append(path)
            continue
        inside = sorted(
            os.path.join(folder, name)  # noqa: PTH118 (keeps `./` as it was typed)
            for folder, _, names in os.walk(path)
            for name in names
            if name.endswith(_ENDINGS)
        )
        if not inside:
            raise UnreadableInput(
                Diagnostic("unreadable", f"there is no YAML file in {path}")
            )
        files += inside
    return files


def _report(found: list[Diagnostic], form: str) -> None:
    from medt_gen.render import as_github, as_json, print_diagnostics

    if form == "json":
        print(as_json(found))
    elif form == "github":
        if found:
            print(as_github(found))
    else:
        from rich.console import Console

        print_diagnostics(found, Console(file=sys.stderr))
