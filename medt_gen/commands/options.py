"""Options that several commands share."""

from __future__ import annotations

import argparse
from dataclasses import fields

from medt_gen.loading.load import load
from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.wording import did_you_mean
from medt_gen.resolve.scope import Limits


def add_spec_options(
    parser: argparse.ArgumentParser, *, many: bool = False, also: str = "or -"
) -> None:
    """The spec, or `also` something else, and what changes how it is read."""
    if many:
        parser.add_argument(
            "specs",
            metavar="SPEC",
            nargs="+",
            help="a YAML file, a folder of them, the name of a shipped spec, or -",
        )
    else:
        parser.add_argument(
            "spec",
            metavar="SPEC",
            help=f"a YAML file, the name of a shipped spec, {also}",
        )
    add_overrides(parser)
    parser.add_argument(
        "--allow-outside",
        action="store_true",
        help="let `extends:` name files outside of the project's folder",
    )
    parser.add_argument(
        "--limit",
        dest="limits",
        metavar="WHAT=N",
        action="append",
        default=[],
        help="raise a budget: " + ", ".join(field.name for field in fields(Limits)),
    )

    parser.add_argument(
        "--trace",
        action="store_true",
        help="show every step of how the sizes in an error came about",
    )


def add_overrides(
    parser: argparse.ArgumentParser, option: str = "--set", of: str = "of the spec"
) -> None:
    """`--set`, which changes a spec, or an option like it."""
    parser.add_argument(
        option,
        dest="overrides" if option == "--set" else option.strip("-").replace("-", "_"),
        metavar="KEY.PATH=VALUE",
        action="append",
        default=[],
        help=f"change a value {of}, as in {option} input.size=256; may be repeated",
    )


def load_spec(
    arguments: argparse.Namespace, path: str, *, pedantic: bool = False
) -> Spec:
    """The spec at `path`, with the options applied."""
    return load(
        path,
        overrides=texts(arguments.overrides),
        allow_outside=arguments.allow_outside,
        limits=parse_limits(texts(arguments.limits)),
        pedantic=pedantic,
    )


def texts(options: list[object]) -> list[str]:
    """The values of an option; argparse makes an empty list of the value `--`."""
    return [item if isinstance(item, str) else "--" for item in options]


def parse_limits(options: list[str]) -> Limits:
    """Budgets from `--limit what=N`; raises UnreadableInput for anything else."""
    known = [field.name for field in fields(Limits)]
    changed: dict[str, int] = {}
    for option in options:
        name, _, number = option.partition("=")
        digits = number.replace("_", "").replace(",", "")
        right = digits.isascii() and digits.isdecimal() and len(digits) <= 18
        if name not in known or not right:
            raise UnreadableInput(
                Diagnostic(
                    "usage",
                    f"--limit takes one of {', '.join(known)} and a number, as in "
                    "`--limit modules=200000`",
                    help=None if name in known else did_you_mean(name, known),
                )
            )
        changed[name] = int(digits)
    return Limits(**changed)
