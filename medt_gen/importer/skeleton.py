"""The reference skeletons, found in a printed tree by types and the pattern of names.

A branch has a stem (convolutions with a norm each, numbered alike), stages
(Sequentials), and decoders (convolutions); the names of its modules share an ending,
which is empty in the branch that sees the whole image. Beside them stand an activation,
a head, what fuses several branches, and modules that are never called.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from medt_gen.catalog.containers import SEQUENTIAL
from medt_gen.network.prints_layers import NotInCatalog, read_arguments
from medt_gen.printouts.tree import Node

_NUMBERED = re.compile(r"([A-Za-z_]*?[A-Za-z])(\d{1,9})(|_\w+)", re.ASCII)


@dataclass(frozen=True)
class StemRow:
    """The names of a convolution of a stem and of the norm behind it."""

    convolution: str
    norm: str


@dataclass(frozen=True)
class Branch:
    """The modules of one branch, each list in the order of its numbers."""

    suffix: str
    stem: tuple[StemRow, ...]
    stages: tuple[str, ...]
    decoders: tuple[str, ...]

    @property
    def names(self) -> frozenset[str]:
        """Every module of it that has a number."""
        stem = (name for row in self.stem for name in (row.convolution, row.norm))
        return frozenset([*stem, *self.stages, *self.decoders])


@dataclass(frozen=True)
class Skeleton:
    """All branches, the whole image's first, and what stands beside them.

    `owners` tells for every module which branch (by its ending) it belongs to.
    """

    branches: tuple[Branch, ...]
    activation: str
    head: str
    fusion: str | None
    unused: frozenset[str]
    owners: dict[str, str]


Groups = dict[str, dict[int, str]]
"""The names of a branch that have a number: prefix -> number -> name."""


@dataclass(frozen=True)
class SortedNames:
    """Names with a number, by the suffix of their branch, and those without."""

    numbered: dict[str, Groups]
    single: tuple[str, ...]


def find_skeleton(root: Node) -> Skeleton | None:
    """The reference skeleton that a tree follows, or None."""
    rows = {child.name: child for child in root.children}
    names = sorted_names(rows)
    if "" not in names.numbered:
        return None
    found = [find_branch(key, names.numbered[key], rows) for key in names.numbered]
    branches = tuple(branch for branch in found if branch is not None)
    if len(branches) < len(found):
        return None
    return _whole(branches, names.single, rows)


def sorted_names(rows: Iterable[str]) -> SortedNames:
    """The names of a network's modules, branches in the order of their suffixes."""
    numbered: dict[str, Groups] = defaultdict(lambda: defaultdict(dict))
    single: list[str] = []
    for name in rows:
        match = _NUMBERED.fullmatch(name)
        if match:
            numbered[match[3]][match[1]][int(match[2])] = name
        else:
            single.append(name)
    return SortedNames({key: numbered[key] for key in sorted(numbered)}, tuple(single))


def find_branch(suffix: str, groups: Groups, rows: Mapping[str, Node]) -> Branch | None:
    """The branch of these names, or None."""
    by_type: dict[str, list[dict[int, str]]] = defaultdict(list)
    for group in groups.values():
        types = {rows[name].type for name in group.values()}
        if len(types) > 1:
            return None
        by_type[types.pop()].append(group)
    if {kind: len(found) for kind, found in by_type.items()} != _GROUPS_OF_A_BRANCH:
        return None
    (norms,), (stages,) = by_type["BatchNorm2d"], by_type[SEQUENTIAL]
    order = list(rows)
    stem, decoders = sorted(
        by_type["Conv2d"], key=lambda group: order.index(min(group.values()))
    )
    if sorted(stem) != sorted(norms):
        return None
    return Branch(
        suffix,
        tuple(StemRow(stem[number], norms[number]) for number in sorted(stem)),
        _in_order(stages),
        _in_order(decoders),
    )


_GROUPS_OF_A_BRANCH = {"Conv2d": 2, "BatchNorm2d": 1, SEQUENTIAL: 1}


def _in_order(group: dict[int, str]) -> tuple[str, ...]:
    return tuple(group[number] for number in sorted(group))


def _whole(
    branches: tuple[Branch, ...], single: tuple[str, ...], rows: Mapping[str, Node]
) -> Skeleton | None:
    main, *others = branches
    suffixes = sorted((b.suffix for b in others), key=len, reverse=True)
    owners = {name: _suffix(name, suffixes) for name in rows}
    own = [name for name in single if not owners[name]]
    activations = [name for name in own if rows[name].type == "ReLU"]
    heads = [n for n in own if rows[n].type == "Conv2d" and _kernel(rows[n]) == 1]
    fusions = [n for n in own if rows[n].type == "Conv2d" and _kernel(rows[n]) != 1]
    wanted = (1, 1, 1 if others else 0)
    if (len(activations), len(heads), len(fusions)) != wanted:
        return None
    if not all(1 <= len(b.decoders) <= len(b.stages) + 1 for b in branches):
        return None
    used = {activations[0], heads[0], *fusions}
    return Skeleton(
        (main, *others),
        activations[0],
        heads[0],
        fusions[0] if fusions else None,
        frozenset(single) - used,
        owners,
    )


def _suffix(name: str, suffixes: list[str]) -> str:
    return next((suffix for suffix in suffixes if name.endswith(suffix)), "")


def _kernel(row: Node) -> object:
    try:
        return read_arguments(row.type, row.attributes).get("kernel_size")
    except NotInCatalog:
        return None
