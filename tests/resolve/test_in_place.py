"""A module that works in place changes nothing that someone else still reads."""

import re

import pytest

import medt_gen
from medt_gen.messages.diagnostics import InvalidInput

# Not all that is declared is used.
pytestmark = pytest.mark.filterwarnings("ignore::medt_gen.SpecWarning")

HEAD = """
medt-gen: 1
input: {channels: 4, size: 16}
blocks:
  Same: {modules: {r: {type: ReLU, unused: true}}, forward: {out: x}}
  Fresh: {modules: {r: ReLU}, forward: {out: x | r}}
  Changed: {modules: {r: {type: ReLU, inplace: true}}, forward: {out: x | r}}
"""
MODULES = {
    "conv": "{type: Conv2d, out_channels: 4, kernel_size: 1}",
    "relu": "ReLU",
    "change": "{type: ReLU, inplace: true}",
    "none": "{type: ReLU, inplace: true, when: false}",
    "keep": "{type: ReLU, inplace: false}",
    "same": "Identity",
    "block_same": "Same",
    "block_fresh": "Fresh",
    "block_change": "Changed",
    "chain": "{type: Sequential, modules: [Identity, Identity]}",
    "fresh_chain": "{type: Sequential, modules: [Identity, ReLU]}",
}


def codes(flow):
    """The errors of a network with the modules that its flow calls."""
    called = re.findall(r"\| (\w+)\b(?!\()", flow)
    modules = "".join(f"  {name}: {MODULES[name]}\n" for name in dict.fromkeys(called))
    try:
        medt_gen.load(text=f"{HEAD}modules:\n{modules}{flow}")
    except InvalidInput as error:
        return [item.code for item in error.diagnostics if item.severity == "error"]
    return []


ALLOWED = {
    "on what a module made": "forward: {out: x | conv | change}",
    "twice": "forward: {out: x | conv | change | change}",
    "on a value that nobody else reads": "forward:\n  a: x | conv\n  out: a | change",
    "on what another module made of it": (
        "forward:\n  a: x | conv\n  b: a | relu | change\n  out: b | add(a)"
    ),
    "where it is said not to": "forward: {out: x | keep}",
    "on a copy of the input": "forward: {out: x | relu | change}",
    "on what an operation made": (
        "forward:\n  a: x | conv\n  b: a | relu() | change\n  out: a | add(b)"
    ),
    "on what a block made": (
        "forward:\n  a: x | conv\n  b: a | block_fresh | change\n  out: a | add(b)"
    ),
    "on what a chain made": (
        "forward:\n  a: x | conv\n  b: a | fresh_chain | change\n  out: a | add(b)"
    ),
    "where it does not exist": (
        "forward:\n  a: x | conv\n  b: a | none\n  out: a | add(b)"
    ),
    "on patches, which are a copy": (
        "forward:\n  a: x | conv\n  b:\n    patches: {of: a, grid: [2, 2], as: p}\n"
        "    forward: {out: p | conv | change}\n  out: a | add(b)"
    ),
    "on what came of patches": (
        "forward:\n  b:\n    patches: {of: x, grid: [2, 2], as: p}\n"
        "    forward: {out: p}\n  out: b | change"
    ),
}


@pytest.mark.parametrize("flow", ALLOWED.values(), ids=ALLOWED)
def test_working_in_place_is_fine(flow):
    assert codes(flow) == []


REFUSED = {
    "on the input": "forward: {out: x | change}",
    "on the input by another name": "forward:\n  a: x\n  out: a | change",
    "on a value that is read again": (
        "forward:\n  a: x | conv\n  b: a | change\n  out: b | add(a)"
    ),
    "on one that was read before": (
        "forward:\n  a: x | conv\n  b: a | relu()\n  c2: a | change\n  out: b | add(c2)"
    ),
    "by another name": (
        "forward:\n  a: x | conv\n  b: a\n  d: b | change\n  out: d | add(a)"
    ),
    "by another name that is read again": (
        "forward:\n  a: x | conv\n  b: a\n  d: b | change\n  out: d | add(b)"
    ),
    "through a module that gives what it gets": (
        "forward:\n  a: x | conv\n  b: a | same | change\n  out: b | add(a)"
    ),
    "through a block that gives what it gets": (
        "forward:\n  a: x | conv\n  b: a | block_same | change\n  out: b | add(a)"
    ),
    "through a chain that gives what it gets": (
        "forward:\n  a: x | conv\n  b: a | chain | change\n  out: b | add(a)"
    ),
    "through one that does not exist": (
        "forward:\n  a: x | conv\n  b: a | none | change\n  out: b | add(a)"
    ),
    "through a view": (
        "forward:\n  a: x | conv\n  b: a | flatten() | change\n  out: a | flatten() | add(b)"
    ),
    "on a patch": (
        "forward:\n  out:\n    patches: {of: x, grid: [2, 2], as: p}\n"
        "    forward: {out: p | change}"
    ),
    "the second time that a module is called": (
        "forward:\n  a: x | conv | same\n  b: a | same | change\n  out: b | add(a)"
    ),
}


@pytest.mark.parametrize("flow", REFUSED.values(), ids=REFUSED)
def test_working_in_place_would_change_what_is_read(flow):
    assert codes(flow) == ["in-place"]


def test_a_block_may_not_change_what_it_gets():
    assert codes("forward: {out: x | conv | block_change}") == ["in-place"]
