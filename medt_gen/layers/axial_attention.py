"""Axial attention as the paper defines it: self-attention along an axis of an image."""

from typing import NamedTuple

import torch
from torch import Tensor, nn


class RelativePositions(NamedTuple):
    """What a layer has learned of the distance i - j, for every two places i and j."""

    q: Tensor  # R_q[i - j], [c, i, j]
    k: Tensor  # R_k[j - i], [c, i, j]
    v: Tensor  # R_v[i - j], [d, i, j]


class qkv_transform(nn.Conv1d):
    """The 1x1 projection to queries, keys and values; its name is what it prints."""


class AxialAttention(nn.Module):
    """Axial attention along lines of an axis (Wang et al., arXiv:2003.07853, eq. 4).

    In each head, the place i of a line has a query q_i, and every place j of the line a
    key k_j and a value v_j. With a batch norm n for each term,

        logit_ij = n_qk(q_i k_j) + n_qr(q_i R_q[i - j]) + n_kr(k_j R_k[j - i])
        S_ij     = softmax over j of logit_ij
        y_i      = n_sv(sum_j S_ij v_j) + n_sve(sum_j S_ij R_v[i - j])

    The norms of the logits are one module, and those of y another. Shapes: N images of
    O lines of L places, H heads; a query or key has c channels, a value d = 2 c.

    channels: in and out, a multiple of 2 * heads (else ValueError)
    span: L, the length of the axis; None for no positions, without the terms of R
    axis: "depth", "height" or "width"
    stride: of an average pooling at the end
    volume: whether x is [N, C, D, H, W]
    """

    draws_own_weights = True

    def __init__(
        self,
        channels: int,
        heads: int = 8,
        *,
        span: int | None,
        axis: str,
        stride: int = 1,
        volume: bool = False,
    ) -> None:
        super().__init__()
        if channels % (2 * heads):
            raise ValueError(f"{channels} channels, no multiple of 2 x {heads} heads")
        width = channels // heads
        terms, outputs = (1, 1) if span is None else (3, 2)
        self.heads = heads
        self.head_channels = [width // 2, width // 2, width]  # of q, k and v: c, c, d
        self.span = span or 0
        self.dim = {"depth": -3, "height": -2, "width": -1}[axis]
        self.qkv_transform = qkv_transform(channels, 2 * channels, 1, bias=False)
        self.relative: nn.Parameter | None = None
        if span is not None:
            self.relative = nn.Parameter(torch.randn(2 * width, 2 * span - 1))
        self.bn_qkv = nn.BatchNorm1d(2 * channels)
        self.bn_similarity = nn.BatchNorm2d(terms * heads)
        self.bn_output = nn.BatchNorm1d(outputs * channels)
        self.pooling: nn.Module | None = None
        if stride > 1:
            pool = nn.AvgPool3d if volume else nn.AvgPool2d
            self.pooling = pool(stride, stride)
        nn.init.normal_(self.qkv_transform.weight, std=channels**-0.5)
        if self.relative is not None:
            nn.init.normal_(self.relative, std=width**-0.5)
            place = torch.arange(self.span)
            column = place[:, None] - place + self.span - 1  # i - j, counted from 0
            self.register_buffer("flatten_index", column.flatten())

    def forward(self, x: Tensor) -> Tensor:
        """[N, C, *size] -> [N, C, *size / stride]"""
        x = x.movedim(self.dim, 2)
        images, channels, *size = x.shape  # the axis, and what is left of the image
        qkv: Tensor = self.bn_qkv(self.qkv_transform(x.flatten(2)))
        qkv = qkv.view(images, self.heads, sum(self.head_channels), *size).flatten(4)
        q, k, v = torch.split(qkv, self.head_channels, 2)  # [N, H, c or d, L, O]
        positions = None if self.relative is None else self.positions(self.relative)
        y = self.attend(q, k, self.values(v), positions)  # [N, H, d, outputs, L, O]
        y = self.bn_output(y.flatten(1, 3).flatten(2))
        y = torch.unflatten(y, 1, (channels, -1)).sum(2)
        y = y.view_as(x).movedim(2, self.dim)
        return y if self.pooling is None else self.pooling(y)

    def positions(self, relative: Tensor) -> RelativePositions:
        """R for every two places, from a column for each distance [2 d, 2 L - 1]."""
        table = relative[:, self.get_buffer("flatten_index")]
        table = table.view(-1, self.span, self.span)
        q, k, v = torch.split(table, self.head_channels)
        return RelativePositions(q, k.mT, v)

    def values(self, v: Tensor) -> Tensor:
        """What the sum over j is of, [N, H, d, L, O]."""
        return v

    def attend(
        self, q: Tensor, k: Tensor, v: Tensor, positions: RelativePositions | None
    ) -> Tensor:
        """The terms of y: [N, H, c or d, L, O] -> [N, H, d, outputs, L, O]"""
        terms = [torch.einsum("nhcio,nhcjo->nhoij", q, k)]
        if positions is not None:
            terms.append(torch.einsum("nhcio,cij->nhoij", q, positions.q))
            terms.append(torch.einsum("nhcjo,cij->nhoij", k, positions.k))
        stacked = torch.stack(terms, 1)  # [N, terms, H, O, i, j]
        normed = self.bn_similarity(stacked.flatten(1, 2).flatten(2, 3))
        logits = normed.view_as(stacked).sum(1)
        weights = logits.softmax(-1)
        outputs = [torch.einsum("nhoij,nhdjo->nhdio", weights, v)]
        if positions is not None:
            outputs.append(torch.einsum("dij,nhoij->nhdio", positions.v, weights))
        return torch.stack(outputs, 3)
