"""A file -> the spec of what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from medt_gen.importer.checkpoints import import_shapes
from medt_gen.importer.options import Options
from medt_gen.importer.printouts import Imported, import_tree
from medt_gen.messages.diagnostics import InvalidInput
from medt_gen.messages.wording import shown
from medt_gen.paths.keys import TensorShapes
from medt_gen.printouts import find, pick
from medt_gen.printouts.limits import read_text
from medt_gen.weights.read import is_checkpoint, read_checkpoint

_MOST_STEPS = 4
"""How many wrappers around a network are looked through."""


def import_file(path: str, number: int | None, options: Options) -> Imported:
    """The spec of a printout or a checkpoint in a file; `-` is standard input.

    Raises UnreadableInput where the file can't be read, InvalidInput where no spec says
    what is in it.
    """
    if path != "-" and is_checkpoint(path):
        return _of_checkpoint(path, options)
    source = read_text(path)
    found = pick(find(source.text, source.name), number)
    which = f", printout {number}" if number is not None else ""
    return import_tree(found.tree, _origin(path) + which, options)


def _of_checkpoint(path: str, options: Options) -> Imported:
    """The spec of a checkpoint, its keys as they are or without what all begin with."""
    refused: InvalidInput | None = None
    for shapes in _without_steps(read_checkpoint(path)):
        try:
            return import_shapes(shapes, _origin(path), options)
        except InvalidInput as error:
            # What is wrong with the keys as they are is what is told.
            refused = refused or error
    assert refused is not None
    raise refused


def _without_steps(shapes: TensorShapes) -> Iterator[TensorShapes]:
    """The keys as they are, then without the first steps that all of them share."""
    yield shapes
    for _ in range(_MOST_STEPS):
        shapes = _without_first_step(shapes)
        if not shapes:
            return
        yield shapes


def _without_first_step(shapes: TensorShapes) -> TensorShapes:
    """The keys without the step that all of them begin with; none where they don't."""
    firsts = {key.partition(".")[0] for key in shapes}
    if len(firsts) != 1 or not all("." in key for key in shapes):
        return {}
    return {key.partition(".")[2]: shape for key, shape in shapes.items()}


def _origin(path: str) -> str:
    name = "standard input" if path == "-" else Path(path).name
    return f"Read by `medt-gen import` from {shown(name)}"
