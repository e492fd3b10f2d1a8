"""Self-attention along one axis of an image, with relative positions."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from medt_gen.layers.attend import (
    LeanAttention,
    attention,
    attention_logits,
    attention_outputs,
)
from medt_gen.layers.batch_norm import PatchBatchNorm1d, PatchBatchNorm2d
from medt_gen.layers.gram import product_sums


class qkv_transform(nn.Conv1d):
    """The 1x1 projection to queries, keys and values; its name is what it prints."""


class AxialAttention(nn.Module):
    """Axial attention (Wang et al., arXiv:2003.07853, eq. 4), each line by itself.

    channels: in and out, a multiple of 2 * heads, else ValueError; span: the length L of
    the axis (height, width or depth), None for no positions; stride: average-pools the
    result; patches: how many a batch holds of an image; volume: x is [N, C, D, H, W].
    Shapes below: a head's q and k [O lines, N, heads, c, L], v twice the c, logits L x L.
    """

    chunk = 2**18  # logits of one image computed at a time: bounds memory, not values

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
                f"{channels} channels are no multiple of 2 * {heads} heads"
            )
        self.dim = {"width": -1, "height": -2, "depth": -3}[axis]
        self.heads, self.stride, self.d = heads, stride, channels // heads
        self.terms, self.outputs = (3, 2) if span else (1, 1)  # qk, qr, kr and sv, sve
        self.qkv_transform = qkv_transform(channels, 2 * channels, 1, bias=False)
        if span:
            steps = torch.arange(span)
            self.relative = nn.Parameter(torch.randn(2 * self.d, 2 * span - 1))
            self.flatten_index: Tensor  # row a, column b: a - b + L - 1
            index = (steps[:, None] - steps + span - 1).flatten()
            self.register_buffer("flatten_index", index)
        self.bn_qkv = PatchBatchNorm1d(2 * channels, patches=patches)
        self.bn_similarity = PatchBatchNorm2d(self.terms * heads, patches=patches)
        self.bn_output = PatchBatchNorm1d(self.outputs * channels, patches=patches)
        if stride > 1:
            self.pooling = (nn.AvgPool3d if volume else nn.AvgPool2d)(stride, stride)
        nn.init.normal_(self.qkv_transform.weight, std=channels**-0.5)
        if span:
            nn.init.normal_(self.relative, std=self.d**-0.5)

    def forward(self, x: Tensor) -> Tensor:
        """[N, C, *size] -> [N, C, *size / stride]"""
        n, channels, *size = x.shape
        qkv = self.bn_qkv(self.qkv_transform(x.flatten(2)))
        lines = qkv.view(n, self.heads, -1, *size).movedim(self.dim, -1)
        others, c = lines.shape[3:-1], self.d // 2
        q, k, v = lines.flatten(3, -2).permute(3, 0, 1, 2, 4).split((c, c, 2 * c), 3)
        y = self.attend(q, k, v).permute(
            1, 2, 3, 4, 0, 5
        )  # [N, heads, d, outputs, O, L]
        y = self.bn_output(y.reshape(n, channels * self.outputs, -1))
        y = y.view(n, channels, self.outputs, *others, -1).sum(2).movedim(-1, self.dim)
        return self.pooling(y) if self.stride > 1 else y

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """sv and sve, [O, N, heads, d, outputs, L]"""
        norm, tables = self.bn_similarity, self.tables()
        if type(norm) is not PatchBatchNorm2d or not norm.closed_form:
            weights = self.normed_logits(q, k, tables).softmax(-1).to(v.dtype)
            return attention_outputs(weights, v, *tables)
        factors = self.factors(q, k, self.scales(norm, q, k, tables).to(q.dtype))
        traced = torch.compiler.is_compiling()  # what traces, plans memory itself
        rows = max(1, self.chunk // (norm.patches * self.heads * q.shape[-1] ** 2))
        chunks = [t.split(len(t) if traced else rows) for t in (v, *factors)]
        run: Callable[..., Tensor] = LeanAttention.apply
        if traced or not torch.is_grad_enabled():
            run = attention
        return torch.cat([run(*lines, *tables) for lines in zip(*chunks, strict=True)])

    def tables(self) -> tuple[Tensor, ...]:
        """R_q [c, i, j] at i - j, R_k [c, i, j] at j - i, R_v [i, d, j] at i - j"""
        if self.terms == 1:
            return ()
        span, c = (self.relative.shape[1] + 1) // 2, self.d // 2
        table = self.relative.index_select(1, self.flatten_index).view(-1, span, span)
        r_q, r_k, r_v = table.split((c, c, 2 * c))
        return r_q, r_k.mT.contiguous(), r_v.transpose(0, 1).contiguous()

    def gates(self) -> Tensor:
        """[terms], what qk, qr and kr are multiplied by"""
        return self.qkv_transform.weight.new_ones(self.terms)

    def factors(self, q: Tensor, k: Tensor, scales: Tensor) -> tuple[Tensor, ...]:
        """What `attention_logits` takes, for one scale for each term"""
        return (
            scales[0] * q,
            k,
            *(s * t for s, t in zip(scales[1:], (q, k), strict=False)),
        )

    def normed_logits(self, q: Tensor, k: Tensor, tables: tuple[Tensor, ...]) -> Tensor:
        """Through bn_similarity itself, where it is hooked, replaced or averages"""
        one_hot = self.gates().diag().to(q.dtype)
        terms = [attention_logits(*self.factors(q, k, one), *tables) for one in one_hot]
        x = torch.stack(terms, 2).flatten(2, 3).permute(1, 2, 0, 3, 4)
        x = self.bn_similarity(x.flatten(2, 3)).view(x.shape).permute(2, 0, 1, 3, 4)
        return x.unflatten(2, (self.terms, self.heads)).sum(2)

    def scales(
        self, norm: PatchBatchNorm2d, q: Tensor, k: Tensor, tables: tuple[Tensor, ...]
    ) -> Tensor:
        """[terms, N, heads, 1, 1]: what the gates and bn_similarity come to.

        The norm's shift is the same for a whole row of logits: softmax does not see it.
        """
        gates = self.gates().view(1, -1, 1)
        weight, bias, var = (
            t.view(1, -1, self.heads)
            for t in (norm.weight, norm.bias, norm.running_var)
        )
        if norm.training:
            count = q.shape[0] * (q.shape[1] // norm.patches) * q.shape[-1] ** 2
            mean, square = self.moments(norm.patches, q, k, tables) / count
            mean, var = gates * mean, gates**2 * (square - mean**2)
            norm.step(mean, var * (count / (count - 1)))
        scales = (
            gates * weight / (var + norm.eps).sqrt() + 0 * bias
        )  # so it has a gradient
        return scales.repeat(q.shape[1] // len(scales), 1, 1).transpose(0, 1)[
            ..., None, None
        ]

    def moments(
        self, patches: int, q: Tensor, k: Tensor, tables: tuple[Tensor, ...]
    ) -> Tensor:
        """[2, patches, terms, heads]: the sums of each term and of its square"""
        q, k = (t.unflatten(1, (-1, patches)).permute(2, 3, 0, 1, 4, 5) for t in (q, k))
        pairs = [(q.flatten(2, 3), k.flatten(2, 3))]
        if tables:
            q, k = (t.permute(0, 1, 5, 4, 2, 3).flatten(4) for t in (q, k))
            pairs += [(q, tables[0].transpose(0, 1)), (k, tables[1].permute(2, 0, 1))]
        return torch.stack([product_sums(*pair) for pair in pairs], 2)
