"""`medt-gen validate`: every check short of building."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from medt_gen.commands.options import add_spec_options, load_spec
from medt_gen.commands.shown import show
from medt_gen.messages.diagnostics import Diagnostic, MedtGenError, UnreadableInput
from medt_gen.messages.wording import counted, either, shown

if TYPE_CHECKING:
    from medt_gen.loading.spec import Spec

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
    parser.add_argument(
        "--pedantic",
        action="store_true",
        help="also warn of values that equal the inferred ones, and of arguments that "
        "a changed type has dropped",
    )


def run(arguments: argparse.Namespace) -> int:
    """Check every spec; 1 when one is wrong, 2 when one can't be read."""
    found: list[Diagnostic] = []
    status = 0
    for path in arguments.specs:
        items, code = _checked_path(arguments, path)
        found += items
        status = max(status, code)
    _report(found, arguments.format, trace=arguments.trace)
    return status


def _checked_path(
    arguments: argparse.Namespace, path: str
) -> tuple[list[Diagnostic], int]:
    """What is to be said of a file, or of every spec in a folder."""
    try:
        files = _files(path)
    except UnreadableInput as error:
        return list(error.diagnostics), 2
    results = [_checked(arguments, file) for file in files]
    found = [item for items, _ in results for item in items]
    return found, max(code for _, code in results)


def _checked(arguments: argparse.Namespace, path: str) -> tuple[list[Diagnostic], int]:
    """What is to be said of one spec, and its exit code."""
    try:
        spec = load_spec(arguments, path, pedantic=arguments.pedantic)
    except MedtGenError as error:
        code = 2 if isinstance(error, UnreadableInput) else 1
        return _judged(error.diagnostics, strict=arguments.strict), code
    if spec.warnings and arguments.strict:
        return _judged(spec.warnings, strict=True), 1
    if arguments.format == "text":
        count = spec.network.root.cost.parameters
        text = f"{shown(path, 500)}: ok, {spec.network.name}, {count:,} parameters"
        print(f"{text}{_without_open(spec)}{_with_plugins(spec)}")
    return list(spec.warnings), 0


def _without_open(spec: Spec) -> str:
    """That parameters of open modules are not known, and so not counted."""
    from medt_gen.network.unmade import open_classes

    count = open_classes(spec.network).total()
    return f", without those of {counted(count, 'open module')}" if count else ""


def _with_plugins(spec: Spec) -> str:
    """Which plugins it was checked with."""
    if not spec.plugins:
        return ""
    return f", with the plugin {either([f'`{x}`' for x in spec.plugins], 'and')}"


def _judged(items: Iterable[Diagnostic], *, strict: bool) -> list[Diagnostic]:
    """With `--strict` every warning is an error."""
    return [replace(item, severity="error") if strict else item for item in items]


def _files(path: str) -> list[str]:
    """The specs to check: a folder is searched for YAML files.

    Raises UnreadableInput for a folder without any.
    """
    if path == "-" or not is_folder(path):
        return [path]
    inside = sorted(_yaml_files(path))
    if not inside:
        raise UnreadableInput(
            Diagnostic(
                "unreadable",
                f"there is no YAML file in {shown(path, 500)}",
                help="a spec is a file that ends in `.yaml` or `.yml`",
            )
        )
    return inside


def is_folder(path: str) -> bool:
    """Whether `path` is a folder; False for what is no path at all."""
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False


def _yaml_files(path: str) -> Iterator[str]:
    """Every spec below `path`, hidden folders left out."""
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if name.endswith(_ENDINGS):
                yield os.path.join(folder, name)  # noqa: PTH118 (keeps `./` as typed)


def _report(found: list[Diagnostic], form: str, *, trace: bool) -> None:
    from medt_gen.messages.machine import as_github, as_json

    if form == "json":
        print(as_json(found))
    elif form == "github":
        if found:
            print(as_github(found))
    else:
        show(found, trace=trace)
