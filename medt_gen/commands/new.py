"""`medt-gen new`: begin a spec that states its difference from another one."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from medt_gen.commands.options import add_overrides, texts
from medt_gen.messages.diagnostics import Diagnostic, MedtGenError, UnreadableInput
from medt_gen.messages.wording import shown

if TYPE_CHECKING:
    from medt_gen.loading.spec import Spec


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="FILE", help="the YAML file to write")
    parser.add_argument(
        "--from",
        dest="parent",
        metavar="SPEC",
        required=True,
        help="what it starts from: a shipped name, a variant's, or a YAML file",
    )
    add_overrides(parser, of="from the start")
    parser.add_argument(
        "--force", action="store_true", help="replace a file that exists"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the file, which loads as it is."""
    from medt_gen.files.writing import existing, not_overwritten, write_text
    from medt_gen.loading.load import load
    from medt_gen.reference.start import SCHEMA_FILE, started, through_a_list

    path, overrides = Path(arguments.file), texts(arguments.overrides)
    if path.suffix not in (".yaml", ".yml"):
        raise UnreadableInput(
            Diagnostic(
                "usage",
                f"{shown(arguments.file)} is no name for a spec",
                help="specs end in `.yaml`, such as `mynet.yaml`",
            )
        )
    parent = load(arguments.parent)
    wanted = load(arguments.parent, overrides=overrides) if overrides else parent
    _refuse_items(through_a_list(wanted))
    text = started(parent, wanted, _extends(arguments.parent, path))
    before = existing(path)
    if not arguments.force and before not in (None, text):
        raise not_overwritten(path, "it holds something else", "another name")
    write_text(path, text)
    try:
        _check_same(load(path), wanted)
    except MedtGenError:
        # What does not load, or says another thing, is not left behind.
        path.unlink() if before is None else write_text(path, before)
        raise
    print(f"{arguments.file}: written; `medt-gen build {arguments.file}` shows it")
    if not (path.parent / SCHEMA_FILE).exists():
        target = path.parent / SCHEMA_FILE
        print(f"for your editor: `medt-gen schema -o {target}`")
    return 0


def _refuse_items(option: str | None) -> None:
    if option is not None:
        raise UnreadableInput(
            Diagnostic(
                "usage",
                f"a spec of its own can't state `--set {shown(option)}`: it changes an "
                "item of a list",
                help="write the file without it, and then the whole list into it",
            )
        )


def _check_same(written: Spec, wanted: Spec) -> None:
    from medt_gen.reference.start import first_difference

    path = first_difference(written.document, wanted.document)
    if path is not None:
        raise UnreadableInput(
            Diagnostic(
                "usage",
                "a spec of its own can't state these changes as `--set` does: "
                f"`{shown(path)}` would be another",
                help="set the keys one by one, with `null` for those that have to go",
            )
        )


def _extends(parent: str, path: Path) -> str:
    """What the new file calls its parent: a name, or the way from its own folder."""
    from medt_gen.spec.shipped import spec_path

    if not Path(parent).exists() and spec_path(parent) is not None:
        return parent
    way = Path(os.path.relpath(parent, path.parent or "."))
    text = way.as_posix()
    return text if text.startswith("..") else f"./{text}"
