"""Self-attention along one axis of an image: what all its kinds have in common."""

import torch
from torch import Tensor, nn


class qkv_transform(nn.Conv1d):
    """The 1x1 projection to queries, keys and values; the name is what it prints."""


class AxialLayer(nn.Module):
    """Axial attention by content alone (Wang et al., ECCV 2020, arXiv:2003.07853).

    Every line of the image along the axis is one sequence of length L. Of a head's
    4 * (d / 2) projected channels (d = channels / heads), q and k take d / 2 each, v takes d.
    """

    similarities = 1  # terms that bn_similarity normalises: qk
    outputs = 1  # terms that bn_output normalises: sv

    def __init__(
        self,
        channels: int,
        heads: int,
        axis: str,
        stride: int,
        patches: int,
        volume: bool,
    ) -> None:
        super().__init__()
        self.heads, self.patches = heads, patches
        self.dim = {"depth": -3, "height": -2, "width": -1}[axis]
        self.qkv_transform = qkv_transform(channels, 2 * channels, 1, bias=False)
        self.bn_qkv = nn.BatchNorm1d(2 * channels)
        self.bn_similarity = nn.BatchNorm2d(self.similarities * heads)
        self.bn_output = nn.BatchNorm1d(self.outputs * channels)
        if stride > 1:
            self.pooling = (nn.AvgPool3d if volume else nn.AvgPool2d)(stride, stride)

    def forward(self, x: Tensor) -> Tensor:
        """[N, C, *size] -> [N, C, *size / stride]"""
        lines = x.movedim((1, self.dim), (-2, -1))  # [N, *others, C, L]
        y = self._attend(lines.flatten(0, -3)).view(lines.shape)
        y = y.movedim((-2, -1), (1, self.dim))
        return self.pooling(y) if hasattr(self, "pooling") else y

    def _attend(self, lines: Tensor) -> Tensor:
        """[B, C, L] -> [B, C, L], as the paper writes it."""
        qkv = self.bn_qkv(self.qkv_transform(lines))
        qkv = qkv.unflatten(1, (self.heads, -1))  # [B, g, 2d, L]
        q, k, v = qkv.tensor_split((qkv.shape[2] // 4, qkv.shape[2] // 2), dim=2)
        logits = self.bn_similarity(torch.cat(self._similarities(q, k), 1))
        logits = logits.unflatten(1, (self.similarities, -1)).sum(1)
        terms = self._outputs(logits.softmax(-1), v)
        y = self.bn_output(torch.stack(terms, 3).flatten(1, 3))
        return y.unflatten(1, (-1, self.outputs)).sum(2)

    def _similarities(self, q: Tensor, k: Tensor) -> list[Tensor]:
        """qk, [B, g, L, L]"""
        return [torch.einsum("bgci,bgcj->bgij", q, k)]

    def _outputs(self, attention: Tensor, v: Tensor) -> list[Tensor]:
        """sv, [B, g, d, L]"""
        return [torch.einsum("bgij,bgcj->bgci", attention, v)]
