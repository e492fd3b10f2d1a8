"""Two sides by the same names: without the prefixes and wrappers that one has alone."""

from __future__ import annotations

from dataclasses import replace

from medt_gen.compare.parts import Parts
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.network.tensors import PrintedTensors, printed_tensors
from medt_gen.paths.keys import without_wrapper
from medt_gen.paths.prefixes import without_prefixes
from medt_gen.printouts import Node, count_modules, unwrap

MOST_MODULES = 500_000


def alike(both: Parts) -> tuple[Parts, tuple[str, ...]]:
    """The sides, keys without the prefix or the wrapper that the other has not."""
    both = _without_wrappers(both)
    for side, item, other in (
        ("left", both.left, both.right),
        ("right", both.right, both.left),
    ):
        if item.kind != "checkpoint" or item.tensors is None:
            continue
        wanted = other.tensors or (
            printed_layers(other.tree).shapes if other.tree else {}
        )
        found = without_prefixes(list(item.tensors), wanted)
        if not found.changes:
            continue
        shapes = {found.names[key]: shape for key, shape in item.tensors.items()}
        changed = replace(item, tensors=shapes)
        sides = (changed, both.right) if side == "left" else (both.left, changed)
        words = " and ".join(change.words for change in found.changes)
        return Parts(*sides, both.parts), (f"keys of the {side} side {words}",)
    return both, ()


def _without_wrappers(both: Parts) -> Parts:
    """The sides, the keys of a wrapped model as those of what it wraps."""
    wrapped = [
        side.tree is not None and unwrap(side.tree) is not side.tree
        for side in (both.left, both.right)
    ]
    if wrapped[0] == wrapped[1]:
        return both
    side = both.left if wrapped[0] else both.right
    if side.tensors is None:
        return both
    bare = replace(side, tensors=without_wrapper(side.tensors))
    sides = (bare, both.right) if wrapped[0] else (both.left, bare)
    return Parts(*sides, both.parts)


def printed_layers(tree: Node) -> PrintedTensors:
    """The tensors of the layers in a printed tree, wrappers looked through.

    Raises UnreadableInput for a tree that stands for absurdly many modules.
    """
    if count_modules(tree) > MOST_MODULES:
        raise UnreadableInput(
            Diagnostic(
                "too-large",
                f"this tree stands for more than {MOST_MODULES:,} modules",
                help="compare its printout with another one: runs stay counted there",
            )
        )
    return printed_tensors(unwrap(tree))
