"""A printed tree -> the YAML of a spec that prints the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, overload

from medt_gen.importer.family import Family, assumed, recognise, spec_text
from medt_gen.importer.items import Reading, read_items
from medt_gen.importer.open import open_text
from medt_gen.importer.options import Options, Size
from medt_gen.loading.load import load
from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, MedtGenError
from medt_gen.messages.wording import shown
from medt_gen.network.prints import printed_tree
from medt_gen.printouts import Node, compare
from medt_gen.printouts.report import as_lines

# Tried in turn where no size is given: the reference's own first.
_LIKELY_SIZES = (128, 256, 512, 1024, 64)


@dataclass(frozen=True)
class Imported:
    """A spec that was read back: its YAML, and what it resolves to.

    `family` says whether the data flow is known; without it the flow is left open.
    """

    text: str
    spec: Spec
    family: bool


def import_tree(root: Node, origin: str, options: Options | None = None) -> Imported:
    """The spec of a printed tree; `origin` says in a comment where it was read.

    Raises InvalidInput for a tree that no spec can describe, or where the options
    contradict it.
    """
    options = options or Options()
    family = recognise(root)
    found = _with_flow(family, root, origin, options) if family else None
    if found is not None:
        return found
    found = _without_flow(root, origin, options, shipped=True)
    return found or _without_flow(root, origin, options, shipped=False)


@overload
def _without_flow(
    root: Node, origin: str, options: Options, *, shipped: Literal[True]
) -> Imported | None: ...


@overload
def _without_flow(
    root: Node, origin: str, options: Options, *, shipped: Literal[False]
) -> Imported: ...


def _without_flow(
    root: Node, origin: str, options: Options, *, shipped: bool
) -> Imported | None:
    """The spec with its flow left open.

    Where it would not print the same it is None with shipped blocks, and an error
    without them.
    """
    reading = Reading(shipped)
    text = open_text(read_items(root, reading), reading, options, origin)
    try:
        spec = load(text=text)
    except InvalidInput:
        if shipped:
            return None
        raise
    differences = compare(root, printed_tree(spec.network))
    if not differences:
        return Imported(text, spec, family=False)
    if shipped:
        return None
    raise InvalidInput(
        Diagnostic(
            "import-inexact",
            f"no spec prints exactly this: {shown(as_lines(differences)[0], 300)}",
            help="torch prints it otherwise: compare the row with a fresh printout",
        )
    )


def _with_flow(
    family: Family, root: Node, origin: str, options: Options
) -> Imported | None:
    """The spec with its flow; None where it would not print the same."""
    refused: MedtGenError | None = None
    for size in [options.size] if options.size else _LIKELY_SIZES:
        both: Size = size if isinstance(size, tuple) else (size, size)
        text = spec_text(family, assumed(family, options, both), [origin])
        try:
            spec = load(text=text)
        except MedtGenError as error:
            refused = error
            continue
        if compare(root, printed_tree(spec.network)):
            return None
        return Imported(text, spec, family=True)
    if options.given and refused is not None:
        raise _contradicted(refused)
    return None


def _contradicted(refused: MedtGenError) -> InvalidInput:
    first = refused.diagnostics[0]
    return InvalidInput(
        Diagnostic(
            "import-options",
            f"with these options the network does not hold together: {first.message}",
            help=first.help,
        )
    )
