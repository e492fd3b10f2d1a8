"""A network in numbers: what goes in and comes out, and what each module costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from medt_gen.network.costs import ModuleCost, module_costs
from medt_gen.network.records import Flow, Leaf, Network
from medt_gen.network.unmade import open_classes
from medt_gen.network.walk import network_leaves

Numbers = tuple[int, ...]


@dataclass(frozen=True)
class Totals:
    """What a network holds, and what it does for one image."""

    parameters: int
    trainable: int
    frozen: int
    buffers: int
    multiply_adds: int
    output_bytes: int


@dataclass(frozen=True)
class Summary:
    """A network in numbers, all by arithmetic.

    `input` and `outputs` are without the batch; `outputs` are by key, None where the
    flow is not known. `open_modules` is how many are not counted. `has_fast`: what is
    built computes some layers in another way than by their definition.
    """

    name: str
    input: Numbers
    outputs: Mapping[str, Numbers] | None
    modules: tuple[ModuleCost, ...]
    totals: Totals
    open_modules: int
    has_fast: bool


def summarize(network: Network, usual: Network) -> Summary:
    """The summary of `network`; `usual` is the one of like weights that is run."""
    cost = network.root.cost
    rows = module_costs(network, usual)
    tops = [row for row in rows if row.depth == 0]
    flow = usual.root.flow
    return Summary(
        network.name,
        usual.root.input.numbers,
        None if flow is None else flow_outputs(flow),
        rows,
        Totals(
            cost.parameters,
            cost.parameters - cost.frozen,
            cost.frozen,
            cost.buffers,
            sum(row.multiply_adds for row in tops),
            sum(row.output_bytes for row in tops),
        ),
        open_classes(network).total(),
        any(_is_fast(leaf) for leaf in network_leaves(network)),
    )


def flow_outputs(flow: Flow) -> dict[str, Numbers]:
    """The shapes of the results, without the batch, by their keys or values' names."""
    if flow.outputs is None:
        return {"out": flow.result.numbers}
    keyed = flow.outputs.keyed
    return {
        item.key if keyed else item.value: item.shape.numbers
        for item in flow.outputs.items
    }


def _is_fast(leaf: Leaf) -> bool:
    return leaf.layer.fast is not None and not leaf.layer.defined_only(leaf.values)
