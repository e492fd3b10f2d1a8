"""Every module of a resolved network, with the path that it has in the built one."""

from __future__ import annotations

from collections.abc import Iterator

from medt_gen.network.records import Group, Instance, Module, Network, Use
from medt_gen.paths.keys import join


def walk_network(network: Network) -> Iterator[tuple[str, Module]]:
    """Yield (path, module) for each, in printed order: what holds others before them.

    A tensor that a class holds itself is one, too.
    """
    return _of_instance(network.root, "")


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
