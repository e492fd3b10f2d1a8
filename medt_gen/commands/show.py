"""`medt-gen show`: a spec with what it inherits, and what is inferred, written out."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from medt_gen.commands.options import add_spec_options, load_spec, parse_limits, texts
from medt_gen.commands.shown import show
from medt_gen.messages.codes import REMARKS
from medt_gen.messages.diagnostics import Diagnostic
from medt_gen.messages.wording import shown

if TYPE_CHECKING:
    from medt_gen.loading.spec import Spec


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_spec_options(parser, also="or a file that `emit` wrote")
    parser.add_argument(
        "--blocks", action="store_true", help="also write out the blocks that ship"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the spec; comments say where each part comes from."""
    from medt_gen.showing.text import written_out

    spec = _spec(arguments)
    show([item for item in spec.warnings if item.code not in REMARKS])
    sys.stdout.write(written_out(spec, blocks=arguments.blocks))
    return 0


def _spec(arguments: argparse.Namespace) -> Spec:
    """The spec, or the one that an emitted file holds."""
    if not arguments.spec.endswith(".py"):
        return load_spec(arguments, arguments.spec, pedantic=True)
    from medt_gen.emitter.built import spec_in
    from medt_gen.emitter.stamp import is_ours, is_untouched
    from medt_gen.printouts.limits import read_text

    source = read_text(arguments.spec, what="emitted file")
    if is_ours(source.text) and not is_untouched(source.text):
        show([_edited(arguments.spec)])
    limits = parse_limits(texts(arguments.limits))
    return spec_in(source, texts(arguments.overrides), limits)


def _edited(path: str) -> Diagnostic:
    return Diagnostic(
        "emitted-file",
        f"{shown(path, 500)} was edited since it was emitted: this is the spec that it "
        "came from",
        severity="warning",
    )
