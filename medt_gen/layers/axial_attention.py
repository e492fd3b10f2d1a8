"""Self-attention along one axis of an image, with relative positions.

Shapes: N images, O lines of length L along the axis; a head has q and k [c, L] and
v [d, L], where d = channels / heads and c = d / 2. Lines are innermost in memory, so
that every operation runs over many at once, however short they are.
"""

from collections.abc import Sequence

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
    image. The attribute `chunk` is how many logits are made at a time (half as many
    with gradients, and at least those of 64 lines); it bounds memory in eval.
    """

    def __init__(
        self, channels: int, heads: int = 8, *, span: int | None, axis: str, **more: int
    ) -> None:
        super().__init__()
        if channels % (2 * heads):
            raise ValueError(f"{channels} channels, no multiple of 2 x {heads} heads")
        stride, volume = more.pop("stride", 1), more.pop("volume", False)
        d, terms, outputs = channels // heads, *((3, 2) if span else (1, 1))
        self.heads, self.span, self.widths = heads, span or 0, [d // 2, d // 2, d]
        self.dim, self.chunk = {"width": -1, "height": -2, "depth": -3}[axis], 2**20
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
        x = x.movedim(self.dim, 2)
        n, channels, *size = x.shape
        qkv: Tensor = self.bn_qkv(self.qkv_transform(x.flatten(2)))
        qkv = qkv.view(n, self.heads, sum(self.widths), *size).flatten(4)
        y = self.attend(*torch.split(qkv.permute(2, 3, 0, 1, 4), self.widths))
        y = self.bn_output(y.permute(3, 4, 1, 0, 2, 5).flatten(1, 3).flatten(2))
        y = torch.unflatten(y, 1, (channels, -1)).sum(2).view_as(x).movedim(2, self.dim)
        out: Tensor = y if self.pooling is None else self.pooling(y)
        return out

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """[c or d, L, N, heads, O lines] -> sv and sve, [outputs, d, L, N, heads, O]

        by the fast form where it holds, its device has float64 (mps has not), and
        matrix products are not faster (in training, with many channels for the span).
        An empty batch has no variance, so there it goes by definition, too.
        """
        norm, r, grad = self.bn_similarity, self.tables(), torch.is_grad_enabled()
        plain = type(norm) is PatchBatchNorm2d and not is_hooked(norm) and not q.is_mps
        c, span, n = q.shape[:3]
        wide = (norm.training or grad) and c * c >= min(span, 36 if r else 5) * bool(n)
        if wide or not plain or norm.momentum is None or norm.running_var is None:
            return self.by_definition(q, k, v, r)
        lines = [t.flatten(2) for t in (q, k, v, self.scales(q, k, r))]
        return torch.unflatten(self.in_chunks(lines, r), 3, q.shape[2:]).to(v)

    def in_chunks(self, lines: list[Tensor], r: list[Tensor]) -> Tensor:
        """sv and sve of all lines, [outputs, d, L, lines], `chunk` logits at a time"""
        if torch.compiler.is_compiling() or torch._C._get_tracing_state():
            return axial_attention(lines, r)
        grad, (q, _, v, _) = torch.is_grad_enabled(), lines
        count = max(self.chunk // (1 + grad) // q.shape[1] ** 2, 64)
        parts = zip(*(torch.split(t, count, -1) for t in lines), strict=True)
        if grad:
            return torch.cat([axial_attention(part, r) for part in parts], 3)
        # made here: else each chunk's would leave a hole between the logits
        wide = torch.promote_types(q.dtype, torch.float32)
        y = v.new_zeros(1 + len(r[2:]), *v.shape, dtype=wide)
        for part, out in zip(parts, torch.split(y, count, -1), strict=True):
            axial_attention(part, r, out)
        return y

    def by_definition(self, q: Tensor, k: Tensor, v: Tensor, r: list[Tensor]) -> Tensor:
        """`attend` where bn_similarity must be called, or matrix products are faster"""
        terms = [("cinho,cjnho", q, k)]
        terms += zip(("cinho,cij", "cjnho,cij"), (q, k), r, strict=False)
        x = torch.stack([torch.einsum(f"{e}->nhoij", a, b) for e, a, b in terms], 1)
        x = self.bn_similarity(x.flatten(1, 2).flatten(2, 3)).view_as(x).sum(1)
        x, pairs = x.softmax(-1), zip(("djnho", "idj"), (v, *r[2:]), strict=False)
        return torch.stack([torch.einsum(f"nhoij,{e}->dinho", x, t) for e, t in pairs])

    def tables(self) -> list[Tensor]:
        """R_q[i - j] and R_k[j - i] as [c, i, j], R_v[i - j] as [i, d, j]"""
        if self.relative is None:
            return []
        table = self.relative[:, self.get_buffer("flatten_index")]
        r_q, r_k, r_v = torch.split(table.view(-1, self.span, self.span), self.widths)
        return [r_q, r_k.mT.contiguous(), r_v.transpose(0, 1).contiguous()]

    def scales(self, q: Tensor, k: Tensor, r: list[Tensor]) -> Tensor:
        """[terms, 1, N / P, P, heads, O]: what softmax in base 2 sees of bn_similarity

        (the norm adds the same number to all logits of a row, which softmax ignores).
        """
        bn = self.bn_similarity
        var = self.variance(q, k, r) if bn.training else bn.get_buffer("running_var")
        # 1 / ln 2 for the base; the norm's bias has a gradient, which is zero
        s = bn.weight / (var + bn.eps).sqrt() / 0.6931471805599453 + 0 * bn.bias
        s = s.view(-1, 1, 1, bn.num_features // self.heads, self.heads, 1)
        return s.transpose(0, 3).expand(-1, -1, q.size(2) // len(s), -1, -1, q.size(4))

    def variance(self, q: Tensor, k: Tensor, r: list[Tensor]) -> Tensor:
        """Of qk, qr, kr, [patches, terms * heads], by Gram matrices; the norm steps

        (sum_ij (a^T b)_ij^2 = sum_cd (a a^T)_cd (b b^T)_cd). In float64, since they
        cancel; far from zero even that leaves less than nothing of a small variance.
        """
        norm, (q, k, *r) = self.bn_similarity, (t.double() for t in (q, k, *r[:2]))
        q, k = (torch.unflatten(t, 2, (-1, norm.patches)) for t in (q, k))
        count = q[0, :, :, 0, 0].numel() * q.shape[1]
        q, k, *r = (torch.stack([row * t for row in (1, *t)]) for t in (q, k, *r))
        terms = [(q.sum(2) * k.sum(2)).sum((2, 5))]  # 1 + c, c, P, heads
        for t, table, dim in zip((q, k), r, (3, 2), strict=False):
            terms.append((t.sum((3, 6)) * table.sum(dim)[..., None, None]).sum(2))
        moments = (torch.stack(terms, 3).flatten(3) / count).sum(1)
        var = (moments[1:].sum(0) - moments[0] ** 2).clamp(min=0)
        norm.step(moments[0], var * count / (count - 1))
        return var.to(norm.weight.dtype)


def axial_attention(
    lines: Sequence[Tensor], r: list[Tensor], out: Tensor | None = None
) -> Tensor:
    """sv, sve of the logits s_qk q_i k_j + s_qr q_i R_q[i - j] + s_kr k_j R_k[j - i]

    lines: q, k [c, L, lines], v [d, L, lines], s [terms, 1, lines] in base 2, whose
    exponential is the faster one. out: where no gradient is wanted, zeros to hold the
    result [outputs, d, L, lines]. It must be the only name that it comes by: a compiler
    does not see that two arguments share their memory.
    """
    q, k, v, s = lines
    q, k = q[:, :, None], k[:, None]
    terms = zip(s, (k, q, k), (q, *(table[..., None] for table in r)), strict=False)
    (a, b), *rest = (ab for f, t, u in terms for ab in zip(f * t, u, strict=True))
    logits = a * b
    for a, b in rest:
        logits.addcmul_(a, b)
    weights = logits.sub_(logits.detach().amax(1, keepdim=True)).exp2_()
    sve = [(r_v @ weights).transpose(0, 1) for r_v in r[2:]]
    if out is None:
        sv = torch.stack([(weights * row).sum(1) for row in v])
        return torch.stack([sv, *sve]).div(weights.sum(1))
    for w_j, v_j in zip(weights.unbind(1), v[:, None].unbind(2), strict=True):
        out[0].addcmul_(w_j, v_j)
    if sve:
        out[1] = sve[0]
    return out.div_(weights.sum(1))
