"""A file -> the spec of what is in it."""

from __future__ import annotations

from pathlib import Path

from medt_gen.importer.checkpoints import import_shapes
from medt_gen.importer.options import Options
from medt_gen.importer.printouts import Imported, import_tree
from medt_gen.messages.wording import shown
from medt_gen.printouts import find, pick
from medt_gen.printouts.limits import read_text
from medt_gen.weights.read import is_checkpoint, read_checkpoint


def import_file(path: str, number: int | None, options: Options) -> Imported:
    """The spec of a printout or a checkpoint in a file; `-` is standard input.

    Raises UnreadableInput where the file can't be read, InvalidInput where no spec says
    what is in it.
    """
    if path != "-" and is_checkpoint(path):
        return import_shapes(read_checkpoint(path), _origin(path), options)
    source = read_text(path)
    found = pick(find(source.text, source.name), number)
    which = f", printout {number}" if number is not None else ""
    return import_tree(found.tree, _origin(path) + which, options)


def _origin(path: str) -> str:
    name = "standard input" if path == "-" else Path(path).name
    return f"Read by `medt-gen import` from {shown(name)}"
