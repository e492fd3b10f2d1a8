"""The command line: which command, and what its outcome means as an exit code.

0: as asked; 1: the answer is no (an invalid spec, printouts that differ, a stale file);
2: it could not run (usage, a missing file).
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from medt_gen.commands import (
    build,
    diff,
    emit,
    explain,
    import_,
    printouts,
    schema,
    validate,
)
from medt_gen.messages.diagnostics import InvalidInput, MedtGenError
from medt_gen.version import __version__

_COMMANDS: dict[str, tuple[ModuleType, str]] = {
    "build": (build, "make the network, run it once, and show what it is"),
    "emit": (emit, "write the network as Python that needs torch and nothing else"),
    "validate": (validate, "check specs without building them"),
    "diff": (diff, "compare printouts, specs, checkpoints and emitted files"),
    "import": (import_, "read a spec back from a printout or a checkpoint"),
    "printouts": (printouts, "list the printed module trees in a text"),
    "explain": (explain, "say what a diagnostic code means, with examples"),
    "schema": (schema, "print the JSON Schema of specs, for editors"),
}


def run() -> None:
    """The process: `main`, with little search for garbage, and none at the end.

    What a command makes, it keeps; torch's modules alone take half a second to search.
    """
    gc.set_threshold(50_000)
    status = main()
    gc.freeze()
    sys.exit(status)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit code is returned."""
    _accept_every_letter()
    arguments = _parser().parse_args(argv)
    try:
        status: int = _COMMANDS[arguments.command][0].run(arguments)
        sys.stdout.flush()
        return status
    except MedtGenError as error:
        _show(error)
        return 1 if isinstance(error, InvalidInput) else 2
    except BrokenPipeError:
        # The reader went away, as in `medt-gen emit medt | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def _accept_every_letter() -> None:
    """Escape what a terminal's encoding lacks: a name is no reason for a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="medt-gen",
        description="Architecture specs to PyTorch models.",
        epilog="Start with: medt-gen build medt",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version", action="version", version=f"medt-gen {__version__}"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, summary) in _COMMANDS.items():
        own = commands.add_parser(
            name, help=summary, description=module.__doc__, allow_abbrev=False
        )
        module.add(own)
    return parser


def _show(error: MedtGenError) -> None:
    from rich.console import Console

    from medt_gen.messages.render import print_diagnostics

    print_diagnostics(error.diagnostics, Console(file=sys.stderr))
