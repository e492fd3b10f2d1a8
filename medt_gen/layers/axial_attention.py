"""Self-attention along one axis of an image, with relative positions.

Shapes: N images, O lines of length L along the axis; a head has q and k [c, L] and
v [d, L], where d = channels / heads and c = d / 2.
"""

import torch
from torch import Tensor, nn

from medt_gen.layers.batch_norm import PatchBatchNorm1d, PatchBatchNorm2d, is_hooked


class qkv_transform(nn.Conv1d):
    """The 1x1 projection to queries, keys and values; its name is what it prints."""


class AxialAttention(nn.Module):
    """Axial attention along each line (Wang et al., arXiv:2003.07853, eq. 4).

    channels: in and out, a multiple of 2 * heads, else ValueError; span: length of the
    axis (height, width, depth), None for no positions. stride = 1: of a pooling at the
    end; volume = False: x is [N, C, D, H, W]; patches = 1: how many a batch holds of an
    image.
    """

    chunk = 2**18  # logits of an image at a time; it bounds memory, not values

    def __init__(
        self, channels: int, heads: int = 8, *, span: int | None, axis: str, **more: int
    ) -> None:
        super().__init__()
        if channels % (2 * heads):
            raise ValueError(f"{channels} channels, no multiple of 2 x {heads} heads")
        stride, volume = more.pop("stride", 1), more.pop("volume", False)
        d, terms, outputs = channels // heads, *((3, 2) if span else (1, 1))
        self.heads, self.span, self.widths = heads, span or 0, [d // 2, d // 2, d]
        self.dim = {"width": -1, "height": -2, "depth": -3}[axis]
        self.qkv_transform = qkv_transform(channels, 2 * channels, 1, bias=False)
        self.relative = nn.Parameter(torch.randn(2 * d, 2 * span - 1)) if span else None
        self.bn_qkv = PatchBatchNorm1d(2 * channels, **more)
        self.bn_similarity = PatchBatchNorm2d(terms * heads, **more)
        self.bn_output = PatchBatchNorm1d(outputs * channels, **more)
        pool = nn.AvgPool3d if volume else nn.AvgPool2d
        self.pooling = pool(stride, stride) if stride > 1 else None
        nn.init.normal_(self.qkv_transform.weight, std=channels**-0.5)
        if span and self.relative is not None:
            nn.init.normal_(self.relative, std=d**-0.5)
            index = torch.arange(span)[:, None] - torch.arange(span) + span - 1
            self.register_buffer("flatten_index", index.flatten())  # i - j + L - 1

    def forward(self, x: Tensor) -> Tensor:
        """[N, C, *size] -> [N, C, *size / stride]"""
        x = x.movedim(self.dim, -1)
        n, channels, *size = x.shape
        qkv: Tensor = self.bn_qkv(self.qkv_transform(x.flatten(2)))
        qkv = qkv.view(n, self.heads, -1, *size).flatten(3, -2).transpose(2, 3)
        y = self.attend(*torch.split(qkv.contiguous(), self.widths, 3)).flatten(4)
        y = self.bn_output(y.flatten(1, 3)).view(n, channels, -1, *size)
        y = y.sum(2).movedim(-1, self.dim)
        out: Tensor = y if self.pooling is None else self.pooling(y)
        return out

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """sv and sve, [N, heads, d, outputs, O, L]"""
        r, norm = self.tables(), self.bn_similarity
        if type(norm) is not PatchBatchNorm2d or is_hooked(norm) or q.is_mps:
            terms = [axial_logits(q, k, s, r) for s in torch.eye(3 if r else 1).to(q)]
            x = torch.stack(terms, 1)  # N, terms, heads, O, L, L
            y = norm(x.flatten(1, 2).flatten(2, 3)).view(x.shape).sum(1)
            return axial_outputs(y, v, r)
        s = self.scales(q, k, r)
        lines = self.chunk // (norm.patches * self.heads * q.shape[-1] ** 2) or 1
        if torch.compiler.is_compiling():  # which plans memory itself
            lines = q.shape[2]
        parts = zip(*(torch.split(t, lines, 2) for t in (q, k, v)), strict=True)
        y = (axial_outputs(axial_logits(a, b, s, r), c, r) for a, b, c in parts)
        if torch.is_grad_enabled():
            return torch.cat(list(y), -2)
        out = v.new_empty(*v.shape[:2], v.shape[3], 1 + bool(r), v.shape[2], v.shape[4])
        for part, piece in zip(torch.split(out, lines, -2), y, strict=True):
            part.copy_(piece)  # kept, it would leave a hole between the logits
        return out

    def tables(self) -> list[Tensor]:
        """R_q[i - j] and R_k[j - i] as [c, i, j], R_v[i - j] as [i, d, j]"""
        if self.relative is None:
            return []
        table = self.relative[:, self.get_buffer("flatten_index")]
        r_q, r_k, r_v = torch.split(table.view(-1, self.span, self.span), self.widths)
        return [r_q, r_k.mT.contiguous(), r_v.transpose(0, 1).contiguous()]

    def scales(self, q: Tensor, k: Tensor, tables: list[Tensor]) -> Tensor:
        """[terms, N, heads, 1, 1, 1]: all that softmax sees of bn_similarity

        (the norm adds the same number to all logits of a row, which softmax ignores).
        """
        norm, var = self.bn_similarity, self.bn_similarity.running_var
        if norm.training or var is None:
            var = self.variance(q, k, tables)
        # The norm's bias has no effect, but a gradient, which is zero.
        scales = (norm.weight / (var + norm.eps).sqrt() + 0 * norm.bias).to(q.dtype)
        scales = scales.view(-1, norm.num_features // self.heads, self.heads, 1, 1, 1)
        return scales.repeat(q.shape[0] // len(scales), 1, 1, 1, 1, 1).transpose(0, 1)

    def variance(self, q: Tensor, k: Tensor, tables: list[Tensor]) -> Tensor:
        """Of qk, qr and kr, [patches, terms * heads]; bn_similarity takes a step

        by Gram matrices (sum_ij (a^T b)_ij^2 = sum_cd (a a^T)_cd (b b^T)_cd) in
        float64, since they cancel.
        """
        norm, (q, k, *r) = self.bn_similarity, (t.double() for t in (q, k, *tables[:2]))
        q, k = (torch.unflatten(t, 0, (-1, norm.patches)) for t in (q, k))
        pairs = [tuple(t.permute(1, 2, 0, 3, 4, 5).flatten(2, 3) for t in (q, k))]
        if tables:
            q_i, k_j = (t.permute(1, 2, 5, 4, 0, 3).flatten(4) for t in (q, k))
            pairs += [(q_i, r[0].transpose(0, 1)), (k_j, r[1].permute(2, 0, 1))]
        count = q.shape[0] * q.shape[3] * q.shape[-1] ** 2
        sums = [(a.sum(-1) * b.sum(-1)).sum((-2, -1)) for a, b in pairs]
        squares = [((a @ a.mT) * (b @ b.mT)).sum((-3, -2, -1)) for a, b in pairs]
        mean, square = (torch.cat(t, 1) / count for t in (sums, squares))
        norm.step(mean, (square - mean**2) * count / (count - 1))
        return square - mean**2


def axial_logits(q: Tensor, k: Tensor, scales: Tensor, tables: list[Tensor]) -> Tensor:
    """s_qk q_i k_j + s_qr q_i R_q[i - j] + s_kr k_j R_k[j - i], [*, L, L]"""
    scaled = scales[0] * q
    result = scaled.mT * k if q.shape[-2] == 1 else scaled.mT @ k  # slow BLAS at c = 1
    if tables:
        rows = (scales[1] * q).unbind(-2), (scales[2] * k).unbind(-2), *tables[:2]
        for q_i, k_j, r_q, r_k in zip(*rows, strict=True):
            result.addcmul_(q_i[..., None], r_q).addcmul_(k_j[..., None, :], r_k)
    return result


def axial_outputs(logits: Tensor, v: Tensor, tables: list[Tensor]) -> Tensor:
    """S = softmax; sum_j S_ij v_j and sum_j S_ij R_v[i - j]: [N, heads, d, *, O, L]"""
    weights = logits.softmax(-1).to(v.dtype)
    outputs = [(v @ weights.mT).transpose(2, 3)]
    if tables:
        sve = tables[2] @ weights.flatten(0, -3).permute(1, 2, 0)  # [i, d, *]
        outputs.append(sve.view(*sve.shape[:2], *v.shape[:3]).permute(2, 3, 1, 4, 0))
    return torch.stack(outputs, 3)
