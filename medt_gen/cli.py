"""The command line: which command, and what its outcome means as an exit code.

0: as asked; 1: the answer is no (an invalid spec, printouts that differ, a stale file);
2: it could not run (usage, a missing file, a mistake of ours).
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import platform
import sys
import traceback
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from types import ModuleType

from medt_gen.commands import (
    build,
    completion,
    diff,
    draw,
    emit,
    evaluate,
    explain,
    fit,
    import_,
    list_,
    new,
    predict,
    printouts,
    schema,
    show,
    summary,
    train,
    validate,
    view,
)
from medt_gen.commands.options import texts
from medt_gen.commands.parsing import Parser
from medt_gen.commands.shown import show as show_diagnostics
from medt_gen.extensions.find import using
from medt_gen.messages.diagnostics import InvalidInput, MedtGenError
from medt_gen.messages.wording import shown
from medt_gen.version import __version__

_COMMANDS: dict[str, tuple[ModuleType, str]] = {
    "build": (build, "make the network, run it once, and show what it is"),
    "new": (new, "begin a spec that states its difference from another one"),
    "emit": (emit, "write the network as Python that needs torch and nothing else"),
    "validate": (validate, "check specs without building them"),
    "summary": (summary, "show sizes, parameters and work of every module"),
    "show": (
        show,
        "print a spec with all that it extends and that is inferred written out",
    ),
    "view": (view, "write a page to look at: one network, or two as one"),
    "draw": (draw, "write the figure of a network: SVG, PDF, PNG, TikZ, Mermaid"),
    "diff": (diff, "compare printouts, specs, checkpoints and emitted files"),
    "fit": (fit, "say why weights don't load, and write weights that do"),
    "train": (train, "train a network on a folder of images and masks"),
    "evaluate": (evaluate, "score the masks of a trained network"),
    "predict": (predict, "write the masks that a trained network gives to images"),
    "import": (import_, "read a spec back from a printout or a checkpoint"),
    "printouts": (printouts, "list the printed module trees in a text"),
    "list": (list_, "list what there is to use: specs, blocks, layers, operations"),
    "explain": (explain, "say what a name or a code of an error means, with examples"),
    "schema": (schema, "print or write the JSON Schema of specs, for editors"),
    "completion": (completion, "print what makes a shell complete, as bash or fish"),
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
    parser = command_parser()
    completion.answer_shell(parser)
    given = sys.argv[1:] if argv is None else list(argv)
    if not given:
        parser.print_help()
        return 0
    arguments = parser.parse_whole(given)
    try:
        with using(texts(arguments.plugins), *_folders(arguments)):
            status: int = _COMMANDS[arguments.command][0].run(arguments)
        sys.stdout.flush()
        return status
    except MedtGenError as error:
        show_diagnostics(error.diagnostics, trace=getattr(arguments, "trace", False))
        return 1 if isinstance(error, InvalidInput) else 2
    except BrokenPipeError:
        # The reader went away, as in `medt-gen emit medt | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        return _unforeseen(error, arguments)


def _folders(arguments: argparse.Namespace) -> list[Path]:
    """Where a pyproject.toml may name plugins; a shell has nothing to do with them."""
    return [] if arguments.command == "completion" else [Path.cwd()]


def _unforeseen(error: Exception, arguments: argparse.Namespace) -> int:
    """The last net: what nobody thought of is one line, and asks for a report."""
    if arguments.debug:
        traceback.print_exc()
    reason = shown(f"{type(error).__name__}: {error}".rstrip(": "), most=300)
    hint = "" if arguments.debug else " (--debug shows where)"
    print(
        f"medt-gen {__version__} failed, by a mistake of its own: {reason}{hint}. "
        "Please report it, with the command and the files that it read.",
        file=sys.stderr,
    )
    return 2


def _accept_every_letter() -> None:
    """Escape what a terminal's encoding lacks: a name is no reason for a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class _Version(argparse.Action):
    """Versions, looked up when they are asked for, and nothing imported for it."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        try:
            torch = f"torch {metadata.version('torch')}"
        except metadata.PackageNotFoundError:
            torch = "without torch"
        print(f"medt-gen {__version__}, {torch}, Python {platform.python_version()}")
        parser.exit()


@cache
def command_parser() -> Parser:
    """The parser of the command line, with one for each command."""
    parser = Parser(
        prog="medt-gen",
        description="Architecture specs to PyTorch models.",
        epilog="Start with: medt-gen build medt",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version",
        action=_Version,
        nargs=0,
        help="show the versions of medt-gen, torch and Python, and exit",
    )
    parser.set_defaults(debug=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, help) in _COMMANDS.items():
        own = commands.add_parser(
            name, help=help, description=module.__doc__, allow_abbrev=False
        )
        module.add(own)
        own.add_argument(
            "--plugin",
            dest="plugins",
            metavar="NAME",
            action="append",
            default=[],
            help="use the layers of an installed plugin; may be repeated",
        )
        own.add_argument(
            "--debug", action="store_true", help="show where a mistake of ours happened"
        )
    return parser
