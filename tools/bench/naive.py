"""The reference layers, written from their definition and nothing else.

They are what the fast layers are measured against and tested against: slow, plain, and
with the same parameters, buffers and initial values.
"""

import math
from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn


class AxialAttention_wopos(nn.Module):
    """softmax(norm(qk)) v along one axis of [N, C, H, W]."""

    terms, outputs = 1, 1

    def __init__(
        self, channels: int, heads: int = 8, *, axis: str, stride: int = 1
    ) -> None:
        super().__init__()
        self.heads, self.axis, self.stride = heads, axis, stride
        self.qkv_transform = nn.Conv1d(channels, 2 * channels, 1, bias=False)
        self.add_own(channels // heads)
        self.bn_qkv = nn.BatchNorm1d(2 * channels)
        self.bn_similarity = nn.BatchNorm2d(self.terms * heads)
        self.bn_output = nn.BatchNorm1d(self.outputs * channels)
        if stride > 1:
            self.pooling = nn.AvgPool2d(stride, stride)
        nn.init.normal_(self.qkv_transform.weight, 0.0, math.sqrt(1 / channels))

    def add_own(self, d: int) -> None:
        """Parameters and buffers of the layer itself."""

    def forward(self, x: Tensor) -> Tensor:
        """[N, C, H, W] -> [N, C, H / stride, W / stride]"""
        lines = (0, 3, 1, 2) if self.axis == "height" else (0, 2, 1, 3)
        back = (0, 2, 3, 1) if self.axis == "height" else (0, 2, 1, 3)
        x = x.permute(*lines).contiguous()
        n, others, channels, span = x.shape
        y = self.attend(x.view(n * others, channels, span))
        y = y.view(n, others, channels, span).permute(*back).contiguous()
        return self.pooling(y) if self.stride > 1 else y

    def attend(self, x: Tensor) -> Tensor:
        """[B, C, L] -> [B, C, L]"""
        batch, channels, span = x.shape
        d = channels // self.heads
        qkv = self.bn_qkv(self.qkv_transform(x))
        qkv = qkv.reshape(batch, self.heads, 2 * d, span)
        q, k, v = torch.split(qkv, [d // 2, d // 2, d], dim=2)
        stacked = self.bn_similarity(self.similarities(q, k))
        logits = stacked.view(batch, self.terms, self.heads, span, span).sum(dim=1)
        similarity = torch.softmax(logits, dim=3)
        output: Tensor = self.bn_output(self.values(similarity, v))
        return output.view(batch, channels, self.outputs, span).sum(dim=2)

    def similarities(self, q: Tensor, k: Tensor) -> Tensor:
        """[B, terms * g, L, L]"""
        return torch.einsum("bgci,bgcj->bgij", q, k)

    def values(self, similarity: Tensor, v: Tensor) -> Tensor:
        """[B, outputs * C, L]"""
        return torch.einsum("bgij,bgcj->bgci", similarity, v).flatten(1, 2)


class AxialAttention(AxialAttention_wopos):
    """With relative positions on queries, keys and values."""

    terms, outputs = 3, 2

    def __init__(
        self, channels: int, heads: int = 8, *, span: int, axis: str, stride: int = 1
    ) -> None:
        self.span = span
        super().__init__(channels, heads, axis=axis, stride=stride)
        nn.init.normal_(self.relative, 0.0, math.sqrt(heads / channels))

    def add_own(self, d: int) -> None:
        span = self.span
        self.relative = nn.Parameter(torch.randn(2 * d, 2 * span - 1))
        index = torch.arange(span)[:, None] - torch.arange(span)[None, :] + span - 1
        self.flatten_index: Tensor
        self.register_buffer("flatten_index", index.view(-1))

    def embeddings(self) -> tuple[Tensor, Tensor, Tensor]:
        """[d / 2, L, L], [d / 2, L, L], [d, L, L]"""
        table = torch.index_select(self.relative, 1, self.flatten_index)
        rows = table.shape[0]
        table = table.view(rows, self.span, self.span)
        r_q, r_k, r_v = torch.split(table, [rows // 4, rows // 4, rows // 2], dim=0)
        return r_q, r_k, r_v

    def similarities(self, q: Tensor, k: Tensor) -> Tensor:
        r_q, r_k, _ = self.embeddings()
        qk = torch.einsum("bgci,bgcj->bgij", q, k)
        qr = self.gated("f_qr", torch.einsum("bgci,cij->bgij", q, r_q))
        kr = torch.einsum("bgci,cij->bgij", k, r_k).transpose(2, 3)
        return torch.cat([qk, qr, self.gated("f_kr", kr)], dim=1)

    def values(self, similarity: Tensor, v: Tensor) -> Tensor:
        _, _, r_v = self.embeddings()
        sv = torch.einsum("bgij,bgcj->bgci", similarity, v)
        sve = torch.einsum("bgij,cij->bgci", similarity, r_v)
        pair = torch.cat([self.gated("f_sv", sv), self.gated("f_sve", sve)], dim=-1)
        return pair.reshape(len(v), -1, self.span)

    def gated(self, gate: str, term: Tensor) -> Tensor:
        """The term as it is; the gated form multiplies it by its gate."""
        return term


class AxialAttention_dynamic(AxialAttention):
    """With gates on the positional terms."""

    def add_own(self, d: int) -> None:
        self.f_qr = nn.Parameter(torch.tensor(0.1), requires_grad=False)
        self.f_kr = nn.Parameter(torch.tensor(0.1), requires_grad=False)
        self.f_sve = nn.Parameter(torch.tensor(0.1), requires_grad=False)
        self.f_sv = nn.Parameter(torch.tensor(1.0), requires_grad=False)
        super().add_own(d)

    def gated(self, gate: str, term: Tensor) -> Tensor:
        return self.get_parameter(gate) * term


def over_patches(
    branch: Callable[[Tensor], Tensor],
    image: Tensor,
    grid: tuple[int, int],
    modules: Iterable[nn.Module] = (),
) -> Tensor:
    """One patch after another, row by row, each result copied into its place."""
    del modules  # each call normalises what it gets
    height, width = image.shape[2] // grid[0], image.shape[3] // grid[1]
    whole: Tensor | None = None
    for row in range(grid[0]):
        for column in range(grid[1]):
            top, left = row * height, column * width
            part = branch(image[:, :, top : top + height, left : left + width])
            if whole is None:
                size = (part.shape[2] * grid[0], part.shape[3] * grid[1])
                whole = part.new_zeros(*part.shape[:2], *size)
            h, w = part.shape[2:]
            whole[:, :, row * h : row * h + h, column * w : column * w + w] = part
    assert whole is not None, "a grid has at least one patch"
    return whole
