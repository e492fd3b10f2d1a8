"""The reference skeletons, found in a printed tree by types and the pattern of names.

A branch has a stem (convolutions with a norm each, numbered alike), stages
(Sequentials), and decoders (convolutions); the names of its modules share an ending,
which is empty in the branch that sees the whole image. Beside them stand an activation,
a head, what fuses several branches, and modules that are never called.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from medt_gen.network.prints_layers import NotInCatalog, read_arguments
from medt_gen.printouts.tree import Node

_NUMBERED = re.compile(r"([A-Za-z_]*?[A-Za-z])(\d+)(|_\w+)", re.ASCII)


@dataclass(frozen=True)
class Branch:
    """The modules of one branch, each list in the order of its numbers."""

    suffix: str
    stem: tuple[tuple[str, str], ...]
    stages: tuple[str, ...]
    decoders: tuple[str, ...]


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


Numbered = dict[str, dict[str, dict[int, str]]]


def find_skeleton(root: Node) -> Skeleton | None:
    """The reference skeleton that a tree follows, or None."""
    rows = {child.name: child for child in root.children}
    numbered, single = sorted_names(rows)
    suffixes = sorted(numbered)
    if "" not in numbered:
        return None
    found = [find_branch(suffix, numbered[suffix], rows) for suffix in suffixes]
    branches = tuple(branch for branch in found if branch is not None)
    if len(branches) < len(suffixes):
        return None
    return _whole(branches, single, rows)


def sorted_names(rows: dict[str, Node]) -> tuple[Numbered, list[str]]:
    """Numbered names as suffix -> prefix -> number -> name, and the others."""
    numbered: Numbered = defaultdict(lambda: defaultdict(dict))
    single = []
    for name in rows:
        match = _NUMBERED.fullmatch(name)
        if match:
            numbered[match[3]][match[1]][int(match[2])] = name
        else:
            single.append(name)
    return numbered, single


def find_branch(
    suffix: str, groups: dict[str, dict[int, str]], rows: dict[str, Node]
) -> Branch | None:
    """The branch of these names (prefix -> number -> name), or None."""
    by_type: dict[str, list[dict[int, str]]] = defaultdict(list)
    for group in groups.values():
        types = {rows[name].type for name in group.values()}
        if len(types) > 1:
            return None
        by_type[types.pop()].append(group)
    convolutions = by_type.pop("Conv2d", [])
    norms, stages = by_type.pop("BatchNorm2d", []), by_type.pop("Sequential", [])
    if by_type or (len(convolutions), len(norms), len(stages)) != (2, 1, 1):
        return None
    order = list(rows)
    stem, decoders = sorted(convolutions, key=lambda g: order.index(min(g.values())))
    if sorted(stem) != sorted(norms[0]):
        return None
    return Branch(
        suffix,
        tuple((stem[number], norms[0][number]) for number in sorted(stem)),
        _in_order(stages[0]),
        _in_order(decoders),
    )


def _in_order(group: dict[int, str]) -> tuple[str, ...]:
    return tuple(group[number] for number in sorted(group))


def _whole(
    branches: tuple[Branch, ...], single: list[str], rows: dict[str, Node]
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
