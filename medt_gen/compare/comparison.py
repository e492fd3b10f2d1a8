"""What two descriptions of a network both say, and whether they agree.

Facts that both hold are compared, and what could not be is listed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from medt_gen.compare.descriptions import Description, describe_model, read_description
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.wording import counted, shown
from medt_gen.network.meaning import flow_differences
from medt_gen.network.records import Network
from medt_gen.network.tensors import PrintedTensors, printed_tensors
from medt_gen.paths.keys import TensorShapes, parent_path
from medt_gen.printouts import Difference, Node, compare, count_modules, unwrap
from medt_gen.printouts.regression.live import Stateful

MOST_MODULES = 500_000
_NAMED = 12
_UNSHOWN = "there, its shape not printed"

FactKind = Literal["tensor", "input", "flow"]


@dataclass(frozen=True)
class FactDifference:
    """A fact on which two descriptions differ beyond the printed tree.

    A `tensor` is a key of the state_dict with its shape, a `flow` one pipe of it; what
    a side does not have is None.
    """

    kind: FactKind
    path: str
    left: str | None
    right: str | None


@dataclass(frozen=True)
class Comparison:
    """What two descriptions say: what differs, what was compared, what could not be."""

    left: Description
    right: Description
    modules: tuple[Difference, ...]
    facts: tuple[FactDifference, ...]
    compared: tuple[str, ...]
    not_compared: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        """Whether no shared fact differs."""
        return not self.modules and not self.facts


def diff(
    left: str | os.PathLike[str] | Stateful,
    right: str | os.PathLike[str] | Stateful,
    *,
    exact: bool = False,
) -> Comparison:
    """Compare two sides, each a model or a file of any kind that `diff` reads.

    `exact` also counts attributes that torch versions print differently. Raises
    InvalidInput or UnreadableInput where a side is no description of a network.
    """
    return compare_descriptions(_described(left), _described(right), exact=exact)


def _described(side: str | os.PathLike[str] | Stateful) -> Description:
    if isinstance(side, str | os.PathLike):
        return read_description(side)
    return describe_model(side)


def compare_descriptions(
    left: Description, right: Description, *, exact: bool = False
) -> Comparison:
    """Compare the facts that both descriptions hold."""
    modules = _compare_trees(left.tree, right.tree, exact=exact)
    findings = (
        modules,
        _compare_tensors(left, right, modules.modules),
        _compare_networks(left.network, right.network),
    )
    return Comparison(
        left,
        right,
        modules.modules,
        tuple(chain.from_iterable(item.facts for item in findings)),
        tuple(chain.from_iterable(item.compared for item in findings)),
        tuple(chain.from_iterable(item.not_compared for item in findings)),
    )


@dataclass(frozen=True)
class _Findings:
    """What one part of a comparison has come to."""

    modules: tuple[Difference, ...] = ()
    facts: tuple[FactDifference, ...] = ()
    compared: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()


def _compare_trees(left: Node | None, right: Node | None, *, exact: bool) -> _Findings:
    if left is None or right is None:
        return _Findings(
            not_compared=(
                "classes, arguments and modules without tensors: a checkpoint has no "
                "names for them",
            )
        )
    # A wrapper that only one side has (as DataParallel) is no difference.
    bare_left, bare_right = unwrap(left), unwrap(right)
    if (bare_left is left) != (bare_right is right):
        left, right = bare_left, bare_right
    return _Findings(
        modules=tuple(compare(left, right, exact=exact)),
        compared=("modules: paths, classes and arguments",),
    )


def _compare_tensors(
    left: Description, right: Description, modules: Iterable[Difference]
) -> _Findings:
    if left.tensors is not None and right.tensors is not None:
        ours, theirs = _texts(left.tensors), _texts(right.tensors)
        told = _told(modules)
        keys = [key for key in {**ours, **theirs} if not _lies_in(told, key)]
        hidden = [key for key in keys if _is_open(key, left, right)]
        known = [key for key in keys if key not in frozenset(hidden)]
        return _Findings(
            facts=_differing(known, ours, theirs),
            compared=("tensors: keys and shapes",),
            not_compared=_of_open_modules(hidden, left.open | right.open),
        )
    if left.tensors is None and right.tensors is None:
        return _Findings(not_compared=("tensors that no printout shows",))
    return _compare_printed_tensors(left, right)


def _is_open(key: str, left: Description, right: Description) -> bool:
    """Whether a side that lacks this tensor can't tell: a module there is open."""
    return any(
        key not in (side.tensors or {}) and _lies_in(side.open, key)
        for side in (left, right)
    )


