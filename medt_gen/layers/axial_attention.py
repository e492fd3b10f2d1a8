"""Axial attention as the paper defines it: self-attention along an axis of an image."""

from collections.abc import Callable
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

    The norms of the logits are one module, and those of y another; without `norms` n(t)
    is t. Shapes: N images of O lines of L places, H heads; a query or key has c
    channels, a value d = 2 c.

    channels: in and out, a multiple of 2 * heads (else ValueError)
    span: the largest L; None for no positions, without the terms of R
    axis: "depth", "height" or "width"
    stride: of an average pooling at the end, one for all axes or one for each
    pooling_size, pooling_padding: of its windows, else as long as the stride
    norms: whether n are batch norms
    window: how many places j around i are seen, an odd number; None for all
    volume: whether x is [N, C, D, H, W]
    """

    draws_own_weights = True
    # Models that were saved without these have them so.
    norms = True
    window: int | None = None

    def __init__(
        self,
        channels: int,
        heads: int = 8,
        *,
        span: int | None,
        axis: str,
        stride: int | tuple[int, ...] = 1,
        pooling_size: int | tuple[int, ...] | None = None,
        pooling_padding: int | tuple[int, ...] = 0,
        norms: bool = True,
        window: int | None = None,
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
        self.norms = norms
        self.window = window
        self.dim = {"depth": -3, "height": -2, "width": -1}[axis]
        self.qkv_transform = qkv_transform(channels, 2 * channels, 1, bias=False)
        self.relative: nn.Parameter | None = None
        if span is not None:
            self.relative = nn.Parameter(torch.randn(2 * width, 2 * span - 1))
        if norms:
            self.bn_qkv = nn.BatchNorm1d(2 * channels)
            self.bn_similarity = nn.BatchNorm2d(terms * heads)
            self.bn_output = nn.BatchNorm1d(outputs * channels)
        self.pooling: nn.Module | None = None
        strided = stride > 1 if isinstance(stride, int) else max(stride) > 1
        if strided or pooling_size is not None:
            pool: Callable[..., nn.Module] = nn.AvgPool3d if volume else nn.AvgPool2d
            self.pooling = pool(pooling_size or stride, stride, pooling_padding)
        nn.init.normal_(self.qkv_transform.weight, std=channels**-0.5)
        if self.relative is not None:
            nn.init.normal_(self.relative, std=width**-0.5)
            place = torch.arange(self.span)
            column = place[:, None] - place + self.span - 1  # i - j, counted from 0
            self.register_buffer("flatten_index", column.flatten())

    def forward(self, x: Tensor) -> Tensor:
        """[N, C, *size] -> [N, C, *size / stride], or what other windows leave"""
        x = x.movedim(self.dim, 2)
        images, channels, *size = x.shape  # the axis, and what is left of the image
        qkv: Tensor = self.qkv_transform(x.flatten(2))
        if self.norms:
            qkv = self.bn_qkv(qkv)
        qkv = qkv.view(images, self.heads, sum(self.head_channels), *size).flatten(4)
        q, k, v = torch.split(qkv, self.head_channels, 2)  # [N, H, c or d, L, O]
        positions = None
        if self.relative is not None:
            positions = self.positions(self.relative, x.shape[2])
        y = self.attend(q, k, self.values(v), positions)  # [N, H, d, outputs, L, O]
        y = y.flatten(1, 3).flatten(2)
        if self.norms:
            y = self.bn_output(y)
        y = torch.unflatten(y, 1, (channels, -1)).sum(2)
        y = y.view_as(x).movedim(2, self.dim)
        return y if self.pooling is None else self.pooling(y)

    def positions(self, relative: Tensor, places: int) -> RelativePositions:
        """R for every two places, of a column for each distance [2 d, 2 span - 1]."""
        column = self.get_buffer("flatten_index").view(self.span, self.span)
        if isinstance(places, torch.SymInt):
            # By index: a slice would tell an exporter whether it is the whole.
            place = torch.arange(places, device=relative.device)
            column = column[place[:, None], place]
        elif not torch._C._get_tracing_state():  # a trace is of one length
            column = column[:places, :places]
        table = relative[:, column]
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
        if self.norms:
            normed = self.bn_similarity(stacked.flatten(1, 2).flatten(2, 3))
            stacked = normed.view_as(stacked)
        logits = stacked.sum(1)
        if self.window is not None:
            place = torch.arange(logits.shape[-1], device=logits.device)
            far = (place[:, None] - place).abs() > self.window // 2
            logits = logits.masked_fill(far, -torch.inf)
        weights = logits.softmax(-1)
        outputs = [torch.einsum("nhoij,nhdjo->nhdio", weights, v)]
        if positions is not None:
            outputs.append(torch.einsum("dij,nhoij->nhdio", positions.v, weights))
        return torch.stack(outputs, 3)
