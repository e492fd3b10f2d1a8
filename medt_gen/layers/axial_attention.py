"""Axial attention with relative positions."""

import torch
from torch import Tensor, nn

from medt_gen.layers.axial import AxialLayer


class AxialAttention(AxialLayer):
    """Axial attention with relative positions on q, k and v (arXiv:2003.07853, eq. 4).

    channels: in and out, a multiple of 2 * heads; span: the length of the axis;
    axis: height, width or depth; stride: average-pools the result; patches: how many
    patches a batch holds of an image; volume: the input is [N, C, D, H, W].
    """

    similarities = 3  # qk, qr, kr
    outputs = 2  # sv, sve

    def __init__(
        self,
        channels: int,
        heads: int = 8,
        *,
        span: int,
        axis: str,
        stride: int = 1,
        patches: int = 1,
        volume: bool = False,
    ) -> None:
        super().__init__(channels, heads, axis, stride, patches, volume)
        d, steps = channels // heads, torch.arange(span)
        self.relative = nn.Parameter(torch.randn(2 * d, 2 * span - 1))
        index = steps[:, None] - steps + span - 1  # row a, column b: a - b + L - 1
        self.register_buffer("flatten_index", index.flatten())
        nn.init.normal_(self.qkv_transform.weight, std=channels**-0.5)
        nn.init.normal_(self.relative, std=d**-0.5)

    def _embeddings(self) -> tuple[Tensor, ...]:
        """R_q, R_k, R_v for each pair of places: [d / 2 or d, L, L], entry a, b at a - b"""
        rows, span = self.relative.shape[0], (self.relative.shape[1] + 1) // 2
        table = self.relative.index_select(1, self.flatten_index)
        return table.view(-1, span, span).tensor_split((rows // 4, rows // 2))

    def _similarities(self, q: Tensor, k: Tensor) -> list[Tensor]:
        r_q, r_k, _ = self._embeddings()
        qr = torch.einsum("bgci,cij->bgij", q, r_q)
        kr = torch.einsum("bgcj,cji->bgij", k, r_k)
        return [*super()._similarities(q, k), qr, kr]

    def _outputs(self, attention: Tensor, v: Tensor) -> list[Tensor]:
        sve = torch.einsum("bgij,cij->bgci", attention, self._embeddings()[2])
        return [*super()._outputs(attention, v), sve]
