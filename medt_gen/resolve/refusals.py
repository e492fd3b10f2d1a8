"""What is said of modules that stand or are called where they can't be."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from medt_gen.catalog import OPERATIONS
from medt_gen.messages.diagnostics import Note, Place
from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.resolve.scope import Scope
from medt_gen.spec.declarations import ModuleDeclaration, Step
from medt_gen.spec.pipes import Name


def refuse_flowless(scope: Scope, declaration: ModuleDeclaration, reason: str) -> None:
    """Complain of a flow that calls a block without one."""
    scope.problems.error(
        "missing-key",
        f"`{declaration.label}` can't be called: {reason}",
        declaration.type.place,
        "give the block a `forward:`, or use a `Sequential`",
    )


def refuse_inside(scope: Scope, declaration: ModuleDeclaration) -> None:
    """Complain of a Parameter in a container."""
    scope.problems.error(
        "wrong-form",
        f"`{declaration.label}` is a Parameter in a container, and only a class holds "
        "them",
        declaration.type.place,
        "declare it under `modules:` of the network, or of a block",
    )


def refuse_holder(
    scope: Scope, declaration: ModuleDeclaration, kind: str, place: Place
) -> None:
    """Complain of a flow that calls what only holds modules."""
    children = declaration.children or ()
    first = children[0].label if children else f"{declaration.label}.0"
    scope.problems.error(
        "missing-key",
        f"`{declaration.label}` can't be called: a `{kind}` only holds modules",
        place,
        f"call what it holds by path, such as `{first}`, or use a `Sequential`",
    )


def refuse_unknown(scope: Scope, step: Name, values: Collection[str]) -> None:
    """Complain of a step that names no module of its class; `values` are known."""
    if step.text in OPERATIONS:
        fix: str | None = f"the operation is written `{step.text}()`"
    elif step.text in values:
        fix = f"`{step.text}` is a value: use `add({step.text})` to combine it"
    else:
        names = [item.name for item in scope.declaration.modules]
        fix = did_you_mean(step.text, [*names, *(f"{x}()" for x in OPERATIONS)])
    message = f"no module is called `{shown(step.text)}`"
    scope.problems.error("unknown-module", message, step.place, fix)


def refuse_in_place(
    scope: Scope,
    declaration: ModuleDeclaration,
    changed: str,
    place: Place,
    unread: Sequence[Step],
) -> None:
    """Complain of a module that would change a value which something else reads."""
    label = declaration.label
    forgotten = (
        Note(f"`{step.key.name}` is never read: is it meant?", step.key.place)
        for step in unread
    )
    scope.problems.error(
        "in-place",
        f"`{label}` works in place and would change {changed}",
        place,
        f"use `relu()` here, or `inplace: false` on `{label}`",
        Note(f"`{label}` is declared here", declaration.place),
        *forgotten,
    )


def refuse_rows(scope: Scope, declaration: ModuleDeclaration) -> None:
    """Complain of a block whose use lists modules: it has its own."""
    scope.problems.error(
        "unknown-key",
        f"`{declaration.type.text}` is a block, and holds no modules but its own",
        declaration.place,
        "remove `modules:`, or give the block another name",
    )
