"""What two descriptions of a network both say, and whether they agree.

Facts that both hold are compared, and what could not be is listed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Literal

from medt_gen.compare.alike import alike, printed_layers
from medt_gen.compare.changes import Change, network_changes
from medt_gen.compare.descriptions import Description, describe_model, read_description
from medt_gen.compare.parts import Part, Parts, whole_or_part
from medt_gen.messages.wording import counted, first_of
from medt_gen.network.records import Network
from medt_gen.network.summary import Totals, summarize
from medt_gen.network.tensors import PrintedTensors
from medt_gen.notebook_views import drawn
from medt_gen.paths.keys import TensorShapes, parent_path
from medt_gen.printouts import Difference, Node, compare, unwrap
from medt_gen.printouts.regression.live import Stateful
from medt_gen.printouts.tree import count_remarks
from medt_gen.printouts.untold import untold_arguments

_NAMED = 12
_UNSHOWN = "there, its shape not printed"

FactKind = Literal["tensor", "input", "flow", "code", "init", "training"]


@dataclass(frozen=True)
class FactDifference:
    """A fact on which two descriptions differ beyond the printed tree.

    A `tensor` is a key of the state_dict with its shape, a `flow` one pipe of it,
    `code` a line of what a traced graph prints, `init` a line of a class that fills
    tensors, `training` a key of the schedule; what a side does not have is None.
    """

    kind: FactKind
    path: str
    left: str | None
    right: str | None


@dataclass(frozen=True)
class Comparison:
    """What two descriptions say: what differs, what was compared, what could not be.

    `parts` are the parts of sides that were compared in place of the whole. Where both
    sides hold a spec, `changes` are what one would have to do to get from one to the
    other, and `totals` what either network holds and does. `exact`: attributes that
    torch versions print differently were counted.
    """

    left: Description
    right: Description
    modules: tuple[Difference, ...]
    facts: tuple[FactDifference, ...]
    compared: tuple[str, ...]
    not_compared: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    changes: tuple[Change, ...] = ()
    totals: tuple[Totals, Totals] | None = None
    exact: bool = False

    @property
    def equal(self) -> bool:
        """Whether no shared fact differs."""
        return not self.modules and not self.facts

    def _repr_html_(self) -> str:
        return drawn("comparison", self)

    @property
    def is_whole(self) -> bool:
        """Whether nothing stands beside the parts that were compared."""
        return not any(part.rest for part in self.parts)


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
    left: Description,
    right: Description,
    *,
    exact: bool = False,
    parts: tuple[Part, ...] = (),
) -> Comparison:
    """Compare the facts that both descriptions hold.

    Without `parts`, of which the sides already are, a network that stands inside of the
    other side is found.
    """
    both = Parts(left, right, parts) if parts else whole_or_part(left, right)
    both, prefixes = alike(both)
    modules = _compare_trees(both.left.tree, both.right.tree, exact=exact)
    changes = _changes(both.left.network, both.right.network)
    findings = (
        modules,
        _compare_tensors(both.left, both.right, modules.modules),
        _compare_networks(both.left.network, both.right.network, changes),
        _compare_code(both.left, both.right),
    )
    return Comparison(
        both.left,
        both.right,
        modules.modules,
        tuple(chain.from_iterable(item.facts for item in findings)),
        (*chain.from_iterable(item.compared for item in findings), *prefixes),
        (*_left_out(both), *chain.from_iterable(f.not_compared for f in findings)),
        both.parts,
        changes,
        _totals(both),
        exact,
    )


def _changes(left: Network | None, right: Network | None) -> tuple[Change, ...]:
    """What changed from one spec to the other, where both sides are of specs."""
    if left is None or right is None:
        return ()
    return network_changes(left, right)


def _totals(both: Parts) -> tuple[Totals, Totals] | None:
    """What the networks of two specs add up to."""
    left, right = both.left.spec, both.right.spec
    if left is None or right is None or both.parts:
        return None
    one, other = (summarize(spec.network, spec.usual).totals for spec in (left, right))
    return one, other


def _left_out(both: Parts) -> Iterator[str]:
    """What stands beside the parts that are compared, and remarks."""
    for part in both.parts:
        if part.rest:
            named = first_of(part.rest, _NAMED)
            yield f"what stands beside {part.path} on the {part.side}: {named}"
    for side, item in (("left", both.left), ("right", both.right)):
        remarks = count_remarks(item.tree) if item.tree else 0
        if remarks:
            yield f"{counted(remarks, 'remark')} behind rows on the {side}"


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
        not_compared=() if exact else tuple(_untold(left, right)),
    )


def _untold(left: Node, right: Node) -> Iterator[str]:
    for item in untold_arguments(left, right):
        yield (
            f"`{item.argument}` of {item.type}, {counted(item.count, 'time')}: the "
            f"torch that printed the {item.side} side does not say it"
        )


def _compare_code(left: Description, right: Description) -> _Findings:
    """The Python that traced graphs print behind their trees."""
    if not left.code and not right.code:
        return _Findings()
    if not (left.code and right.code):
        side = "left" if left.code else "right"
        return _Findings(not_compared=(f"the code of a traced graph on the {side}",))
    ours, theirs = left.code.split("\n"), right.code.split("\n")
    facts = [
        FactDifference("code", f"line {number}", one, other)
        for number, (one, other) in enumerate(zip_longest(ours, theirs), 1)
        if one != other
    ]
    return _Findings(facts=tuple(facts[:1]), compared=("the code of the traced graph",))


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
    return _compareprinted_layers(left, right)


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


def _compareprinted_layers(left: Description, right: Description) -> _Findings:
    """All tensors of one side, and the layers that the other one prints."""
    whole = left.tensors if right.tensors is None else right.tensors
    tree = right.tree if right.tensors is None else left.tree
    assert whole is not None
    assert tree is not None
    printed = printed_layers(tree)
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


def _is_hidden(key: str, printed: PrintedTensors) -> bool:
    """Whether a printout can't tell if the network has this tensor, or its shape."""
    if key in printed.shapes:
        return False
    return key in printed.unshown or parent_path(key) in printed.silent


def _unprinted(keys: list[str]) -> tuple[str, ...]:
    return (f"tensors that no printout shows{_named(keys)}",) if keys else ()


def _named(keys: list[str]) -> str:
    """The first of them, behind a colon."""
    return f": {first_of(keys, _NAMED)}" if keys else ""


def _compare_networks(
    left: Network | None, right: Network | None, changes: Sequence[Change]
) -> _Findings:
    """The input, the data flow and the training, which only specs hold."""
    if left is None or right is None:
        return _Findings(
            not_compared=("the input's size and the data flow: only specs hold them",)
        )
    facts = [*_facts("init", changes), *_facts("training", changes)]
    before, after = str(left.root.input), str(right.root.input)
    if before != after:
        facts.append(FactDifference("input", "", before, after))
    if left.root.flow is None or right.root.flow is None:
        return _Findings(
            facts=tuple(facts),
            compared=("the input", _TRAINING),
            not_compared=("the data flow: not every side has one",),
        )
    facts += _facts("flow", changes)
    return _Findings(
        facts=tuple(facts), compared=("the input", "the data flow", _TRAINING)
    )


_TRAINING = "initial values and the schedule of training"


def _facts(
    kind: Literal["init", "training", "flow"], changes: Sequence[Change]
) -> Iterator[FactDifference]:
    for item in changes:
        if item.holder == kind:
            values = (None if x is None else str(x) for x in (item.before, item.after))
            yield FactDifference(kind, item.path or item.name, *values)
