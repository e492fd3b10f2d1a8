"""Axial attention without positions."""

from torch import nn

from medt_gen.layers.axial import AxialLayer


class AxialAttention_wopos(AxialLayer):
    """Axial attention by content alone: softmax(norm(qk)) v.

    channels: in and out, a multiple of 2 * heads; axis: height, width or depth;
    stride: average-pools the result; patches: how many patches a batch holds of an image;
    volume: the input is [N, C, D, H, W].
    """

    def __init__(
        self,
        channels: int,
        heads: int = 8,
        *,
        axis: str,
        stride: int = 1,
        patches: int = 1,
        volume: bool = False,
    ) -> None:
        super().__init__(channels, heads, axis, stride, patches, volume)
        nn.init.normal_(self.qkv_transform.weight, std=channels**-0.5)
