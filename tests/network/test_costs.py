"""Costs by arithmetic against the built networks: hooks, parameters, counted products."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from support import GALLERY, SPECS, networks
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import medt_gen
from medt_gen.network.cost_groups import grouped_costs
from medt_gen.network.summary import summarize

EVERY = networks([*sorted(SPECS.glob("*.yaml")), *GALLERY])


class Seen:
    """A built network that has run once under hooks, and under torch's counter."""

    def __init__(self, spec):
        self.model = medt_gen.build(spec).eval()
        self.outputs = {}
        for name, module in self.model.named_modules():
            module.register_forward_hook(self._hook(name))
        x = torch.zeros(1, *spec.usual.root.input.numbers)
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            self.model(x)
        self.flops = counter.get_flop_counts()

    def _hook(self, name):
        def hook(module, arguments, output):
            if isinstance(output, torch.Tensor):
                assert output.shape[0] == 1
                self.outputs.setdefault(name, []).append(tuple(output.shape[1:]))

        return hook

    def flops_of(self, path):
        root = type(self.model).__name__
        return sum(self.flops.get(f"{root}.{path}" if path else root, {}).values())


def held(model, path):
    around, _, name = path.rpartition(".")
    item = getattr(model.get_submodule(around), name)
    return [item] if isinstance(item, nn.Parameter) else list(item.parameters())


@pytest.mark.parametrize("path", EVERY)
def test_a_summary_is_what_hooks_see_and_torch_counts(path):
    spec = medt_gen.load(path)
    summary, seen = summarize(spec.network, spec.usual), Seen(spec)
    rows = {row.path: row for row in summary.modules}
    modules = {name for name, _ in seen.model.named_modules() if name}
    assert modules == {path for path, row in rows.items() if row.kind != "parameter"}
    for name, row in rows.items():
        tensors = held(seen.model, name)
        assert row.parameters == sum(item.numel() for item in tensors)
        assert row.frozen == sum(x.numel() for x in tensors if not x.requires_grad)
        if row.kind == "parameter":
            continue
        assert row.outputs == Counter(seen.outputs.get(name, [])), name
        assert 2 * row.multiply_adds == seen.flops_of(name), name
    leaves = {name for name in modules if not list(rows_below(name, rows))}
    given = [shape for name in leaves for shape in seen.outputs.get(name, [])]
    totals = summary.totals
    assert totals.output_bytes == sum(4 * torch.Size(shape).numel() for shape in given)
    assert 2 * totals.multiply_adds == seen.flops_of("")
    assert totals.multiply_adds == spec.usual.root.cost.work
    assert totals.parameters == sum(x.numel() for x in seen.model.parameters())
    assert totals.buffers == sum(x.numel() for x in seen.model.buffers())
    if "" in seen.outputs:
        assert [*summary.outputs.values()] == seen.outputs[""]


def rows_below(path, rows):
    return (name for name in rows if name.startswith(f"{path}."))


@pytest.mark.parametrize("path", EVERY)
def test_groups_add_up_to_the_whole(path):
    spec = medt_gen.load(path)
    summary = summarize(spec.network, spec.usual)
    totals = summary.totals
    for by in ("block", "stage", "branch"):
        groups = grouped_costs(summary, spec.usual, by)
        for name in ("parameters", "frozen", "multiply_adds", "output_bytes"):
            assert sum(getattr(item, name) for item in groups) == getattr(totals, name)
        names = [item.name for item in groups]
        assert len(names) == len(set(names))


CALLS = """\
medt-gen: 1
class: Net
input: {channels: 2, size: 8}
modules:
  scale: {type: Parameter, shape: [2], init: ones()}
  twice: {type: Conv2d, out_channels: 2, kernel_size: 1, bias: false}
  parts:
    type: Sequential
    modules: [ReLU, {type: Conv2d, out_channels: 2, kernel_size: 1, bias: false}]
  idle: {type: Conv2d, in_channels: 2, out_channels: 5, kernel_size: 1, unused: true}
forward:
  a: x | twice | twice | avg_pool(2) | twice
  b: a | parts.0 | resize(x) | scale(scale)
  p:
    patches: {of: b, grid: [2, 2], as: q}
    forward: {out: q | twice | parts}
  out: b | add(p)
"""


