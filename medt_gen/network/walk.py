"""The modules of a resolved network: by path as built, or once for each instance."""

from __future__ import annotations

from collections.abc import Iterator

from medt_gen.network.records import Group, Instance, Leaf, Module, Network, Use
from medt_gen.paths.keys import join


def walk_network(network: Network) -> Iterator[tuple[str, Module]]:
    """Yield (path, module) for each, in printed order: what holds others before them.

    A tensor that a class holds itself is one, too.
    """
    return _of_instance(network.root, "")


def network_leaves(network: Network) -> Iterator[Leaf]:
    """Every layer of the network, those of a block once, however often it is used."""
    blocks = (instance for block in network.blocks for instance in block.instances)
    for instance in (network.root, *blocks):
        for body in bodies(instance):
            if isinstance(body, Leaf):
                yield body


def bodies(of: Instance | Group) -> Iterator[Leaf | Use]:
    """The layers and the uses of blocks directly in it, also those in containers."""
    for module in of.modules if isinstance(of, Instance) else of.children:
        if isinstance(module.body, Group):
            yield from bodies(module.body)
        elif isinstance(module.body, Leaf | Use):
            yield module.body


def _of_instance(instance: Instance, path: str) -> Iterator[tuple[str, Module]]:
    for module in instance.modules:
        yield from _of_module(module, join(path, module.name))


def _of_module(module: Module, path: str) -> Iterator[tuple[str, Module]]:
    yield path, module
    body = module.body
    if isinstance(body, Use):
        yield from _of_instance(body.instance, path)
    elif isinstance(body, Group):
        for child in body.children:
            yield from _of_module(child, join(path, child.name))
