"""A printed tree -> the YAML of a spec that prints the same."""

from __future__ import annotations

from dataclasses import dataclass

from medt_gen.algebra.expressions import LARGEST
from medt_gen.importer.family import Family, assumed, recognise, spec_text
from medt_gen.importer.flowless import flowless_text
from medt_gen.importer.modules import printed_modules
from medt_gen.importer.older import Modern, modern
from medt_gen.importer.options import Options, Size
from medt_gen.importer.report import Report, report_of
from medt_gen.loading.load import load
from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, MedtGenError
from medt_gen.messages.wording import shown
from medt_gen.network.prints import printed_tree
from medt_gen.printouts import Node, compare, count_modules
from medt_gen.printouts.report import as_lines
from medt_gen.resolve.scope import Limits

# Tried in turn where no size is given: the reference's own first.
_LIKELY_SIZES: tuple[Size, ...] = tuple((n, n) for n in (128, 256, 512, 1024, 64))


# What is only printed weighs nothing: networks of any size are read back.
_NO_WEIGHT = Limits(parameters=LARGEST, buffers=LARGEST)

NOTHING_SAID = Report()


@dataclass(frozen=True)
class Imported:
    """A spec that was read back: its YAML, and what it resolves to.

    `family` says whether the data flow is known; without it the flow is left open.
    `report` is what there is to say of it.
    """

    text: str
    spec: Spec
    family: bool
    report: Report = NOTHING_SAID


def import_tree(root: Node, origin: str, options: Options | None = None) -> Imported:
    """The spec of a printed tree; `origin` says in a comment where it was read.

    Raises InvalidInput for a tree that no spec can describe, or where the options
    contradict it.
    """
    options = options or Options()
    found = modern(root)
    root = found.tree
    family = recognise(root)
    known = (
        _with_flow(family, root, [origin, *found.notes], options) if family else None
    )
    if known is not None:
        return known
    try:
        return _flowless(found, origin, options, shipped=True)
    except InvalidInput:
        return _flowless(found, origin, options, shipped=False)


def _flowless(
    found: Modern, origin: str, options: Options, *, shipped: bool
) -> Imported:
    """The spec of a tree without its flow, with `shipped` blocks looked for, or not."""
    modules = printed_modules(found.tree, shipped=shipped)
    report = report_of(modules, count_modules(found.tree), found.notes, options)
    return _exact(flowless_text(modules, options, origin, report), found.tree, report)


def _exact(text: str, root: Node, report: Report) -> Imported:
    """The spec in a text; raises InvalidInput where it would not print the same."""
    spec = load(text=text, limits=_NO_WEIGHT)
    differences = compare(root, printed_tree(spec.network))
    if not differences:
        return Imported(_with_limits(text, spec), spec, family=False, report=report)
    raise InvalidInput(
        Diagnostic(
            "import-inexact",
            f"no spec prints exactly this: {shown(as_lines(differences)[0], 300)}",
            help="torch prints it otherwise: compare the row with a fresh printout",
        )
    )


def _with_limits(text: str, spec: Spec) -> str:
    """The text, with the options that loading it needs where it is very large."""
    cost, usual = spec.network.root.cost, Limits()
    raised = [
        f"--limit {name}={getattr(cost, name)}"
        for name in ("parameters", "buffers")
        if getattr(cost, name) > getattr(usual, name)
    ]
    return (
        f"# Too large to be loaded without {' '.join(raised)}\n{text}"
        if raised
        else text
    )


def _with_flow(
    family: Family, root: Node, origin: list[str], options: Options
) -> Imported | None:
    """The spec with its flow; None where it would not print the same."""
    refused: MedtGenError | None = None
    for size in [options.size] if options.size else _LIKELY_SIZES:
        facts = assumed(family, options, size)
        text = spec_text(family, facts, origin)
        try:
            spec = load(text=text)
        except MedtGenError as error:
            refused = error
            continue
        if compare(root, printed_tree(spec.network)):
            return None
        told = (*origin[1:], *facts.notes.values())
        report = Report(modules=count_modules(root), assumed=told)
        return Imported(text, spec, family=True, report=report)
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