INNER = """\
blocks:
  Inner:
    modules:
      factor: {type: Parameter, shape: [2], init: ones()}
      act: ReLU
    forward: {out: x | act | act | scale(factor)}
forward:
"""


def cost_rows(text):
    spec = medt_gen.load(text=text)
    return {row.path: row for row in summarize(spec.network, spec.usual).modules}


def test_each_call_counts_with_its_shape():
    rows = cost_rows(CALLS)
    assert rows["twice"].outputs == {(2, 8, 8): 2, (2, 4, 4): 5}
    assert rows["twice"].multiply_adds == 4 * (2 * 64 + 5 * 16)
    assert rows["twice"].output_bytes == 4 * 2 * (2 * 64 + 5 * 16)
    # What is called alone counts in its container, whose own results are the whole's.
    assert rows["parts.0"].outputs == {(2, 4, 4): 5}
    assert rows["parts"].outputs == {(2, 4, 4): 4}
    assert rows["parts"].output_bytes == 4 * 2 * 16 * (5 + 4)
    assert (rows["idle"].calls, rows["idle"].parameters) == (0, 15)
    assert (rows["scale"].kind, rows["scale"].calls) == ("parameter", 1)


def test_a_branch_counts_what_it_does_and_alone_holds():
    text = CALLS.replace("  idle:", "  inner: Inner\n  idle:").replace(
        "forward:\n", INNER, 1
    )
    spec = medt_gen.load(text=text.replace("q | twice | parts", "q | inner | parts"))
    found = {
        item.name: item
        for item in grouped_costs(
            summarize(spec.network, spec.usual), spec.usual, "branch"
        )
    }
    assert list(found) == [
        "whole input",
        "p (2 x 2 patches)",
        "whole input and p",
        "never called",
    ]
    # `scale` is read by the whole; `factor` is the inner block's.
    assert found["whole input"].parameters == 4 + 2
    assert found["p (2 x 2 patches)"].parameters == 2 + 4
    assert found["p (2 x 2 patches)"].multiply_adds == 4 * 16 * 4
    assert found["whole input and p"].parameters == 0
    assert found["never called"].parameters == 15


def test_patches_of_patches_count_by_both_grids():
    text = CALLS.replace(
        "    forward: {out: q | twice | parts}",
        "    forward:\n      out:\n        patches: {of: q, grid: [1, 2], as: r}\n"
        "        forward: {out: r | twice | parts}",
    )
    assert cost_rows(text)["twice"].outputs[(2, 4, 2)] == 8
    spec = medt_gen.load(text=text)
    names = [
        x.name
        for x in grouped_costs(
            summarize(spec.network, spec.usual), spec.usual, "branch"
        )
    ]
    assert "p.out (1 x 2 of 2 x 2 patches)" in names


def test_calls_of_one_shape_are_counted_and_not_walked():
    # A call of a call, and so on: 3 to the power of 18 of the innermost.
    blocks = "".join(
        f"  B{n}: {{modules: {{b: B{n + 1}}}, forward: {{out: x | b | b | b}}}}\n"
        for n in range(17)
    )
    text = (
        "medt-gen: 1\nclass: Net\ninput: {channels: 1, size: 2}\nmodules: {b: B0}\n"
        f"blocks:\n{blocks}  B17: {{modules: {{r: ReLU}}, forward: {{out: x | r}}}}\n"
        "forward: {out: x | b}\n"
    )
    rows = cost_rows(text)
    (deepest,) = [row for row in rows.values() if row.type == "ReLU"]
    assert deepest.calls == 3**17
    assert rows["b"].output_bytes == 4 * 4 * 3**17


def test_a_class_without_a_flow_holds_and_does_nothing():
    text = (
        "medt-gen: 1\nclass: Net\ninput: {channels: 2, size: 8}\nmodules:\n"
        "  c: {type: Conv2d, in_channels: 2, out_channels: 5, kernel_size: 1}\n"
    )
    spec = medt_gen.load(text=text)
    summary = summarize(spec.network, spec.usual)
    assert summary.outputs is None
    assert summary.totals.multiply_adds == 0
    assert summary.totals.parameters == 15
