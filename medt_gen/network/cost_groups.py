"""Costs summed up by blocks, by stages or by branches: every module counts once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from medt_gen.messages.wording import counted, either
from medt_gen.network.costs import (
    BYTES,
    ModuleCost,
    Tallies,
    Tally,
    run_tallies,
)
from medt_gen.network.records import Network
from medt_gen.network.runs import Run, runs_of
from medt_gen.network.summary import Summary
from medt_gen.paths.keys import paths_around

Grouping = Literal["block", "stage", "branch"]


@dataclass(frozen=True)
class GroupCost:
    """What some modules hold and do together.

    modules: how many blocks, stages or layers are summed up, in words.
    """

    name: str
    modules: str
    parameters: int
    frozen: int
    multiply_adds: int
    output_bytes: int


def grouped_costs(
    summary: Summary, usual: Network, by: Grouping
) -> tuple[GroupCost, ...]:
    """The costs of a network in groups, in the order of its printed tree.

    `usual` is the network that is run, as for the summary.

    block: of each block, by its printed class; what is in a block inside of another
        counts for the inner one, and the rest for the network.
    stage: of each module of the network that holds others, and of the rest.
    branch: of the whole input, and of each patch step; layers that several branches
        call are a group of their own for their parameters, as are uncalled ones.
    """
    if by == "branch":
        return _by_branch(usual, summary.modules)
    if by == "stage":
        return _by_stage(summary)
    return _by_block(summary)


# --- blocks and stages ----------------------------------------------------------------


def _by_block(summary: Summary) -> tuple[GroupCost, ...]:
    rows = summary.modules
    blocks = {row.path: row.type for row in rows if row.kind == "block"}
    instances: dict[str, int] = {}
    for name in blocks.values():
        instances[name] = instances.get(name, 0) + 1

    def group(path: str) -> str:
        around = (path, *paths_around(path))
        return next((blocks[up] for up in around if up in blocks), summary.name)

    def words(name: str, members: Sequence[ModuleCost]) -> str:
        if name in instances:
            return counted(instances[name], "block")
        return _layers(members)

    return _summed(rows, group, words)


def _by_stage(summary: Summary) -> tuple[GroupCost, ...]:
    rows = summary.modules
    holders = {
        row.path: row.type
        for row in rows
        if row.depth == 0 and row.kind in ("block", "container")
    }

    def group(path: str) -> str:
        first = path.split(".")[0]
        return first if first in holders else summary.name

    def words(name: str, members: Sequence[ModuleCost]) -> str:
        return holders.get(name) or _layers(members)

    return _summed(rows, group, words)


def _summed(
    rows: Iterable[ModuleCost],
    group: Callable[[str], str],
    words: Callable[[str, Sequence[ModuleCost]], str],
) -> tuple[GroupCost, ...]:
    members: dict[str, list[ModuleCost]] = {}
    for row in _holding(rows):
        members.setdefault(group(row.path), []).append(row)
    return tuple(
        GroupCost(
            name,
            words(name, inside),
            sum(row.parameters for row in inside),
            sum(row.frozen for row in inside),
            sum(row.multiply_adds for row in inside),
            sum(row.output_bytes for row in inside),
        )
        for name, inside in members.items()
    )


def _holding(rows: Iterable[ModuleCost]) -> list[ModuleCost]:
    """The rows that add up to the whole: layers, and tensors that classes hold."""
    return [row for row in rows if row.kind in ("layer", "parameter")]


def _layers(members: Sequence[ModuleCost]) -> str:
    """How many layers there are, in words."""
    return counted(sum(row.kind == "layer" for row in members), "layer")


# --- branches -------------------------------------------------------------------------

WHOLE, UNCALLED = "whole input", "never called"


@dataclass(frozen=True)
class _Branch:
    """A branch: what its runs come to by module, and the tensors that it reads."""

    name: str
    grids: str
    tallies: Tallies
    reads: frozenset[str]

    def takes(self, row: ModuleCost) -> bool:
        """Whether it calls a layer, or the block that holds a tensor, or reads it."""
        if row.kind == "layer":
            return row.path in self.tallies
        around, _, name = row.path.rpartition(".")
        return around in self.tallies if around else name in self.reads


def _by_branch(usual: Network, rows: Iterable[ModuleCost]) -> tuple[GroupCost, ...]:
    branches = [
        _Branch(run.branch or WHOLE, _grids(run), run_tallies([run]), run.reads)
        for run in runs_of(usual.root)
    ]
    holding = _holding(rows)
    takers = {
        row.path: tuple(branch.name for branch in branches if branch.takes(row))
        for row in holding
    }
    groups: dict[tuple[str, ...], list[ModuleCost]] = {
        (branch.name,): [] for branch in branches
    }
    for row in holding:
        groups.setdefault(takers[row.path], []).append(row)
    named = {branch.name: branch for branch in branches}
    return tuple(
        _branch_cost([named[name] for name in names], members, holding)
        for names, members in groups.items()
    )


def _grids(run: Run) -> str:
    """What it runs on, behind its name."""
    grids = " of ".join(" x ".join(map(str, grid)) for grid in reversed(run.grids))
    return f" ({grids} patches)" if grids else ""


def _done(branch: _Branch, layers: Iterable[ModuleCost]) -> Tally:
    """What the layers do that a branch calls, their parts included."""
    called = [branch.tallies.get(row.path, Tally()) for row in layers]
    return Tally(
        {}, sum(tally.work for tally in called), sum(tally.values for tally in called)
    )


def _branch_cost(
    branches: Sequence[_Branch],
    members: Sequence[ModuleCost],
    layers: Iterable[ModuleCost],
) -> GroupCost:
    """What the members hold; what is done counts for the branch that does it."""
    name, alone = UNCALLED, Tally()
    if len(branches) == 1:
        name = branches[0].name + branches[0].grids
        alone = _done(branches[0], layers)
    elif branches:
        name = either([branch.name for branch in branches], "and")
    return GroupCost(
        name,
        _layers(members),
        sum(row.parameters for row in members),
        sum(row.frozen for row in members),
        alone.work,
        alone.values * BYTES,
    )
