"""The flow of a network as boxes and edges, and what each box opens into."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from medt_gen.drawing.calls import Call, calls_of, container_calls
from medt_gen.drawing.records import Box, BoxKind, Edge, Graph, Graphs, Numbers, Region
from medt_gen.drawing.stages import chain_label, stages_of
from medt_gen.network.records import (
    Flow,
    FlowStep,
    Group,
    Instance,
    Network,
    Use,
    patch_shape,
)
from medt_gen.spec.declarations import PatchStep
from medt_gen.spec.pipes import Pipe

RESULT = "out"


@dataclass(frozen=True)
class _Value:
    """The box that gives a value, and its shape: of patches put together the whole."""

    box: int
    shape: Numbers


_Values = dict[str, _Value]


def network_graphs(network: Network) -> Graphs | None:
    """What is drawn of a network; None where its flow is not known."""
    if network.root.flow is None:
        return None
    return _Graphs().of_network(network.root)


class _Graphs:
    """Makes every graph once, and counts them."""

    def __init__(self) -> None:
        self._made: list[Graph | None] = []
        self._known: dict[object, int] = {}

    def of_network(self, root: Instance) -> Graphs:
        assert root.flow is not None
        self._made.append(None)
        self._made[0] = self._of_flow(root, root.flow, chains=True)
        return Graphs(tuple(graph for graph in self._made if graph is not None))

    def inside(self, call: Call) -> int | None:
        """The index of the graph that a call opens into."""
        body = call.module.body if call.module else None
        if isinstance(body, Use):
            if body.instance.flow is None:
                return None
            return self._once(("use", id(body.instance)), body.instance)
        if isinstance(body, Group):
            return self._once(("group", id(body), call.before), container_calls(body))
        return None

    def of_chain(self, calls: tuple[Call, ...]) -> int:
        """The index of the graph of some calls that share a box."""
        return self._once(("chain", calls), calls)

    def _once(self, key: object, of: Instance | tuple[Call, ...]) -> int:
        if key not in self._known:
            self._known[key] = index = len(self._made)
            self._made.append(None)
            if isinstance(of, Instance):
                assert of.flow is not None
                self._made[index] = self._of_flow(of, of.flow, chains=False)
            else:
                self._made[index] = self._of_calls(of)
        return self._known[key]

    def _of_calls(self, calls: tuple[Call, ...]) -> Graph:
        """Calls one after the other; what comes from elsewhere has no box in here."""
        building = _Building(self, chains=False)
        last: int | None = None
        for call in calls:
            last = building.add_call(replace(call, reads=()), last, "")
        return building.graph()

    def _of_flow(self, instance: Instance, flow: Flow, *, chains: bool) -> Graph:
        building = _Building(self, chains=chains)
        values: _Values = {}
        first = instance.declaration.inputs[0]
        for name, shape in {first: instance.input, **instance.others}.items():
            box = building.add_input(name, shape.numbers, "")
            values[name] = _Value(box, shape.numbers)
        building.add_flow(flow, values, "")
        if chains and flow.outputs is not None:
            for item in flow.outputs.items:
                building.mark_output(values[item.value].box, item.key)
        elif chains:
            building.mark_output(values[RESULT].box, RESULT)
        return building.graph(by_size=chains)


@dataclass
class _Building:
    """One graph in the making."""

    graphs: _Graphs
    chains: bool
    boxes: list[Box] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    connected: set[Edge] = field(default_factory=set)
    regions: list[Region] = field(default_factory=list)

    def graph(self, *, by_size: bool = False) -> Graph:
        return Graph(tuple(self.boxes), tuple(self.edges), tuple(self.regions), by_size)

    def add_input(self, name: str, shape: Numbers, branch: str) -> int:
        return self._add(Box(f"{branch}{name}", "input", "input", name, "", shape))

    def mark_output(self, index: int, name: str) -> None:
        self.boxes[index] = replace(self.boxes[index], output=name)

    def add_flow(self, flow: Flow, values: _Values, branch: str) -> None:
        """The boxes of a flow; `values` says which box gives each value."""
        for step in flow.steps:
            if step.inner is not None:
                self._add_region(step, values, branch)
            else:
                self._add_pipe(step, values, branch)

    def _add_region(self, step: FlowStep, values: _Values, branch: str) -> None:
        assert isinstance(step.body, PatchStep)
        assert step.inner is not None
        first, outside = len(self.boxes), self.regions
        self.regions = []
        own = f"{branch}{step.name}."
        patch = patch_shape(step.shapes[0], step.grid).numbers
        entry = self.add_input(step.body.name, patch, own)
        source = values[str(step.body.of.value)].box
        cut = self.boxes[source]
        self.boxes[source] = replace(cut, cuts=(*cut.cuts, step.grid))
        self._connect(source, entry, step.shapes[0].numbers)
        inner = {**values, step.body.name: _Value(entry, patch)}
        self.add_flow(step.inner, inner, own)
        boxes = tuple(range(first, len(self.boxes)))
        region = Region(step.name, step.grid, boxes, tuple(self.regions))
        self.regions = [*outside, region]
        values[step.name] = _Value(inner[RESULT].box, step.shapes[-1].numbers)

    def _add_pipe(self, step: FlowStep, values: _Values, branch: str) -> None:
        assert isinstance(step.body, Pipe)
        at = self._value_of(step.body.value.text, values, step).box
        calls = calls_of(step)
        groups = stages_of(calls) if self.chains else [(call,) for call in calls]
        for number, group in enumerate(groups, 1):
            title = step.name if number == len(groups) else None
            at = self._add_group(group, at, values, f"{branch}{step.name}", title, step)
        values[step.name] = _Value(at, step.shapes[-1].numbers)

    def _add_group(
        self,
        calls: tuple[Call, ...],
        before: int,
        values: _Values,
        key: str,
        title: str | None,
        step: FlowStep,
    ) -> int:
        if len(calls) == 1:
            at = self.add_call(calls[0], before, key)
        else:
            at = self._add(self._chain(calls, key, title))
            self._connect(before, at, calls[0].before)
        for call in calls:
            for name in call.reads:
                value = self._value_of(name, values, step)
                self._connect(value.box, at, value.shape, further=True)
        return at

    def add_call(self, call: Call, before: int | None, key: str) -> int:
        """A box for one call; the edge to it from what comes before."""
        kind: BoxKind = "operation" if call.module is None else "layer"
        box = Box(
            f"{key}:{call.title}",
            "module" if call.holds_others else kind,
            call.family,
            call.label,
            call.detail,
            call.after,
            call.path,
            call.members,
            call.count,
            self.graphs.inside(call),
            blocks=call.blocks,
        )
        at = self._add(box)
        if before is not None:
            self._connect(before, at, call.before)
        return at

    def _chain(self, calls: tuple[Call, ...], key: str, title: str | None) -> Box:
        label = chain_label(calls, title)
        return Box(
            f"{key}:{label.key}",
            "chain",
            label.family,
            label.title,
            label.detail,
            calls[-1].after,
            members=tuple(path for call in calls for path in call.members),
            inside=self.graphs.of_chain(calls),
            blocks=tuple(dict.fromkeys(name for call in calls for name in call.blocks)),
        )

    def _value_of(self, name: str, values: _Values, step: FlowStep) -> _Value:
        """A value by its name; a tensor that the class holds gets a box of its own."""
        if name in values:
            return values[name]
        for index, box in enumerate(self.boxes):
            if box.kind == "parameter" and box.path == name:
                return _Value(index, box.shape or ())
        shape = step.shapes[0].numbers if _starts_with(step, name) else ()
        box = Box(name, "parameter", "other", name, "", shape, name)
        return _Value(self._add(box), shape)

    def _connect(
        self, source: int, target: int, shape: Numbers, *, further: bool = False
    ) -> None:
        edge = Edge(source, target, shape, further)
        if edge not in self.connected:
            self.connected.add(edge)
            self.edges.append(edge)

    def _add(self, box: Box) -> int:
        key, number = box.key, 1
        while key in self.keys:
            number += 1
            key = f"{box.key}#{number}"
        self.keys.add(key)
        self.boxes.append(replace(box, key=key))
        return len(self.boxes) - 1


def _starts_with(step: FlowStep, name: str) -> bool:
    return isinstance(step.body, Pipe) and step.body.value.text == name
