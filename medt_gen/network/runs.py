"""The runs of a flow: once on the whole input, and once on each of some patches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from medt_gen.network.records import Flow, FlowStep, Instance, Module
from medt_gen.paths.keys import join
from medt_gen.spec.pipes import OperationCall, Pipe, named_values


@dataclass(frozen=True)
class Run:
    """The pipes that run together, for the whole input or for each patch of it.

    branch: the path of the patch step's value, "" for the whole input.
    grids: the counts of patches along each axis, for every patch step around.
    modules: as each call makes them, in the order of the calls.
    reads: the names of values and tensors that operations take beside the piped one.
    """

    branch: str
    grids: tuple[tuple[int, ...], ...]
    modules: tuple[Module, ...]
    reads: frozenset[str]

    @property
    def times(self) -> int:
        """How often it runs for one input."""
        return prod(prod(grid) for grid in self.grids)


def runs_of(instance: Instance) -> tuple[Run, ...]:
    """The runs of a class's flow for one call; none where it has no flow."""
    return tuple(_runs(instance.flow, "", ())) if instance.flow else ()


def _runs(flow: Flow, branch: str, grids: tuple[tuple[int, ...], ...]) -> Iterator[Run]:
    modules = tuple(module for step in flow.steps for module in _called(step))
    reads = frozenset(name for step in flow.steps for name in _reads(step))
    yield Run(branch, grids, modules, reads)
    for step in flow.steps:
        if step.inner is not None:
            yield from _runs(step.inner, join(branch, step.name), (*grids, step.grid))


def _called(step: FlowStep) -> Iterator[Module]:
    for module in step.modules:
        if module is not None and module.body is not None:
            yield module


def _reads(step: FlowStep) -> Iterator[str]:
    if not isinstance(step.body, Pipe):
        return
    for item in step.body.steps:
        if isinstance(item, OperationCall):
            yield from (given.name for given in named_values(item) if given.name)
