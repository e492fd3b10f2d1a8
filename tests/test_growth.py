"""Work grows with a spec as its modules do, and not with their square.

What is counted is lines of Python that run, so that the machine does not matter.
"""

from __future__ import annotations

import sys

import pytest

import medt_gen
from medt_gen.network.prints import printed_tree
from medt_gen.network.summary import summarize
from medt_gen.printout import render
from medt_gen.showing.text import written_out

WARM, FEW, MANY = 5, 60, 480


def chain(modules):
    """A spec of that many convolutions, one after the other."""
    names = [f"m{number}" for number in range(modules)]
    lines = [f"  {x}: {{type: Conv2d, out_channels: 4, kernel_size: 1}}" for x in names]
    flow = f"forward: {{out: x | {' | '.join(names)}}}"
    head = ["medt-gen: 1", "class: Net", "input: {channels: 4, size: 8}", "modules:"]
    return "\n".join([*head, *lines, flow])


def lines_run(work):
    """How many lines run, each turn of a comprehension counted."""
    count = 0

    def traced(frame, event, argument):
        nonlocal count
        count += event == "line"
        return traced

    before = sys.gettrace()
    sys.settrace(traced)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


WORKS = {
    "load": lambda text, spec: medt_gen.load(text=text),
    "summary": lambda text, spec: summarize(spec.network, spec.usual),
    "show": lambda text, spec: written_out(spec),
    "printout": lambda text, spec: render(printed_tree(spec.network)),
    "emit": lambda text, spec: medt_gen.emit(spec),
}


@pytest.mark.parametrize("name", WORKS)
def test_eight_times_the_modules_are_eight_times_the_work(name):
    counts = []
    for modules in (WARM, FEW, MANY):
        text = chain(modules)
        spec = medt_gen.load(text=text)
        counts.append(lines_run(lambda: WORKS[name](text, spec)))  # noqa: B023
    _, few, many = counts
    assert many < 1.05 * MANY / FEW * few
