"""Modules that a class with a flow declares and never calls."""

from __future__ import annotations

from medt_gen.catalog.containers import CONTAINERS
from medt_gen.catalog.entries import LayerType
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.network.records import Cost, Group, Module
from medt_gen.resolve.leaves import uncalled_layer
from medt_gen.resolve.modules import absent, exists, found_type, given_arguments
from medt_gen.resolve.printed_only import PrintedOnly, printed_module, printed_only
from medt_gen.resolve.scope import Scope
from medt_gen.resolve.types import FoundType
from medt_gen.spec.declarations import ModuleDeclaration


def uncalled_module(
    scope: Scope, declaration: ModuleDeclaration, rank: int
) -> Module | Faulty:
    """A module that is declared and never called, beside inputs of `rank` axes."""
    found = found_type(scope, declaration)
    if found is FAULTY:
        return FAULTY
    if not exists(scope, declaration):
        return absent(declaration)
    if kind := printed_only(found):
        return _uncalled_printed(scope, declaration, kind, found, rank)
    if not isinstance(found.type, LayerType):
        scope.problems.error(
            "unused-module",
            f"`{declaration.label}` is never called, and its sizes are not known",
            declaration.place,
            f"call `{declaration.label}` in `forward:`, or name the value that it "
            "would be called with: `unused: x`",
        )
        return FAULTY
    given = given_arguments(found, declaration)
    made = uncalled_layer(scope, declaration, found.type, given, rank)
    if made is FAULTY:
        return FAULTY
    return Module(declaration.name, declaration, made.leaf, made.cost)


def _uncalled_printed(
    scope: Scope,
    declaration: ModuleDeclaration,
    kind: PrintedOnly,
    found: FoundType,
    rank: int,
) -> Module | Faulty:
    """What can only be printed, with what it holds, none of which is called."""
    parts = _uncalled_parts(scope, declaration, rank)
    if parts is FAULTY:
        return FAULTY
    given = given_arguments(found, declaration)
    return printed_module(scope, declaration, kind, given, parts)


def _uncalled_parts(
    scope: Scope, declaration: ModuleDeclaration, rank: int
) -> tuple[Module, ...] | Faulty:
    found: list[Module | Faulty] = []
    for child in declaration.children or ():
        if child.type.open or child.type.text not in CONTAINERS:
            found.append(uncalled_module(scope, child, rank))
            continue
        parts = _uncalled_parts(scope, child, rank)
        if parts is FAULTY:
            return FAULTY
        cost = sum((part.cost for part in parts), Cost(modules=1))
        found.append(Module(child.name, child, Group(parts, child.type.text), cost))
    known = tuple(module for module in found if module is not FAULTY)
    return known if len(known) == len(found) else FAULTY
