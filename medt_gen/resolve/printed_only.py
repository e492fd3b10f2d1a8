"""Modules that can be printed and not made: open ones, classes of other libraries."""

from __future__ import annotations

from collections.abc import Mapping

from medt_gen.catalog.entries import LayerType
from medt_gen.messages.diagnostics import InvalidInput, Place
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import shown
from medt_gen.network.records import Cost, Group, Module, Printed
from medt_gen.printouts import Node, parse, render
from medt_gen.resolve.arguments import unknown_argument
from medt_gen.resolve.leaves import check_arguments, held
from medt_gen.resolve.scope import Scope
from medt_gen.resolve.types import FoundType, OpenClass
from medt_gen.spec.declarations import ModuleDeclaration, Written
from medt_gen.spec.expect import expect_text
from medt_gen.spec.read_open import OPEN, PRINTS

_ANY_CLASS = "Module"

Arguments = Mapping[str, Written]
PrintedOnly = LayerType | OpenClass


def printed_only(found: FoundType) -> PrintedOnly | None:
    """The class of a module that can only be printed; None for any other type."""
    kind = found.type
    if isinstance(kind, OpenClass):
        return kind
    foreign = isinstance(kind, LayerType) and kind.foreign is not None
    return kind if isinstance(kind, LayerType) and foreign else None


def printed_module(
    scope: Scope,
    declaration: ModuleDeclaration,
    kind: PrintedOnly,
    given: Arguments,
    children: tuple[Module, ...],
) -> Module | Faulty:
    """The module with the modules that it holds, which have been resolved before."""
    made = check_printed(scope, declaration, kind, given)
    if made is FAULTY:
        return FAULTY
    own = _held(kind, made) if isinstance(kind, LayerType) else Cost(modules=1)
    cost = sum((child.cost for child in children), own)
    group = Group(children, kind.name, made)
    return Module(declaration.name, declaration, group, cost)


def _held(kind: LayerType, made: Printed) -> Cost:
    return Cost(modules=1) if kind.keeps_text else held(kind, made.values, 2)


def check_printed(
    scope: Scope, declaration: ModuleDeclaration, kind: PrintedOnly, given: Arguments
) -> Printed | Faulty:
    """What the module itself prints and holds; FAULTY after a complaint."""
    if isinstance(kind, LayerType) and not kind.keeps_text:
        known = check_arguments(scope, declaration, kind, given)
        if known is FAULTY:
            return FAULTY
        values = kind.filled(known)
        missing = [x.name for x in kind.arguments if x.name not in values]
        for name in missing:
            scope.problems.error(
                "missing-argument",
                f"`{declaration.label}` is never called, so its `{name}` has to be "
                "given",
                declaration.place,
                f"add `{name}:`, {kind.argument(name).kind.words}",
            )
        if missing:
            return FAULTY
        return Printed(kind.text(values), kind, values)
    text = _kept_text(declaration, kind, given, scope.problems)
    if text is FAULTY:
        return FAULTY
    return Printed(text, kind if isinstance(kind, LayerType) else None)


def _kept_text(
    declaration: ModuleDeclaration,
    kind: PrintedOnly,
    given: Arguments,
    problems: Problems,
) -> str | Faulty:
    for name, item in given.items():
        if name != PRINTS.name:
            unknown_argument(kind.name, item, [PRINTS.name], problems)
    if given.keys() - {PRINTS.name}:
        return FAULTY
    if PRINTS.name not in given:
        return "" if kind.name else _no_text(declaration, problems)
    node = given[PRINTS.name].node
    text = expect_text(node, f"`{PRINTS.name}:`", problems)
    if text is FAULTY or not _reads_back(kind.name, text, declaration, problems):
        return FAULTY
    return text


def _no_text(declaration: ModuleDeclaration, problems: Problems) -> Faulty:
    problems.error(
        "missing-argument",
        f"`{declaration.label}` has no class, and no `{PRINTS.name}:`",
        declaration.type.place,
        f"name the printed class, or give the whole row as `{PRINTS.name}:`",
    )
    return FAULTY


def _reads_back(
    name: str, text: str, declaration: ModuleDeclaration, problems: Problems
) -> bool:
    """Whether a printout with this text says the same of the module."""
    rows = (Node("row", _ANY_CLASS),) if declaration.children else ()
    given = Node("module", name, tuple(text.split("\n")), rows)
    try:
        (found,) = parse(render(Node("", _ANY_CLASS, (), (given,)))).children
    except (InvalidInput, ValueError):
        found = Node("", "")
    shown_again = (found.name, found.type, found.attributes, len(found.children))
    kept = shown_again == ("module", name, given.attributes, len(rows))
    if not kept:
        place = declaration.arguments[PRINTS.name].node.place
        problems.error(
            "wrong-value",
            f"a printout can't show this as the text of `{declaration.label}`: "
            f"`{shown(text)}`",
            place,
            "write what stands between the parentheses; rows belong under `modules:`",
        )
    return kept


def refuse_call(
    scope: Scope, declaration: ModuleDeclaration, kind: PrintedOnly, place: Place
) -> None:
    """Complain of a flow that calls what can only be printed."""
    what = (
        f"`{OPEN.name}: {kind.name}` says no more of it than what it prints"
        if isinstance(kind, OpenClass)
        else f"`{kind.name}` is a class of {kind.foreign}, and what it computes is not "
        "known here"
    )
    scope.problems.error(
        "open-module",
        f"`{declaration.label}` can't be called: {what}",
        place,
        f"put layers of the catalog in the place of `{declaration.label}`, or mark it "
        "`unused: true`",
    )
