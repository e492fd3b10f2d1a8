"""Axial attention as torch prints it: four or five layers under one row.

The print shows channels, heads and stride; the axis, the span and the gates are not in
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from medt_gen.catalog import LAYERS
from medt_gen.network.prints_layers import NotInCatalog, filled, printed_arguments
from medt_gen.printouts.tree import Node

POSITION_FREE = "AxialAttention_wopos"
GATED = "AxialAttention_dynamic"
ATTENTIONS = ("AxialAttention", GATED, POSITION_FREE)


def attention_node(
    name: str, type_name: str, given: Mapping[str, Any], volume: bool = False
) -> Node:
    """The row of an axial attention with these arguments, and the rows below it."""
    arguments = filled(LAYERS[type_name], given)
    channels, heads, stride = (
        arguments[key] for key in ("channels", "heads", "stride")
    )
    similarity = (1 if type_name == POSITION_FREE else 3) * heads
    outputs = (1 if type_name == POSITION_FREE else 2) * channels
    rows = [
        _projection(channels),
        layer_node("bn_qkv", "BatchNorm1d", {"num_features": 2 * channels}),
        layer_node("bn_similarity", "BatchNorm2d", {"num_features": similarity}),
        layer_node("bn_output", "BatchNorm1d", {"num_features": outputs}),
    ]
    if stride > 1:
        pool = "AvgPool3d" if volume else "AvgPool2d"
        rows.append(layer_node("pooling", pool, {"kernel_size": stride}))
    return Node(name, type_name, (), tuple(rows))


def _projection(channels: int) -> Node:
    text = printed_arguments(
        LAYERS["Conv1d"],
        {
            "in_channels": channels,
            "out_channels": 2 * channels,
            "kernel_size": 1,
            "bias": False,
        },
    )
    return Node("qkv_transform", "qkv_transform", (text,))


def layer_node(name: str, type_name: str, given: Mapping[str, Any]) -> Node:
    """The row of a layer of torch.nn."""
    text = printed_arguments(LAYERS[type_name], given)
    return Node(name, type_name, (text,) if text else ())


def attention_facts(node: Node) -> dict[str, Any]:
    """Channels, heads and stride of a printed axial attention, and if it is 3-d.

    Raises NotInCatalog where its rows are not those of such an attention: whoever
    renders `attention_node` of the result must get the same rows.
    """
    rows = {child.name: child for child in node.children}
    channels = _first_number(rows.get("qkv_transform"))
    similarity = _first_number(rows.get("bn_similarity"))
    terms = 1 if node.type == POSITION_FREE else 3
    if not channels or not similarity or similarity % terms:
        raise NotInCatalog(f"these are not the rows of an `{node.type}`")
    found: dict[str, Any] = {"channels": channels, "heads": similarity // terms}
    pooling = rows.get("pooling")
    stride = _stride(pooling)
    if stride > 1:
        found["stride"] = stride
    found["volume"] = pooling is not None and pooling.type == "AvgPool3d"
    return found


def _first_number(node: Node | None) -> int:
    text = node.attributes[0] if node is not None and node.attributes else ""
    digits = text.partition(",")[0].strip()
    return int(digits) if digits.isdecimal() and len(digits) < 10 else 0


def _stride(node: Node | None) -> int:
    text = node.attributes[0] if node is not None and node.attributes else ""
    digits = text.partition("stride=")[2].partition(",")[0].strip()
    return int(digits) if digits.isdecimal() and len(digits) < 10 else 1
