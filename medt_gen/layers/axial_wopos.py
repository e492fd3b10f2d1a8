"""Axial attention without positions."""

from typing import Any

from medt_gen.layers.axial_attention import AxialAttention


class AxialAttention_wopos(AxialAttention):
    """AxialAttention without positions: softmax(norm(qk)) v."""

    def __init__(self, channels: int, heads: int = 8, **axial: Any) -> None:
        super().__init__(channels, heads, span=None, **axial)
