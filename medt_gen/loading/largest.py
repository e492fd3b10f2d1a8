"""`input: {largest: 256}`: the network for the largest size that will be met.

It has to be the network for the usual size, but for the length of axes that attention
is made for: a table of relative positions serves every shorter axis.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from medt_gen.algebra.terms import as_data
from medt_gen.catalog.arguments import LENGTH
from medt_gen.loading.size_hint import Attempts, with_sizes
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput
from medt_gen.messages.faulty import FAULTY
from medt_gen.messages.problems import Problems
from medt_gen.network.records import Group, Instance, Leaf, Module, Network, Use
from medt_gen.resolve.network import resolve_network
from medt_gen.spec.declarations import InputSize, NetworkDeclaration


def at_largest(
    network: Network,
    declared: NetworkDeclaration,
    attempts: Attempts,
    problems: Problems,
) -> Network:
    """The network for the largest size; the one for the usual size where none is said.

    Raises InvalidInput where the largest size does not go through, or where weights
    depend on the size.
    """
    given = declared.input
    if given is FAULTY or given.largest is None:
        return network
    other = with_size(declared, given.largest)
    own = Problems()
    found = resolve_network(other, attempts.types, own, attempts.limits)
    if found is None or own.errors:
        told = with_sizes(own.in_order(), other, attempts)
        raise InvalidInput(*(_of_the_largest(item) for item in told))
    for usual, largest in fixed_by_size(network, found):
        _complain(usual, largest, given.largest, problems)
    problems.stop_on_errors()
    return found


def _of_the_largest(item: Diagnostic) -> Diagnostic:
    return replace(item, message=f"for the largest size, {item.message}")


def with_size(declared: NetworkDeclaration, size: InputSize) -> NetworkDeclaration:
    """The network with an input of another size."""
    assert declared.input is not FAULTY
    return replace(declared, input=replace(declared.input, size=size, largest=None))


def fixed_by_size(one: Network, other: Network) -> Iterator[tuple[Module, Module]]:
    """Layers that differ, of two networks that differ in the size of their input."""
    return _in_instances(one.root, other.root)


def _in_instances(one: Instance, other: Instance) -> Iterator[tuple[Module, Module]]:
    for left, right in zip(one.modules, other.modules, strict=True):
        yield from _in_modules(left, right)


def _in_modules(one: Module, other: Module) -> Iterator[tuple[Module, Module]]:
    left, right = one.body, other.body
    if isinstance(left, Use) and isinstance(right, Use):
        yield from _in_instances(left.instance, right.instance)
    elif isinstance(left, Group) and isinstance(right, Group):
        for child, twin in zip(left.children, right.children, strict=True):
            yield from _in_modules(child, twin)
    elif isinstance(left, Leaf) and isinstance(right, Leaf):
        alike = _but_for_lengths(left) == _but_for_lengths(right)
        yield from () if alike else ((one, other),)


def _but_for_lengths(leaf: Leaf) -> dict[str, object]:
    """The arguments of a layer that no other size may change."""
    return {
        name: as_data(value)
        for name, value in leaf.arguments.items()
        if leaf.layer.argument(name).default is not LENGTH
    }


def _complain(
    usual: Module, largest: Module, size: InputSize, problems: Problems
) -> None:
    left, right = usual.body, largest.body
    assert isinstance(left, Leaf)
    assert isinstance(right, Leaf)
    before, after = _but_for_lengths(left), _but_for_lengths(right)
    name = next(key for key in after if before.get(key) != after[key])
    problems.error(
        "shape-mismatch",
        f"with `largest:`, `{usual.declaration.label}` would need `{name}` "
        f"{before.get(name)} for the usual size and {after[name]} for the largest",
        size.place,
        "make its size the same for all inputs, as by `mean()` before it, or leave out "
        "`largest:`",
    )
