"""Which tensors a network holds: the keys of its state_dict and their shapes.

Of a printed tree only what its layers of torch.nn hold is known: parameters of a
module's own (tables of relative positions, gates) are not printed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from medt_gen.catalog import LAYERS
from medt_gen.catalog.containers import CONTAINERS
from medt_gen.network.prints_attention import GATED, POSITION_FREE, attention_node
from medt_gen.network.prints_layers import NotInCatalog, axes_of, filled, read_arguments
from medt_gen.network.records import Group, Instance, Leaf, Module, Network, Use
from medt_gen.paths.keys import TensorShapes, join
from medt_gen.printouts.tree import Node, walk

Shape = tuple[int, ...]
_PROJECTION = "qkv_transform"


def network_tensors(network: Network) -> TensorShapes:
    """Every key of the state_dict with its shape, in its order."""
    return dict(_of_instance(network.root, ""))


def _of_instance(instance: Instance, path: str) -> Iterator[tuple[str, Shape]]:
    for module in instance.modules:
        yield from _of_module(module, join(path, module.name))


def _of_module(module: Module, path: str) -> Iterator[tuple[str, Shape]]:
    body = module.body
    if isinstance(body, Use):
        yield from _of_instance(body.instance, path)
    elif isinstance(body, Group):
        for child in body.children:
            yield from _of_module(child, join(path, child.name))
    elif isinstance(body, Leaf):
        yield from _of_leaf(body, path)


def _of_leaf(leaf: Leaf, path: str) -> Iterator[tuple[str, Shape]]:
    arguments = filled(leaf.layer, leaf.arguments)
    if leaf.layer.origin == "nn":
        yield from _named(path, layer_tensors(leaf.layer.name, arguments))
        return
    name = leaf.layer.name
    yield from _named(path, _own_of_attention(name, arguments))
    tree = attention_node("", name, leaf.arguments, leaf.volume)
    for key, shape in printed_tensors(tree).shapes.items():
        yield join(path, key), shape


def _named(path: str, shapes: TensorShapes) -> Iterator[tuple[str, Shape]]:
    for name, shape in shapes.items():
        yield join(path, name), shape


def _own_of_attention(name: str, arguments: dict[str, Any]) -> TensorShapes:
    if name == POSITION_FREE:
        return {}
    span, width = arguments["span"], arguments["channels"] // arguments["heads"]
    table: TensorShapes = {
        "relative": (2 * width, 2 * span - 1),
        "flatten_index": (span * span,),
    }
    return {**dict.fromkeys(_GATES, ()), **table} if name == GATED else table


_GATES = ("f_qr", "f_kr", "f_sve", "f_sv")
_TABLES = ("relative", "flatten_index")
_UNSHOWN = {
    "AxialAttention": _TABLES,
    GATED: (*_GATES, *_TABLES),
    POSITION_FREE: (),
}


@dataclass(frozen=True)
class PrintedTensors:
    """What a printed tree says of tensors.

    `shapes` are those of its known layers; `unshown` are keys that an axial attention
    has, with shapes that it does not print; `silent` are the paths of modules that may
    hold tensors of which nothing is known.
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
        try:
            known = "Conv1d" if node.type == _PROJECTION else node.type
            arguments = filled(LAYERS[known], read_arguments(known, node.attributes))
        except (NotInCatalog, KeyError):
            if node.type in _UNSHOWN:
                unshown |= {join(path, name) for name in _UNSHOWN[node.type]}
            elif node.type not in CONTAINERS:
                silent.add(path)
            continue
        shapes.update(_named(path, layer_tensors(known, arguments)))
    return PrintedTensors(shapes, frozenset(unshown), frozenset(silent))


def layer_tensors(name: str, arguments: dict[str, Any]) -> TensorShapes:
    """The parameters and buffers of a layer of torch.nn, by their names."""
    rule = _RULES.get(name.rstrip("123d") if axes_of(name) else name)
    return rule(arguments, axes_of(name)) if rule else {}


def _convolution(arguments: dict[str, Any], axes: int) -> TensorShapes:
    kernel = _kernel(arguments["kernel_size"], axes)
    inner = arguments["in_channels"] // arguments["groups"]
    return _weighted((arguments["out_channels"], inner, *kernel), arguments)


def _transposed(arguments: dict[str, Any], axes: int) -> TensorShapes:
    kernel = _kernel(arguments["kernel_size"], axes)
    inner = arguments["out_channels"] // arguments["groups"]
    return _weighted((arguments["in_channels"], inner, *kernel), arguments)


def _kernel(value: Any, axes: int) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, list) else (value,) * axes


def _weighted(weight: Shape, arguments: dict[str, Any]) -> TensorShapes:
    shapes: TensorShapes = {"weight": weight}
    if arguments["bias"]:
        shapes["bias"] = (arguments.get("out_channels", weight[0]),)
    return shapes


def _linear(arguments: dict[str, Any], _axes: int) -> TensorShapes:
    weight = arguments["out_features"], arguments["in_features"]
    return _weighted(weight, arguments)


def _tracked_norm(arguments: dict[str, Any], _axes: int) -> TensorShapes:
    features = (arguments["num_features"],)
    shapes: TensorShapes = {}
    if arguments["affine"]:
        shapes = {"weight": features, "bias": features}
    if arguments["track_running_stats"]:
        shapes |= {"running_mean": features, "running_var": features}
        shapes["num_batches_tracked"] = ()
    return shapes


def _group_norm(arguments: dict[str, Any], _axes: int) -> TensorShapes:
    channels = (arguments["num_channels"],)
    return {"weight": channels, "bias": channels} if arguments["affine"] else {}


def _layer_norm(arguments: dict[str, Any], _axes: int) -> TensorShapes:
    given = arguments["normalized_shape"]
    shape = tuple(given) if isinstance(given, list) else (given,)
    if not arguments["elementwise_affine"]:
        return {}
    return {"weight": shape, "bias": shape} if arguments["bias"] else {"weight": shape}


def _root_mean_square_norm(arguments: dict[str, Any], axes: int) -> TensorShapes:
    return _layer_norm({**arguments, "bias": False}, axes)


def _slopes(arguments: dict[str, Any], _axes: int) -> TensorShapes:
    return {"weight": (arguments["num_parameters"],)}


def _embedding(arguments: dict[str, Any], _axes: int) -> TensorShapes:
    return {"weight": (arguments["num_embeddings"], arguments["embedding_dim"])}


_RULES: dict[str, Callable[[dict[str, Any], int], TensorShapes]] = {
    "Conv": _convolution,
    "ConvTranspose": _transposed,
    "BatchNorm": _tracked_norm,
    "InstanceNorm": _tracked_norm,
    "GroupNorm": _group_norm,
    "LayerNorm": _layer_norm,
    "RMSNorm": _root_mean_square_norm,
    "Linear": _linear,
    "PReLU": _slopes,
    "Embedding": _embedding,
}
