"""What is said of modules that stand or are called where they can't be."""

from __future__ import annotations

from medt_gen.messages.diagnostics import Place
from medt_gen.resolve.scope import Scope
from medt_gen.spec.declarations import ModuleDeclaration


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


def refuse_rows(scope: Scope, declaration: ModuleDeclaration) -> None:
    """Complain of a block whose use lists modules: it has its own."""
    scope.problems.error(
        "unknown-key",
        f"`{declaration.type.text}` is a block, and holds no modules but its own",
        declaration.place,
        "remove `modules:`, or give the block another name",
    )
