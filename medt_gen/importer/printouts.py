"""A printed tree -> the YAML of a spec that prints the same."""

from __future__ import annotations

from dataclasses import dataclass

from medt_gen.importer.family import Family, assumed, recognise, spec_text
from medt_gen.importer.flowless import flowless_text
from medt_gen.importer.modules import printed_modules
from medt_gen.importer.options import Options, Size
from medt_gen.loading.load import load
from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, MedtGenError
from medt_gen.messages.wording import shown
from medt_gen.network.prints import printed_tree
from medt_gen.printouts import Node, compare
from medt_gen.printouts.report import as_lines

# Tried in turn where no size is given: the reference's own first.
_LIKELY_SIZES: tuple[Size, ...] = tuple((n, n) for n in (128, 256, 512, 1024, 64))


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
    with_shipped = flowless_text(printed_modules(root, shipped=True), options, origin)
    found = _exact_or_none(with_shipped, root)
    if found is not None:
        return found
    with_own = flowless_text(printed_modules(root, shipped=False), options, origin)
    return _exact(with_own, root)


def _exact_or_none(text: str, root: Node) -> Imported | None:
    """The spec in a text; None where it is none, or would not print the same."""
    try:
        return _exact(text, root)
    except InvalidInput:
        return None


def _exact(text: str, root: Node) -> Imported:
    """The spec in a text; raises InvalidInput where it would not print the same."""
    spec = load(text=text)
    differences = compare(root, printed_tree(spec.network))
    if not differences:
        return Imported(text, spec, family=False)
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
        text = spec_text(family, assumed(family, options, size), [origin])
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
