"""`diff`: what two descriptions of a network both say, and whether they agree.

A side is a printout, a spec, a checkpoint or a file that `emit` wrote. Each holds other
facts: shared ones are compared, and what could not be is listed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from medt_gen.loading.load import load
from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import (
    Diagnostic,
    InvalidInput,
    Source,
    UnreadableInput,
)
from medt_gen.messages.wording import shown
from medt_gen.network.meaning import flow_differences
from medt_gen.network.prints import printed_tree
from medt_gen.network.records import Network
from medt_gen.network.tensors import network_tensors, printed_tensors
from medt_gen.paths.keys import TensorShapes, parent_path
from medt_gen.printouts import (
    Difference,
    Node,
    compare,
    count_modules,
    find,
    pick,
    unwrap,
)
from medt_gen.printouts.limits import read_text
from medt_gen.spec.shipped import spec_path

MOST_MODULES = 500_000
_SPEC = re.compile(r"^medt-gen\s*:", re.MULTILINE)
_NAMED = 12
_UNSHOWN = "there, its shape not printed"


@dataclass(frozen=True)
class Side:
    """One description of a network, with the facts that it holds."""

    name: str
    kind: str
    tree: Node | None = field(default=None, repr=False)
    tensors: TensorShapes | None = field(default=None, repr=False)
    network: Network | None = field(default=None, repr=False)


@dataclass(frozen=True)
class FactDifference:
    """A fact on which the sides differ beyond the printed tree.

    `kind` is `tensor` (a key of the state_dict with its shape), `input` or `flow`; a
    side that has nothing there is None.
    """

    kind: str
    path: str
    left: str | None
    right: str | None


@dataclass(frozen=True)
class Comparison:
    """What two sides say: differences, what was compared, what could not be."""

    left: Side
    right: Side
    modules: tuple[Difference, ...]
    facts: tuple[FactDifference, ...]
    compared: tuple[str, ...]
    not_compared: tuple[str, ...] = field(default=())

    @property
    def equal(self) -> bool:
        """Whether no shared fact differs."""
        return not self.modules and not self.facts


def read_side(path: str | os.PathLike[str], number: int | None = None) -> Side:
    """What a file describes; `number` picks one of several printouts.

    Raises InvalidInput for a text that describes no network, UnreadableInput for what
    can't be read, is Python that medt-gen did not write, or was edited since.
    """
    name = os.fspath(path)
    if not Path(name).exists() and spec_path(name) is not None:
        return _of_spec(name, "spec", load(name))
    if name.endswith((".yaml", ".yml")):
        return _of_spec(name, "spec", load(name))
    if name != "-" and _is_checkpoint(name):
        return _of_checkpoint(name)
    source = read_text(name)
    if name.endswith(".py") or _is_ours(source.text):
        return _of_emitted(source)
    if _SPEC.search(source.text):
        return _of_spec(name, "spec", load(text=source.text))
    printouts = find(source.text, source.name)
    return Side(name, "printout", tree=pick(printouts, number).tree)


def _is_checkpoint(path: str) -> bool:
    from medt_gen.weights.read import is_checkpoint

    return is_checkpoint(path)


def _of_checkpoint(name: str) -> Side:
    from medt_gen.weights.read import read_checkpoint

    return Side(name, "checkpoint", tensors=read_checkpoint(name))


def _of_spec(name: str, kind: str, spec: Spec) -> Side:
    network = spec.network
    return Side(name, kind, printed_tree(network), network_tensors(network), network)


def _is_ours(text: str) -> bool:
    from medt_gen.emitter.stamp import is_ours

    return is_ours(text)


def _of_emitted(source: Source) -> Side:
    from medt_gen.emitter.stamp import embedded_spec, is_ours, is_untouched

    if not is_ours(source.text):
        raise _refused(source, "medt-gen did not write it, and runs no Python")
    if not is_untouched(source.text):
        raise _refused(source, "it was edited, so its spec no longer speaks for it")
    try:
        document = embedded_spec(source.text)
    except ValueError as error:
        raise _refused(source, str(error)) from None
    return _of_spec(source.name, "emitted file", load(text=json.dumps(document)))


def _refused(source: Source, reason: str) -> UnreadableInput:
    return UnreadableInput(
        Diagnostic(
            "emitted-file",
            f"{shown(source.name)} can't be compared: {reason}",
            help="compare its printout or its spec instead",
        )
    )


def compare_sides(left: Side, right: Side, *, exact: bool = False) -> Comparison:
    """Compare the facts that both sides hold."""
    compared: list[str] = []
    open_facts: list[str] = []
    modules: list[Difference] = []
    facts: list[FactDifference] = []
    if left.tree is not None and right.tree is not None:
        modules = compare(*_looked_through(left.tree, right.tree), exact=exact)
        compared.append("modules: paths, classes and arguments")
    else:
        open_facts.append(
            "classes, arguments and modules without tensors: a checkpoint has no names "
            "for them"
        )
    if left.tensors is not None and right.tensors is not None:
        facts += _tensors(left.tensors, right.tensors, modules)
        compared.append("tensors: keys and shapes")
    elif left.tensors is not None or right.tensors is not None:
        more, unknown = _half_known(left, right)
        facts += more
        if "checkpoint" in (left.kind, right.kind):
            compared.append("tensors of the layers that the printout shows")
        if unknown:
            open_facts.append(f"tensors that no printout shows: {_some(unknown)}")
    else:
        open_facts.append("tensors that no printout shows")
    _compare_networks(left.network, right.network, facts, compared, open_facts)
    return Comparison(
        left, right, tuple(modules), tuple(facts), tuple(compared), tuple(open_facts)
    )


def _looked_through(left: Node, right: Node) -> tuple[Node, Node]:
    """A wrapper that only one side has (as DataParallel) is no difference."""
    bare_left, bare_right = unwrap(left), unwrap(right)
    if (bare_left is left) == (bare_right is right):
        return left, right
    return bare_left, bare_right


def _tensors(
    left: TensorShapes, right: TensorShapes, modules: Iterable[Difference]
) -> list[FactDifference]:
    """Keys and shapes that differ, but for those of modules that differ anyway."""
    told = _Told(modules)
    return [
        FactDifference("tensor", key, _shape(left.get(key)), _shape(right.get(key)))
        for key in dict.fromkeys([*left, *right])
        if left.get(key) != right.get(key) and not told.of(key)
    ]


class _Told:
    """Paths of modules of which a difference has been told already."""

    def __init__(self, modules: Iterable[Difference]) -> None:
        self.paths: set[str] = set()
        for item in modules:
            self.paths |= {item.path, item.new_path or item.path}
            for stretch in item.renumbered:
                self.paths |= {parent_path(stretch.before), parent_path(stretch.after)}

    def of(self, key: str) -> bool:
        """Whether the module that holds a tensor, or one around it, is among them."""
        path = key
        while path:
            path = parent_path(path)
            if path in self.paths:
                return True
        return False


def _shape(shape: tuple[int, ...] | None) -> str | None:
    return None if shape is None else str(list(shape))


def _half_known(left: Side, right: Side) -> tuple[list[FactDifference], list[str]]:
    """A printout against all tensors: what differs, and the keys that it hides."""
    whole = left.tensors if left.tensors is not None else right.tensors
    tree = right.tree if left.tensors is not None else left.tree
    assert whole is not None
    assert tree is not None
    if count_modules(tree) > MOST_MODULES:
        raise UnreadableInput(
            Diagnostic(
                "too-large",
                f"this tree stands for more than {MOST_MODULES:,} modules",
                help="compare its printout with another one: runs stay counted there",
            )
        )
    printed = printed_tensors(unwrap(tree))
    if left.tree is not None and right.tree is not None:
        unknown = [key for key in whole if key not in printed.shapes]
        return [], unknown
    unknown, differing = [], []
    for key in dict.fromkeys([*whole, *printed.shapes, *sorted(printed.unshown)]):
        shown_shape, real = _shape(printed.shapes.get(key)), _shape(whole.get(key))
        if key in printed.unshown:
            shown_shape = _UNSHOWN
        hidden = shown_shape == _UNSHOWN or parent_path(key) in printed.silent
        if key in whole and key not in printed.shapes and hidden:
            unknown.append(key)
        elif real != shown_shape:
            sides = real, shown_shape
            if left.tensors is None:
                sides = shown_shape, real
            differing.append(FactDifference("tensor", key, *sides))
    return differing, unknown


def _some(keys: list[str]) -> str:
    more = len(keys) - _NAMED
    text = ", ".join(shown(key) for key in keys[:_NAMED])
    return f"{text} and {more} more" if more > 0 else text


def _compare_networks(
    left: Network | None,
    right: Network | None,
    facts: list[FactDifference],
    compared: list[str],
    open_facts: list[str],
) -> None:
    """The input and the data flow, which only specs hold."""
    if left is None or right is None:
        open_facts.append("the input's size and the data flow: only specs hold them")
        return
    before, after = str(left.root.input), str(right.root.input)
    if before != after:
        facts.append(FactDifference("input", "", before, after))
    compared.append("the input")
    if left.root.flow is None or right.root.flow is None:
        open_facts.append("the data flow: not every side has one")
        return
    facts += [FactDifference("flow", *item) for item in flow_differences(left, right)]
    compared.append("the data flow")


def diff(
    left: str | os.PathLike[str],
    right: str | os.PathLike[str],
    *,
    exact: bool = False,
) -> Comparison:
    """Compare two files, each a printout, a spec, a checkpoint or an emitted file.

    `exact` also counts attributes that torch versions print differently. Raises
    InvalidInput or UnreadableInput where a side is no description of a network.
    """
    return compare_sides(read_side(left), read_side(right), exact=exact)


def as_json(found: Comparison) -> dict[str, Any]:
    """The comparison for programs."""
    from medt_gen.printouts.report import as_json as modules_as_json

    facts = [
        {"kind": item.kind, "path": item.path, "left": item.left, "right": item.right}
        for item in found.facts
    ]
    return {
        "left": {"name": found.left.name, "kind": found.left.kind},
        "right": {"name": found.right.name, "kind": found.right.kind},
        "equal": found.equal,
        "differences": [*modules_as_json(found.modules), *facts],
        "compared": list(found.compared),
        "not_compared": list(found.not_compared),
    }


def as_unreadable(error: InvalidInput) -> UnreadableInput:
    """For `diff`, where 1 means a difference: a wrong side could not be read."""
    return UnreadableInput(*error.diagnostics)
