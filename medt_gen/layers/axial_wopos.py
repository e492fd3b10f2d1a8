"""Axial attention without positions."""

from medt_gen.layers.axial_attention import AxialAttention


class AxialAttention_wopos(AxialAttention):
    """AxialAttention without positions: y = n_sv(softmax(n_qk(q k)) v)."""

    def __init__(
        self,
        channels: int,
        heads: int = 8,
        *,
        axis: str,
        stride: int = 1,
        volume: bool = False,
    ) -> None:
        super().__init__(
            channels, heads, span=None, axis=axis, stride=stride, volume=volume
        )
