"""Which tensors a network holds: the keys of its state_dict and their shapes.

Of a printed tree only what its layers of torch.nn hold is known: parameters of a
module's own (tables of relative positions, gates) are not printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from medt_gen.catalog.arguments import terms
from medt_gen.catalog.containers import CONTAINERS
from medt_gen.catalog.layers import PRINTED_LAYERS
from medt_gen.network.prints_layers import NotInCatalog, read_text
from medt_gen.network.records import (
    Group,
    Instance,
    Leaf,
    Module,
    Network,
    OwnParameter,
    Use,
)
from medt_gen.paths.keys import Shape, TensorShapes, join
from medt_gen.printouts.tree import Node, walk


def network_tensors(network: Network) -> TensorShapes:
    """Every key of the state_dict with its shape, in its order.

    Those of open modules are not known, and left out.
    """
    return dict(_of_instance(network.root, ""))


def _of_instance(instance: Instance, path: str) -> Iterator[tuple[str, Shape]]:
    # A module's own tensors come before those of the modules in it.
    for module in instance.modules:
        if isinstance(module.body, OwnParameter):
            yield join(path, module.name), module.body.numbers
    for module in instance.modules:
        yield from _of_module(module, join(path, module.name))


def _of_module(module: Module, path: str) -> Iterator[tuple[str, Shape]]:
    body = module.body
    if isinstance(body, Use):
        yield from _of_instance(body.instance, path)
    elif isinstance(body, Group):
        for tensor in body.printed.tensors if body.printed else ():
            yield join(path, tensor.name), tensor.shape
        for child in body.children:
            yield from _of_module(child, join(path, child.name))
    elif isinstance(body, Leaf):
        for tensor in body.layer.tensors(body.values, body.rank):
            yield join(path, tensor.name), tensor.shape


@dataclass(frozen=True)
class PrintedTensors:
    """What a printed tree says of tensors.

    `shapes` are those of its known layers; `unshown` are keys that a layer has, with
    shapes that it does not print; `silent` are the paths of modules that may hold
    tensors of which nothing is known.
    """

    shapes: TensorShapes
    unshown: frozenset[str]
    silent: frozenset[str]


def printed_tensors(root: Node) -> PrintedTensors:
    """The tensors of the layers in a printed tree, in the state_dict's order."""
    shapes: TensorShapes = {}
    unshown: set[str] = set()
    silent: set[str] = set()
    for path, node in walk(root, expand=True):
        layer = PRINTED_LAYERS.get(node.type)
        if layer is None:
            silent |= set() if node.type in CONTAINERS else {path}
            continue
        if layer.keeps_text:
            continue
        if layer.whole is not None:
            # What is inside is printed below.
            if layer.tells_own:
                unshown |= {join(path, name) for name in layer.own_names}
            else:
                silent.add(path)
            continue
        try:
            given = read_text(layer, node.attributes)
        except NotInCatalog:
            silent.add(path)
            continue
        for tensor in layer.holds(layer.filled(terms(given))):
            shapes[join(path, tensor.name)] = tensor.shape
    return PrintedTensors(shapes, frozenset(unshown), frozenset(silent))
