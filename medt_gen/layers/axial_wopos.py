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
        stride: int | tuple[int, ...] = 1,
        pooling_size: int | tuple[int, ...] | None = None,
        pooling_padding: int | tuple[int, ...] = 0,
        norms: bool = True,
        window: int | None = None,
        volume: bool = False,
    ) -> None:
        super().__init__(
            channels,
            heads,
            span=None,
            axis=axis,
            stride=stride,
            pooling_size=pooling_size,
            pooling_padding=pooling_padding,
            norms=norms,
            window=window,
            volume=volume,
        )
