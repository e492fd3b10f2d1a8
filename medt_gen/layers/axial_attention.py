"""Self-attention along one axis of an image, with relative positions.

Shapes: N images, O lines of length L along the axis; a head has q and k [c, L] and
v [d, L], where d = channels / heads and c = d / 2.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from medt_gen.layers.batch_norm import PatchBatchNorm1d, PatchBatchNorm2d


class qkv_transform(nn.Conv1d):
    """The 1x1 projection to queries, keys and values; its name is what it prints."""


class AxialAttention(nn.Module):
    """Axial attention along each line (Wang et al., arXiv:2003.07853, eq. 4).

    channels: in and out, a multiple of 2 * heads, else ValueError; span: length of the
    axis (height, width, depth), None for no positions; stride: of a pooling at the end;
    patches: how many a batch holds of an image; volume: x is [N, C, D, H, W].
    """

    relative: nn.Parameter | None
    flatten_index: Tensor
    chunk = 2**18  # logits of an image at a time; it bounds memory, not values

    def __init__(
        self,
        channels: int,
        heads: int = 8,
        *,
        span: int | None,
        axis: str,
        stride: int = 1,
        patches: int = 1,
        volume: bool = False,
    ) -> None:
        super().__init__()
        if channels % (2 * heads):
            raise ValueError(
                f"{channels} channels are no multiple of 2 x {heads} heads"
            )
        self.dim = {"width": -1, "height": -2, "depth": -3}[axis]
        self.heads, self.stride, d = heads, stride, channels // heads
        self.terms, self.outputs = (3, 2) if span else (1, 1)  # qk, qr, kr; sv, sve
        self.qkv_transform = qkv_transform(channels, 2 * channels, 1, bias=False)
        self.register_parameter("relative", None)
        if span:
            index = torch.arange(span)[:, None] - torch.arange(span) + span - 1
            self.relative = nn.Parameter(torch.randn(2 * d, 2 * span - 1))
            self.register_buffer("flatten_index", index.flatten())  # a - b + L - 1
        self.bn_qkv = PatchBatchNorm1d(2 * channels, patches=patches)
        self.bn_similarity = PatchBatchNorm2d(self.terms * heads, patches=patches)
        self.bn_output = PatchBatchNorm1d(self.outputs * channels, patches=patches)
        if stride > 1:
            self.pooling = (nn.AvgPool3d if volume else nn.AvgPool2d)(stride, stride)
        nn.init.normal_(self.qkv_transform.weight, std=channels**-0.5)
        if self.relative is not None:
            nn.init.normal_(self.relative, std=d**-0.5)

    def forward(self, x: Tensor) -> Tensor:
        """[N, C, *size] -> [N, C, *size / stride]"""
        n, channels, *size = x.shape
        qkv: Tensor = self.bn_qkv(self.qkv_transform(x.flatten(2)))
        qkv = qkv.view(n, self.heads, -1, *size).movedim(self.dim, -1)
        lines = qkv.flatten(3, -2).permute(3, 0, 1, 2, 4).contiguous()
        c = lines.shape[3] // 4
        y = self.attend(*lines.tensor_split((c, 2 * c), 3)).permute(1, 2, 3, 4, 0, 5)
        y = self.bn_output(y.reshape(n, channels * self.outputs, -1))
        y = y.view(n, channels, self.outputs, *qkv.shape[3:]).sum(2)
        result: Tensor = y.movedim(-1, self.dim)
        if self.stride > 1:
            result = self.pooling(result)
        return result

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """sv and sve, [O, N, heads, d, outputs, L]"""
        tables, norm = self.tables(), self.bn_similarity
        exact = q.device.type != "mps"  # which has no float64 for the moments
        if type(norm) is not PatchBatchNorm2d or not (exact and norm.closed_form):
            weights = self.normed(q, k, tables).softmax(-1).to(v.dtype)
            return axial_outputs(weights, v, tables)
        scales = self.scales(norm, q, k, tables)
        lines = max(1, self.chunk // (norm.patches * self.heads * q.shape[-1] ** 2))
        if torch.compiler.is_compiling():  # which plans memory itself
            lines = len(q)
        y = []
        chunks = [torch.split(t, lines) for t in (q, k, v)]
        for q, k, v in zip(*chunks, strict=True):
            weights = axial_logits(q, k, scales, tables).softmax(-1).to(v.dtype)
            y.append(axial_outputs(weights, v, tables))
        return torch.cat(y)

    def tables(self) -> Sequence[Tensor]:
        """R_q[i - j] and R_k[j - i] as [c, i, j], R_v[i - j] as [i, d, j]"""
        if self.relative is None:
            return ()
        c, span = len(self.relative) // 4, (self.relative.shape[1] + 1) // 2
        table = self.relative[:, self.flatten_index].view(-1, span, span)
        r_q, r_k, r_v = table.tensor_split((c, 2 * c))
        return r_q, r_k.mT.contiguous(), r_v.transpose(0, 1).contiguous()

    def gates(self) -> Tensor:
        """[terms], the factors of qk, qr and kr"""
        return self.qkv_transform.weight.new_ones(self.terms)

    def normed(self, q: Tensor, k: Tensor, tables: Sequence[Tensor]) -> Tensor:
        """The logits by bn_similarity itself, which may be hooked or replaced"""
        one_hot = self.gates().diag().to(q.dtype)
        terms = [axial_logits(q, k, one, tables) for one in one_hot]
        x = torch.stack(terms).permute(2, 0, 3, 1, 4, 5)  # [N, terms, heads, O, L, L]
        y: Tensor = self.bn_similarity(x.flatten(1, 2).flatten(2, 3))
        return y.view(x.shape).sum(1).permute(2, 0, 1, 3, 4)

    def scales(
        self, norm: PatchBatchNorm2d, q: Tensor, k: Tensor, tables: Sequence[Tensor]
    ) -> Tensor:
        """[terms, N, heads, 1, 1]: all that softmax sees of bn_similarity and the gates

        (the norm adds the same number to all logits of a row, which softmax ignores).
        """
        gates, shape = self.gates()[:, None], (-1, self.terms, self.heads)
        var = norm.running_var
        if norm.training:
            count = len(q) * (q.shape[1] // norm.patches) * q.shape[-1] ** 2
            mean, var = axial_moments(q, k, norm.patches, tables)
            mean, var = gates * mean, gates**2 * var
            norm.step(mean, var * (count / (count - 1)))
        scales = gates * norm.weight.view(shape) / (var.view(shape) + norm.eps).sqrt()
        scales = scales + 0 * norm.bias.view(shape)  # whose gradient is zero, not none
        scales = scales.repeat(q.shape[1] // len(scales), 1, 1).transpose(0, 1)
        return scales[..., None, None].to(q.dtype)


def axial_logits(
    q: Tensor, k: Tensor, scales: Tensor, tables: Sequence[Tensor]
) -> Tensor:
    """s_qk q_i k_j + s_qr q_i R_q[i - j] + s_kr k_j R_k[j - i], [*, L, L]"""
    scaled = scales[0] * q
    result = scaled.mT * k if q.shape[-2] == 1 else scaled.mT @ k  # slow BLAS at c = 1
    if tables:
        q, k = scales[1] * q, scales[2] * k
        for row in zip(q.unbind(-2), k.unbind(-2), *tables[:2], strict=True):
            result.addcmul_(row[0][..., None], row[2])
            result.addcmul_(row[1][..., None, :], row[3])
    return result


def axial_outputs(weights: Tensor, v: Tensor, tables: Sequence[Tensor]) -> Tensor:
    """sum_j S_ij v_j, then sum_j S_ij R_v[i - j]: [*, d, outputs, L]"""
    sv = v @ weights.mT
    if not tables:
        return sv.unsqueeze(-2)
    sve = tables[2] @ weights.flatten(0, -3).permute(1, 2, 0)  # [i, d, j] @ [i, j, *]
    return torch.stack((sv, sve.permute(2, 1, 0).view_as(sv)), -2)


def axial_moments(
    q: Tensor, k: Tensor, patches: int, tables: Sequence[Tensor]
) -> tuple[Tensor, Tensor]:
    """Mean and variance of qk, qr and kr, [patches, terms, heads], from Gram matrices

    (sum_ij (a^T b)_ij^2 = sum_cd (a a^T)_cd (b b^T)_cd) in float64, since they cancel.
    """
    q, k = (t.double().view(len(t), -1, patches, *t.shape[2:]) for t in (q, k))
    count = len(q) * q.shape[1] * q.shape[-1] ** 2
    pairs = [tuple(t.permute(2, 3, 0, 1, 4, 5).flatten(2, 3) for t in (q, k))]
    if tables:
        q, k = (t.permute(2, 3, 5, 4, 0, 1).flatten(4) for t in (q, k))
        pairs += [(q, tables[0].transpose(0, 1)), (k, tables[1].permute(2, 0, 1))]
    mean, square = [], []
    for a, b in pairs:
        b = b.double()
        mean.append((a.sum(-1) * b.sum(-1)).sum((-2, -1)) / count)
        square.append(((a @ a.mT) * (b @ b.mT)).sum((-3, -2, -1)) / count)
    return torch.stack(mean, 1), torch.stack(square, 1) - torch.stack(mean, 1) ** 2
