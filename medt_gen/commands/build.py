"""`medt-gen build`: make the network, run it once, and show what it is."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from medt_gen.commands.options import add_spec_options, load_spec
from medt_gen.commands.shown import show_warnings
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput

if TYPE_CHECKING:
    from medt_gen.loading.spec import Spec


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_spec_options(parser)
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument(
        "--print",
        dest="print_model",
        action="store_true",
        help="write print(model) and nothing else",
    )
    shown.add_argument(
        "--json", dest="as_json", action="store_true", help="the report for programs"
    )
    parser.add_argument(
        "--against",
        metavar="FILE",
        help="compare print(model) with a printout; exit with 1 where they differ",
    )
    parser.add_argument(
        "--number",
        metavar="N",
        type=int,
        help="which printout of FILE to compare with, from 1",
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="also write the source, as `emit` does"
    )
    parser.add_argument(
        "--force", action="store_true", help="replace a file that was edited"
    )


def run(arguments: argparse.Namespace) -> int:
    """Build, and print what was asked for."""
    if arguments.number is not None and arguments.against is None:
        raise UnreadableInput(
            Diagnostic("usage", "--number goes with --against: it picks a printout")
        )
    spec = load_spec(arguments, arguments.spec)
    show_warnings(spec)
    if arguments.output is not None:
        _write(spec, arguments)
    from medt_gen.runtime.build import build

    model = build(spec)
    if arguments.print_model:
        print(model)
    elif arguments.against is None:
        _report(spec, model, as_json=arguments.as_json)
    if arguments.against is not None:
        return _compare(str(model), spec, arguments)
    return 0


def _write(spec: Spec, arguments: argparse.Namespace) -> None:
    from medt_gen.emitter.output import write_source
    from medt_gen.emitter.source import emit

    write_source(Path(arguments.output), emit(spec), force=arguments.force)


def _report(spec: Spec, model: object, *, as_json: bool) -> None:
    from torch import nn

    from medt_gen.runtime.measure import measured
    from medt_gen.views.build_report import print_report

    assert isinstance(model, nn.Module)
    measures = measured(spec, model)
    if as_json:
        print(json.dumps(measures.record(), indent=2))
    else:
        print_report(spec, measures)


def _compare(text: str, spec: Spec, arguments: argparse.Namespace) -> int:
    from medt_gen.printouts import compare, find, parse, pick
    from medt_gen.printouts.limits import read_text
    from medt_gen.printouts.report import as_json, as_lines

    source = read_text(arguments.against, what="printout")
    printouts = find(source.text, source.name)
    name = spec.network.name if len(printouts) > 1 else None
    reference = pick(printouts, arguments.number, name)
    differences = compare(reference.tree, parse(text))
    if arguments.as_json:
        print(json.dumps(as_json(differences), indent=2))
    elif not differences:
        print(f"print(model) equals {arguments.against}", file=sys.stderr)
    else:
        print(f"from {arguments.against} to this model:", file=sys.stderr)
        print("\n".join(as_lines(differences)), file=sys.stderr)
    return 1 if differences else 0
