"""What each module holds and does for one image, and how often it is called.

All by arithmetic, from the calls of a flow: what hooks on the built modules would see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from medt_gen.catalog.arguments import Values
from medt_gen.catalog.entries import LayerType, Role
from medt_gen.network.records import (
    CallShapes,
    Group,
    Instance,
    Leaf,
    Module,
    Network,
    OwnParameter,
    Use,
)
from medt_gen.network.runs import Run, runs_of
from medt_gen.network.walk import walk_network
from medt_gen.paths.keys import join, paths_around

BYTES = 4
"""How many bytes a value takes: of float32, torch's default."""

Outputs = Mapping[tuple[int, ...], int]
"""The shapes of a module's results without the batch: how many calls gave each."""

RowKind = Literal["block", "container", "layer", "part", "parameter"]
"""A part is a layer inside of a layer, a parameter a tensor that a class holds."""


@dataclass(frozen=True)
class ModuleCost:
    """A module, by its path in the printed tree.

    outputs: by shape, in the order of the calls; none for what is never called, nor for
        a container of which a flow calls what it holds.
    calls: how often it is called for one image; of such a container, what is in it.
    multiply_adds, output_bytes: of all these calls, those inside included. The results
        that count are those of layers, and of a layer with parts, of these.
    """

    path: str
    type: str
    kind: RowKind
    parameters: int
    frozen: int
    calls: int = 0
    outputs: Outputs = field(default_factory=dict)
    multiply_adds: int = 0
    output_bytes: int = 0

    @property
    def depth(self) -> int:
        """How many modules are around it, the network not counted: 0 at the top."""
        return self.path.count(".")


@dataclass(frozen=True)
class Tally:
    """What came of the calls of one module.

    `work` and `values` (in results) are of layers and their parts alone: what holds
    others has only results.
    """

    outputs: Outputs = field(default_factory=dict)
    work: int = 0
    values: int = 0

    def times(self, count: int) -> Tally:
        """The same, so many times."""
        if count == 1:
            return self
        outputs = {shape: number * count for shape, number in self.outputs.items()}
        return Tally(outputs, self.work * count, self.values * count)

    def plus(self, other: Tally) -> Tally:
        """Both together."""
        outputs = dict(self.outputs)
        for shape, number in other.outputs.items():
            outputs[shape] = outputs.get(shape, 0) + number
        return Tally(outputs, self.work + other.work, self.values + other.values)


Tallies = dict[str, Tally]
"""What came of calls, by the path of the module that was called."""


def module_costs(network: Network, usual: Network) -> tuple[ModuleCost, ...]:
    """A row for every module in printed order, what holds others before them.

    `network` is what is built, and `usual` the one of like weights that is run; the
    tensors that a class holds itself have rows, too.
    """
    tallies = run_tallies(runs_of(usual.root))
    rows = [
        row
        for path, module in walk_network(network)
        for row in _rows(path, module, tallies)
    ]
    return tuple(_with_insides(rows))


def run_tallies(runs: Iterable[Run]) -> Tallies:
    """What came of the calls of some runs, by the paths in the network."""
    return _Counting().of_runs(runs)


class _Counting:
    """Goes through the calls of a network; each block instance is gone through once."""

    def __init__(self) -> None:
        self._known: dict[int, Tallies] = {}

    def of_runs(self, runs: Iterable[Run]) -> Tallies:
        """What some runs come to, by the paths in their class."""
        found: Tallies = {}
        for run in runs:
            calls = ((module.declaration.label, module) for module in run.modules)
            for path, tally in self._summed(calls).items():
                _add(found, path, tally.times(run.times))
        return found

    def _instance(self, instance: Instance) -> Tallies:
        key = id(instance)
        if key not in self._known:
            self._known[key] = self.of_runs(runs_of(instance))
        return self._known[key]

    def _summed(self, calls: Iterable[tuple[str, Module]]) -> Tallies:
        """What calls come to: modules with their paths, equal calls counted."""
        found: Tallies = {}
        for (path, module), times in Counter(calls).items():
            assert module.shapes is not None
            own = Tally({module.shapes.after.numbers: times})
            _add(found, path, own)
            for inner, tally in self._inside(module, module.shapes).items():
                _add(found, join(path, inner) if inner else path, tally.times(times))
        return found

    def _inside(self, module: Module, shapes: CallShapes) -> Tallies:
        """What one call of a module comes to, by the paths in it; "" is itself."""
        body = module.body
        if isinstance(body, Leaf):
            return _leaf(body, shapes)
        if isinstance(body, Use):
            return self._instance(body.instance)
        assert isinstance(body, Group)
        children = (item for item in body.children if item.body is not None)
        return self._summed((item.name, item) for item in children)


