"""`medt-gen fit`: why weights don't load, which key is which, and the weights that do.

WEIGHTS is a checkpoint, the text of a failed load_state_dict, or a list of keys; TARGET
a spec, a printout, an emitted file or another checkpoint. 0: they load with
strict=True, as they are or after a shared prefix is taken off, or were written with -o;
1: they don't; 2: a side can't be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from medt_gen.commands.options import add_overrides, texts
from medt_gen.messages.diagnostics import InvalidInput, UnreadableInput

if TYPE_CHECKING:
    from medt_gen.fitting.fit import Fit


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "weights", metavar="WEIGHTS", help="a checkpoint, a pasted error, or - for text"
    )
    parser.add_argument(
        "target", metavar="TARGET", nargs="?", help="what they are to fit"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write weights that load: .pt, .safetensors",
    )
    _add_reading(parser)
    _add_changes(parser)
    parser.add_argument(
        "--force", action="store_true", help="replace a file that exists"
    )
    parser.add_argument("--all", action="store_true", help="cut no list")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="how to answer"
    )


def _add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--key", metavar="NAME", help="which mapping of a training checkpoint to read"
    )
    parser.add_argument(
        "--number", metavar="N", type=int, help="which printout of TARGET, from 1"
    )
    add_overrides(parser)
    parser.add_argument(
        "--drop",
        metavar="PREFIX",
        action="append",
        default=[],
        help="leave out the weights' keys under PREFIX; may be repeated",
    )


def _add_changes(parser: argparse.ArgumentParser) -> None:
    options = {
        "--by-order": "take renames that only the order tells",
        "--partial": "write though keys are missing or left over",
        "--init-missing": "fill missing keys with the spec's initial values",
        "--resize-tables": "interpolate tables of positions to the network's lengths",
        "--adapt-input": "carry the first layer from 3 channels to 1, or from 1 to 3",
    }
    for name, help in options.items():
        parser.add_argument(name, action="store_true", help=help)
    parser.add_argument(
        "--seed", metavar="N", type=_seed, default=0, help="for --init-missing; 0"
    )


def _seed(text: str) -> int:
    """A seed as torch takes it; argparse tells what is wrong with any other text."""
    seed = int(text)
    if not -(2**63) <= seed < 2**64:
        raise argparse.ArgumentTypeError(f"{text} is not from -2**63 to 2**64 - 1")
    return seed


def run(arguments: argparse.Namespace) -> int:
    """Match, say what was found, and write what was asked for."""
    from medt_gen.fitting.fit import fit

    if arguments.output is not None:
        from medt_gen.fitting.write import check_output

        check_output(Path(arguments.output), force=arguments.force)
    try:
        found = fit(
            arguments.weights,
            arguments.target,
            key=arguments.key,
            drop=arguments.drop,
            overrides=texts(arguments.overrides),
            number=arguments.number,
        )
    except InvalidInput as error:
        # Here 1 says that they do not fit: what is wrong was never matched.
        raise UnreadableInput(*error.diagnostics) from None
    if arguments.output is not None:
        return _write(found, arguments)
    _show(found, arguments)
    return 0 if found.loads or found.target.kind == "none" else 1


def _show(found: Fit, arguments: argparse.Namespace) -> None:
    from medt_gen.fitting.report import as_json, as_lines

    if arguments.format == "json":
        print(json.dumps(as_json(found), indent=2))
    else:
        _print(as_lines(found, every=arguments.all))


def _print(lines: Sequence[str]) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(file=sys.stdout)
    if not console.is_terminal:
        print("\n".join(lines))
        return
    for line in lines:
        # A long line goes on under its own beginning.
        text = line.lstrip(" ")
        console.print(
            Padding(Text(text), (0, 0, 0, len(line) - len(text))), highlight=False
        )


def _write(found: Fit, arguments: argparse.Namespace) -> int:
    from medt_gen.fitting.convert import converted
    from medt_gen.fitting.options import Changes
    from medt_gen.fitting.write import write_weights

    changes = Changes(
        by_order=arguments.by_order,
        partial=arguments.partial,
        init_missing=arguments.init_missing,
        seed=arguments.seed,
        resize_tables=arguments.resize_tables,
        adapt_input=arguments.adapt_input,
    )
    result = converted(found, changes)
    path = Path(arguments.output)
    notes = write_weights(path, result.tensors)
    how = "loads with strict=True"
    if result.missing or found.unexpected:
        how = f"NOT whole: {len(result.missing):,} keys of the network are missing"
    _print(
        [
            f"wrote {path}: {len(result.tensors):,} tensors, {how}",
            *(f"  {line}" for line in result.changes),
            *(f"  missing: {name}" for name in result.missing),
            *(f"  {line}" for line in notes),
        ]
    )
    return 0
