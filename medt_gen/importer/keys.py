"""The keys and shapes of a reference network -> the tree that it prints.

Keys tell layers with weights, tables of relative positions the lengths of axes, gates
the kind of attention. Strides, layers without weights and the class are not in them:
those are the reference networks' own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from medt_gen.catalog import LAYERS
from medt_gen.catalog.attention import AttentionKind
from medt_gen.catalog.containers import SEQUENTIAL
from medt_gen.importer.options import Size
from medt_gen.importer.skeleton import Branch, find_branch, sorted_names
from medt_gen.importer.stages import BLOCK_KINDS
from medt_gen.network.prints_layers import layer_node
from medt_gen.paths.keys import TensorShapes
from medt_gen.printouts.tree import Node

_CLASSES = ("ResAxialAttentionUNet", "medt_net")
_STEM_STRIDE = _STAGE_STRIDE = _DEEPEST_STRIDE = 2

Parts = dict[str, TensorShapes]


class UnknownKeysError(ValueError):
    """Keys that are not those of a reference network; the message says which."""


@dataclass(frozen=True, eq=False)
class BlockKeys:
    """What the keys of one block tell."""

    type: str
    in_channels: int
    planes: int
    heads: int
    span: Size | None
    downsample: bool


@dataclass(frozen=True)
class KeyTree:
    """The printed tree of the keys; `seen` has each branch's input, if tables tell."""

    root: Node
    seen: dict[str, Size]


def tree_of(shapes: TensorShapes) -> KeyTree:
    """The tree that a reference network of these keys prints.

    Raises UnknownKeysError for any other network.
    """
    modules = _by_first(shapes)
    rows = {name: _row(name, part) for name, part in modules.items()}
    branches = _branches(rows)
    completed = [_completed(branch, modules) for branch in branches]
    for branch in completed:
        rows |= branch.rows
    name = _CLASSES[min(len(branches) - 1, 1)]
    return KeyTree(
        Node("", name, (), tuple(_with_silent(rows, branches))),
        {branch.suffix: branch.seen for branch in completed if branch.seen is not None},
    )


def _branches(rows: Mapping[str, Node]) -> list[Branch]:
    """The branches of the network, the one that sees the whole image first."""
    names = sorted_names(rows)
    branches = []
    for suffix, groups in names.numbered.items():
        branch = find_branch(suffix, groups, rows)
        if branch is None:
            raise UnknownKeysError(
                "the modules are not a stem, stages of axial attention and decoders"
            )
        branches.append(branch)
    if not branches or branches[0].suffix:
        raise UnknownKeysError("there is no branch that sees the whole image")
    return branches


def _by_first(shapes: TensorShapes) -> Parts:
    """The tensors of each module of the network, by the rest of their keys."""
    parts: Parts = defaultdict(dict)
    for key, shape in shapes.items():
        name, dot, rest = key.partition(".")
        if not dot:
            raise UnknownKeysError(f"`{key}` belongs to no module")
        parts[name][rest] = shape
    return dict(parts)


def _row(name: str, part: TensorShapes) -> Node:
    """A row of the right type; strides of convolutions come later."""
    if "running_mean" in part:
        features = part["running_mean"][0]
        return layer_node(name, "BatchNorm2d", {"num_features": features})
    if "weight" in part and len(part["weight"]) == 4:
        return _convolution(name, part)
    if any(key.startswith("0.") for key in part):
        return Node(name, SEQUENTIAL)
    raise UnknownKeysError(f"`{name}` is no layer of a reference network")


def _convolution(name: str, part: TensorShapes, **more: Any) -> Node:
    out, inner, height, width = part["weight"]
    kernel: Any = height if height == width else [height, width]
    padding: Any = height // 2 if height == width else [height // 2, width // 2]
    given = {
        "in_channels": inner,
        "out_channels": out,
        "kernel_size": kernel,
        "padding": padding,
        "bias": "bias" in part,
    }
    return layer_node(name, "Conv2d", {**given, **more})


@dataclass(frozen=True)
class _Completed:
    """The rows of a branch whose strides are known, and the input that it sees."""

    suffix: str
    rows: Mapping[str, Node]
    seen: Size | None


def _completed(branch: Branch, modules: Parts) -> _Completed:
    first = branch.stem[0].convolution
    rows = {first: _convolution(first, modules[first], stride=_STEM_STRIDE)}
    if len(branch.decoders) == len(branch.stages) + 1:
        deepest = branch.decoders[0]
        rows[deepest] = _convolution(deepest, modules[deepest], stride=_DEEPEST_STRIDE)
    stages = {name: _blocks(name, modules[name]) for name in branch.stages}
    every = [block for blocks in stages.values() for block in blocks]
    following = dict(pairwise(every))
    for number, (name, blocks) in enumerate(stages.items()):
        nodes = []
        for place, block in enumerate(blocks):
            usual = _STAGE_STRIDE if number > 0 and place == 0 else 1
            stride = _stride(block, following.get(block), usual)
            nodes.append(_block_node(str(place), block, stride))
        rows[name] = Node(name, SEQUENTIAL, (), tuple(nodes))
    span = every[0].span
    seen = tuple(_STEM_STRIDE * length for length in span) if span is not None else None
    return _Completed(branch.suffix, rows, seen)


