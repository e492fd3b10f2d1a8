"""The parameters that a class holds, with the modules around each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from medt_gen.catalog.arguments import Values
from medt_gen.catalog.entries import LayerType, Role
from medt_gen.network.records import Group, Instance, Leaf, Module, OwnParameter, Use


@dataclass(frozen=True)
class HeldParameter:
    """A parameter: its path from the class, and the printed types on the way there.

    `types` are those of the modules that the path goes through; `own` is how many of
    these stand around the layer that draws its parameters itself, if there is one.
    """

    path: tuple[str, ...]
    types: tuple[str, ...]
    shape: tuple[int, ...]
    own: int | None = None

    @property
    def keys(self) -> list[str]:
        """What `init:` may call it, the most specific first.

        A path from the class; then a type on the way, with the path from there on. A
        layer that draws its own parameters is not entered by the type of a part.
        """
        found = [".".join(self.path)]
        for place, name in enumerate(self.types, 1):
            part = self.own is not None and place - 1 > self.own
            if not (part and place == len(self.types)):
                found.append(".".join((name, *self.path[place:])))
        return found


def held_parameters(instance: Instance) -> list[HeldParameter]:
    """Every parameter of a class, in the order of `parameters()`."""
    return [
        found for module in instance.modules for found in _of_module(module, (), ())
    ]


def _of_module(
    module: Module, path: tuple[str, ...], types: tuple[str, ...]
) -> Iterator[HeldParameter]:
    body = module.body
    if isinstance(body, OwnParameter):
        yield HeldParameter((*path, module.name), types, body.numbers)
        return
    path, types = (*path, module.name), (*types, module.type)
    if isinstance(body, Use):
        for inner in body.instance.modules:
            yield from _of_module(inner, path, types)
    elif isinstance(body, Group):
        for child in body.children:
            yield from _of_module(child, path, types)
    elif isinstance(body, Leaf):
        own = len(types) - 1 if body.layer.whole is not None else None
        yield from _of_layer(body.layer, body.values, body.rank, path, types, own)


def _of_layer(
    layer: LayerType,
    values: Values,
    rank: int,
    path: tuple[str, ...],
    types: tuple[str, ...],
    own: int | None,
) -> Iterator[HeldParameter]:
    for tensor in layer.holds(values):
        if tensor.role is not Role.BUFFER:
            yield HeldParameter((*path, tensor.name), types, tensor.shape, own)
    for part in layer.parts(values, rank):
        inner = (*path, part.name), (*types, part.layer.name)
        yield from _of_layer(part.layer, part.values, rank, *inner, own)