def _add(found: Tallies, path: str, tally: Tally) -> None:
    found[path] = found[path].plus(tally) if path in found else tally


def _leaf(leaf: Leaf, shapes: CallShapes) -> Tallies:
    """A layer and its parts; the results of one with parts are theirs."""
    before, after = shapes.before, shapes.after
    calls = leaf.layer.part_calls(leaf.values, before, after)
    found = {
        call.name: Tally({call.output.numbers: 1}, call.work, call.output.elements)
        for call in calls
    }
    held = sum(call.output.elements for call in calls) if calls else after.elements
    work = leaf.layer.all_work(leaf.values, before, after)
    return {"": Tally({}, work, held), **found}


# --- rows -----------------------------------------------------------------------------


_NEVER = Tally()


def _rows(path: str, module: Module, tallies: Tallies) -> Iterator[ModuleCost]:
    body = module.body
    if body is None:
        return
    parameters, frozen = module.cost.parameters, module.cost.frozen
    if isinstance(body, OwnParameter):
        outputs = {body.numbers: module.calls} if module.calls else {}
        kind: RowKind = "parameter"
        yield ModuleCost(
            path, module.type, kind, parameters, frozen, module.calls, outputs
        )
        return
    tally = tallies.get(path, _NEVER)
    yield _counted(path, module.type, _kind(module), parameters, frozen, tally)
    if isinstance(body, Leaf):
        yield from _part_rows(path, body.layer, body.values, body.rank, tallies)


def _counted(
    path: str, type_name: str, kind: RowKind, parameters: int, frozen: int, tally: Tally
) -> ModuleCost:
    return ModuleCost(
        path,
        type_name,
        kind,
        parameters,
        frozen,
        sum(tally.outputs.values()),
        tally.outputs,
        tally.work,
        tally.values * BYTES,
    )


def _kind(module: Module) -> RowKind:
    if isinstance(module.body, Leaf):
        return "layer"
    return "block" if isinstance(module.body, Use) else "container"


def _part_rows(
    path: str, layer: LayerType, values: Values, rank: int, tallies: Tallies
) -> Iterator[ModuleCost]:
    for part in layer.parts(values, rank):
        inner = join(path, part.name)
        tensors = part.layer.tensors(part.values, rank)
        held = dict.fromkeys(Role, 0)
        for tensor in tensors:
            held[tensor.role] += tensor.elements
        frozen = held[Role.FROZEN]
        parameters = held[Role.PARAMETER] + frozen
        tally = tallies.get(inner, _NEVER)
        yield _counted(inner, part.layer.name, "part", parameters, frozen, tally)
        yield from _part_rows(inner, part.layer, part.values, rank, tallies)


def _with_insides(rows: Iterable[ModuleCost]) -> Iterator[ModuleCost]:
    """The rows, with what the layers inside of the others come to."""
    listed = list(rows)
    calls: Counter[str] = Counter()
    work: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for row in listed:
        if row.kind != "layer":
            continue
        for around in paths_around(row.path):
            calls[around] += row.calls
            work[around] += row.multiply_adds
            held[around] += row.output_bytes
    for row in listed:
        if row.kind not in ("block", "container"):
            yield row
            continue
        yield replace(
            row,
            calls=row.calls or calls[row.path],
            multiply_adds=work[row.path],
            output_bytes=held[row.path],
        )