def _stride(block: BlockKeys, following: BlockKeys | None, usual: int) -> int:
    """From the lengths of axes; else as is `usual` in the reference networks."""
    if block.span and following is not None and following.span:
        return max(block.span[0] // following.span[0], 1)
    return usual


def _blocks(stage: str, part: TensorShapes) -> list[BlockKeys]:
    heads = {key.partition(".")[0] for key in part}
    numbers = sorted(int(n) for n in heads if n.isdecimal() and len(n) < 10)
    return [_block(f"{stage}.{number}", part, f"{number}.") for number in numbers]


def _block(path: str, part: TensorShapes, prefix: str) -> BlockKeys:
    own = {k.removeprefix(prefix): v for k, v in part.items() if k.startswith(prefix)}
    try:
        planes, channels = own["conv_down.weight"][:2]
        similarity = own["hight_block.bn_similarity.weight"][0]
    except (KeyError, IndexError, ValueError):
        raise UnknownKeysError(f"`{path}` is no block of axial attention") from None
    block = _block_type(own)
    return BlockKeys(
        block,
        channels,
        planes,
        similarity // BLOCK_KINDS[block].terms,
        _span(own),
        any(key.startswith("downsample.") for key in own),
    )


def _block_type(own: TensorShapes) -> str:
    """The block whose attention holds the most of the tensors that are there."""

    def held(kind: AttentionKind) -> int:
        names = LAYERS[kind.name].own_names
        there = all(f"hight_block.{name}" in own for name in names)
        return len(names) if there else -1

    return max(BLOCK_KINDS, key=lambda block: held(BLOCK_KINDS[block]))


def _span(own: TensorShapes) -> Size | None:
    tables = (own.get("hight_block.relative"), own.get("width_block.relative"))
    lengths = [(table[1] + 1) // 2 for table in tables if table and len(table) == 2]
    return tuple(lengths) if len(lengths) == 2 else None


def _block_node(name: str, block: BlockKeys, stride: int) -> Node:
    planes, out = block.planes, 2 * block.planes
    plain = {"kernel_size": 1, "bias": False}
    attention = {"channels": planes, "heads": block.heads}
    down = {"in_channels": block.in_channels, "out_channels": planes}
    up = {"in_channels": planes, "out_channels": out}
    rows = [layer_node("conv_down", "Conv2d", {**down, **plain})]
    kind = BLOCK_KINDS[block.type]
    if not kind.positions:
        same = {"in_channels": planes, "out_channels": planes, "kernel_size": 1}
        rows.append(layer_node("conv1", "Conv2d", same))
    rows += [
        layer_node("bn1", "BatchNorm2d", {"num_features": planes}),
        layer_node("hight_block", kind.name, attention),
        layer_node("width_block", kind.name, {**attention, "stride": stride}),
        layer_node("conv_up", "Conv2d", {**up, **plain}),
        layer_node("bn2", "BatchNorm2d", {"num_features": out}),
        layer_node("relu", "ReLU", {"inplace": True}),
    ]
    if block.downsample:
        shortcut = {"in_channels": block.in_channels, "out_channels": out, **plain}
        inner = (
            layer_node("0", "Conv2d", {**shortcut, "stride": stride}),
            layer_node("1", "BatchNorm2d", {"num_features": out}),
        )
        rows.append(Node("downsample", SEQUENTIAL, (), inner))
    return Node(name, block.type, (), tuple(rows))


def _with_silent(rows: dict[str, Node], branches: list[Branch]) -> list[Node]:
    """The rows with those that have no tensors, where the reference has them."""
    behind: dict[str, Node] = {}
    for branch in branches:
        last = branch.stem[-1].norm
        relu = layer_node(f"relu{branch.suffix}", "ReLU", {"inplace": True})
        behind[last] = relu
    numbered = {name for branch in branches for name in branch.names}
    for name, row in rows.items():
        if name not in numbered and "kernel_size=(1, 1)" in "".join(row.attributes):
            endings = (b.suffix for b in branches[1:] if name.endswith(b.suffix))
            suffix = next(endings, "")
            behind[name] = layer_node(f"soft{suffix}", "Softmax", {"dim": 1})
    found = []
    for name, row in rows.items():
        found.append(row)
        if name in behind:
            found.append(behind[name])
    return found