def _of_open_modules(keys: list[str], paths: frozenset[str]) -> tuple[str, ...]:
    if not paths:
        return ()
    modules = counted(len(paths), "open module")
    text = f"the tensors of {modules} themselves, which no spec knows"
    return (f"{text}{_named(keys)}",)


def _texts(shapes: TensorShapes) -> dict[str, str]:
    return {key: str(list(shape)) for key, shape in shapes.items()}


def _differing(
    keys: Iterable[str], left: dict[str, str], right: dict[str, str]
) -> tuple[FactDifference, ...]:
    return tuple(
        FactDifference("tensor", key, left.get(key), right.get(key))
        for key in keys
        if left.get(key) != right.get(key)
    )


def _told(modules: Iterable[Difference]) -> frozenset[str]:
    """The paths of modules of which a difference has been told already."""
    paths: set[str] = set()
    for item in modules:
        paths |= {item.path, item.new_path or item.path}
        for stretch in item.renumbered:
            paths |= {parent_path(stretch.before), parent_path(stretch.after)}
    return frozenset(paths)


def _lies_in(paths: frozenset[str], key: str) -> bool:
    """Whether the module that holds a tensor, or one around it, is among the paths."""
    path = key
    while path:
        path = parent_path(path)
        if path in paths:
            return True
    return False


def _compare_printed_tensors(left: Description, right: Description) -> _Findings:
    """All tensors of one side, and the layers that the other one prints."""
    whole = left.tensors if right.tensors is None else right.tensors
    tree = right.tree if right.tensors is None else left.tree
    assert whole is not None
    assert tree is not None
    printed = _printed_tensors(tree)
    if "checkpoint" not in (left.kind, right.kind):
        # What the layers hold follows from the rows, and those were compared.
        unprinted = [key for key in whole if key not in printed.shapes]
        return _Findings(not_compared=_unprinted(unprinted))
    hidden = dict.fromkeys(key for key in whole if _is_hidden(key, printed))
    known, seen = _texts(whole), _texts(printed.shapes)
    seen |= dict.fromkeys(sorted(printed.unshown), _UNSHOWN)
    keys = [key for key in {**known, **seen} if key not in hidden]
    ours, theirs = (known, seen) if right.tensors is None else (seen, known)
    return _Findings(
        facts=_differing(keys, ours, theirs),
        compared=("tensors of the layers that the printout shows",),
        not_compared=_unprinted(list(hidden)),
    )


def _printed_tensors(tree: Node) -> PrintedTensors:
    if count_modules(tree) > MOST_MODULES:
        raise UnreadableInput(
            Diagnostic(
                "too-large",
                f"this tree stands for more than {MOST_MODULES:,} modules",
                help="compare its printout with another one: runs stay counted there",
            )
        )
    return printed_tensors(unwrap(tree))


def _is_hidden(key: str, printed: PrintedTensors) -> bool:
    """Whether a printout can't tell if the network has this tensor, or its shape."""
    if key in printed.shapes:
        return False
    return key in printed.unshown or parent_path(key) in printed.silent


def _unprinted(keys: list[str]) -> tuple[str, ...]:
    return (f"tensors that no printout shows{_named(keys)}",) if keys else ()


def _named(keys: list[str]) -> str:
    """The first of them, behind a colon."""
    if not keys:
        return ""
    more = len(keys) - _NAMED
    named = ", ".join(shown(key) for key in keys[:_NAMED])
    rest = f" and {more} more" if more > 0 else ""
    return f": {named}{rest}"


def _compare_networks(left: Network | None, right: Network | None) -> _Findings:
    """The input and the data flow, which only specs hold."""
    if left is None or right is None:
        return _Findings(
            not_compared=("the input's size and the data flow: only specs hold them",)
        )
    facts: list[FactDifference] = []
    before, after = str(left.root.input), str(right.root.input)
    if before != after:
        facts.append(FactDifference("input", "", before, after))
    if left.root.flow is None or right.root.flow is None:
        return _Findings(
            facts=tuple(facts),
            compared=("the input",),
            not_compared=("the data flow: not every side has one",),
        )
    facts += (
        FactDifference("flow", item.path, item.left, item.right)
        for item in flow_differences(left, right)
    )
    return _Findings(facts=tuple(facts), compared=("the input", "the data flow"))
