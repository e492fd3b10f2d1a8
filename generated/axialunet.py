"""Axial-attention U-Net.

Source: Valanarasu et al., MICCAI 2021, arXiv:2102.10662. From images [N, 3, 128, 128]
to [N, 2, 128, 128].

Written by medt-gen 0.2.0 from the spec 1ba37891302554ad, with the command
medt-gen emit specs/axialunet.yaml
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm


# The network: what it is made of, and how data flows through it.
class ResAxialAttentionUNet(nn.Module):
    """Axial-attention U-Net."""

    def __init__(self, classes: int = 2, heads: int = 8) -> None:
        super().__init__()
        if classes < 1:
            raise ValueError(f"classes={classes}: wanted is at least 1")
        if heads < 1 or 16 % (2 * heads):
            raise ValueError(
                f"heads={heads}: wanted is at least 1 and 2 * heads divides 16"
            )
        self.spec_parameters = dict(classes=classes, heads=heads)
        self.conv1 = nn.Conv2d(3, 8, 7, stride=2, padding=3, bias=False)
        self.conv2 = nn.Conv2d(8, 128, 3, padding=1, bias=False)
        self.conv3 = nn.Conv2d(128, 8, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.bn2 = nn.BatchNorm2d(128)
        self.bn3 = nn.BatchNorm2d(8)
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = nn.Sequential(AxialBlock(8, 16, height=64, width=64, heads=heads))
        self.layer2 = nn.Sequential(
            AxialBlock(32, 32, height=64, width=64, stride=2, heads=heads),
            AxialBlock(64, 32, height=32, width=32, heads=heads),
        )
        self.layer3 = nn.Sequential(
            AxialBlock(64, 64, height=32, width=32, stride=2, heads=heads),
            *(AxialBlock(128, 64, height=16, width=16, heads=heads) for _ in range(3)),
        )
        self.layer4 = nn.Sequential(
            AxialBlock(128, 128, height=16, width=16, stride=2, heads=heads)
        )
        self.decoder1 = nn.Conv2d(256, 256, 3, stride=2, padding=1)
        self.decoder2 = nn.Conv2d(256, 128, 3, padding=1)
        self.decoder3 = nn.Conv2d(128, 64, 3, padding=1)
        self.decoder4 = nn.Conv2d(64, 32, 3, padding=1)
        self.decoder5 = nn.Conv2d(32, 16, 3, padding=1)
        self.adjust = nn.Conv2d(16, classes, 1)
        self.soft = nn.Softmax(dim=1)

    def forward(self, x: Tensor) -> Tensor:
        stem = self.relu(self.bn1(self.conv1(x)))  # [N, 8, 64, 64]
        stem = self.relu(self.bn2(self.conv2(stem)))  # [N, 128, 64, 64]
        stem = self.relu(self.bn3(self.conv3(stem)))  # [N, 8, 64, 64]
        skip1 = self.layer1(stem)  # [N, 32, 64, 64]
        skip2 = self.layer2(skip1)  # [N, 64, 32, 32]
        skip3 = self.layer3(skip2)  # [N, 128, 16, 16]
        skip4 = self.layer4(skip3)  # [N, 256, 8, 8]
        up4 = F.relu(upsample(self.decoder1(skip4), 2)) + skip4
        up3 = F.relu(upsample(self.decoder2(up4), 2)) + skip3  # [N, 128, 16, 16]
        up2 = F.relu(upsample(self.decoder3(up3), 2)) + skip2  # [N, 64, 32, 32]
        up1 = F.relu(upsample(self.decoder4(up2), 2)) + skip1  # [N, 32, 64, 64]
        out: Tensor = F.relu(upsample(self.decoder5(up1), 2))  # [N, 16, 128, 128]
        out = self.adjust(out)  # [N, classes, 128, 128]
        return out


# Its blocks, in the order of use.
class AxialBlock(nn.Module):
    """Residual block of axial attention with relative positions.

    Source: Wang et al., ECCV 2020, arXiv:2003.07853. From [N, in_channels, H, W] to [N,
    2 * planes, H // stride, W // stride].
    """

    def __init__(
        self,
        in_channels: int,
        planes: int,
        *,
        height: int,
        width: int,
        stride: int = 1,
        heads: int = 8,
    ) -> None:
        super().__init__()
        downsample: nn.Sequential | None = None
        if stride != 1 or in_channels != 2 * planes:
            downsample = nn.Sequential(
                nn.Conv2d(in_channels, 2 * planes, 1, stride=stride, bias=False),
                nn.BatchNorm2d(2 * planes),
            )
        self.conv_down = nn.Conv2d(in_channels, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.hight_block = AxialAttention(planes, heads, span=height, axis="height")
        self.width_block = AxialAttention(
            planes, heads, span=width, axis="width", stride=stride
        )
        self.conv_up = nn.Conv2d(planes, 2 * planes, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(2 * planes)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        # [N, 2 * planes, (H - 1) // stride + 1, (W - 1) // stride + 1]
        shortcut = x if self.downsample is None else self.downsample(x)
        out: Tensor = self.relu(self.bn1(self.conv_down(x)))  # [N, planes, H, W]
        out = self.hight_block(out)
        out = self.relu(self.width_block(out))  # [N, planes, H // stride, W // stride]
        # [N, 2 * planes, H // stride, W // stride]
        out = self.relu(self.bn2(self.conv_up(out)) + shortcut)
        return out


# The layers, as medt-gen 0.2.0 has them, each before its helpers.
def upsample(x: Tensor, factor: float | tuple[float, ...]) -> Tensor:
    """Enlarge x [N, C, *size] to [N, C, *(factor * size)], linearly along each axis."""
    mode = "trilinear" if x.dim() == 5 else "bilinear"
    return F.interpolate(x, scale_factor=factor, mode=mode)


class AxialAttention(nn.Module):
    """Axial attention along each line (Wang et al., arXiv:2003.07853, eq. 4)."""

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
        """[c or d, L, N, heads, O lines] -> sv and sve, [outputs, d, L, N, heads, O]"""
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
        """[terms, 1, N / P, P, heads, O]: what softmax in base 2 sees of bn_similarity"""
        bn = self.bn_similarity
        var = self.variance(q, k, r) if bn.training else bn.get_buffer("running_var")
        # 1 / ln 2 for the base; the norm's bias has a gradient, which is zero
        s = bn.weight / (var + bn.eps).sqrt() / 0.6931471805599453 + 0 * bn.bias
        s = s.view(-1, 1, 1, bn.num_features // self.heads, self.heads, 1)
        return s.transpose(0, 3).expand(-1, -1, q.size(2) // len(s), -1, -1, q.size(4))

    def variance(self, q: Tensor, k: Tensor, r: list[Tensor]) -> Tensor:
        """Of qk, qr, kr, [patches, terms * heads], by Gram matrices; the norm steps"""
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


class qkv_transform(nn.Conv1d):
    """The 1x1 projection to queries, keys and values; its name is what it prints."""


class PatchNorm(_BatchNorm):
    """torch's BatchNorm, patch by patch; it prints as torch's."""

    def __init__(self, num_features: int, *, patches: int = 1) -> None:
        super().__init__(num_features)
        self.patches = patches

    def forward(self, input: Tensor) -> Tensor:
        if self.patches == 1 or not self.training or not input.numel():
            return super().forward(input)
        if input.shape[0] % self.patches:
            raise ValueError(f"{len(input)} is no multiple of {self.patches} patches")
        # Each patch has channels of its own; momentum 1 leaves its statistics.
        x = input.reshape(-1, self.patches * self.num_features, *input.shape[2:])
        mean, var = self.weight.new_zeros(2, x.shape[1])
        affine = self.weight.repeat(self.patches), self.bias.repeat(self.patches)
        y = F.batch_norm(x, mean, var, *affine, True, 1.0, self.eps)
        self.step(mean, var)
        return y.view(input.shape)

    @torch.no_grad()
    def step(self, mean: Tensor, var: Tensor) -> None:
        """Take the steps r <- (1 - m) r + m b_p of the running statistics at once."""
        if self.track_running_stats:
            m, p = self.momentum, self.patches
            tracked = self.get_buffer("num_batches_tracked").add_(p)
            way = p / tracked if m is None else 1 - (1 - m) ** p
            weights = mean.new_tensor([[(1 - (m or 0)) ** i] for i in range(p)]).flip(0)
            for name, b in (("running_mean", mean), ("running_var", var)):
                r = self.get_buffer(name)
                r += way * ((weights * b.view(p, -1)).sum(0) / weights.sum() - r)

    def _get_name(self) -> str:
        return type(self).__name__.removeprefix("Patch")


class PatchBatchNorm1d(PatchNorm, nn.BatchNorm1d):
    """BatchNorm1d, patch by patch."""


class PatchBatchNorm2d(PatchNorm, nn.BatchNorm2d):
    """BatchNorm2d, patch by patch."""


def is_hooked(module: nn.Module) -> bool:
    """Whether a call of the module does more than the forward of its class."""
    kinds = ("forward", "forward_pre", "backward", "backward_pre")
    hooks = [getattr(module, f"_{kind}_hooks") for kind in kinds]
    hooks += [vars(nn.modules.module)[f"_global_{kind}_hooks"] for kind in kinds]
    return any(hooks) or "forward" in vars(module)


def axial_attention(
    lines: Sequence[Tensor], r: list[Tensor], out: Tensor | None = None
) -> Tensor:
    """sv, sve of the logits s_qk q_i k_j + s_qr q_i R_q[i - j] + s_kr k_j R_k[j - i]"""
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


# For programs: the spec of this file (JSON, zlib, base 85), which
# `medt-gen diff` reads, and a hash of the text above it, to know later edits by.
# spec: c-p0u!EWL(5QbkRvU&h1RM-w_#f@^RwA(`~R(q>VY#@u{M6una+vVMN>?BQSp#kj$#xwrEnRv#2Lz&=av=$0YaflMhv_@0(DD-TXGC4CwD3j)D@gNKekx7jd5ck0mYoftoRK;~}%fxN?!6Z|xWZDM81WaCs!T0<5e0Cp@F~MQL%Ae`Wl;APB#^X39piNa_4Vu28WW$sa66&BpO#c86liPiW3IJx>Z*g@BFiD6uf^o2JL$s86vTdrn^9xXAIk!?&vRu7jXPDQ*RXK+>;gCDG=DAG^sI4f$ey+0LKpCb?x$yZ4#(ApNzPe?~VE>9qEg+M_lYTsW%!dTDL&e9a^zx#=WG)pP1G-}-**xTB=5b3!j`-*&Un!*Rl=CRQEvoKG=2~w`>oQ38D$4FzKN+?bsBO|!Wk8iMDXu*@e(xo^s*DhEQJ4+H8X~!bNXcm;>GZUL(@WrSbQ&HVfkzjeg&UERhjB>fBFXvTS)UjYGKoJA$+5}CE%yKCxn-R(#qLzkK}G#2*Zp%)lQX_B?m;pB%WBgPLRZbp^#SN0I$w1WPq56`&h<UbeAlhATJZXcfnb%FzgfwhMjHWp&@T8J_(u-@;f}+vyREg8cqch@Qtza-(>>wav~Z7uBZ9ZS$Cckb5I)`nNFAVcfHVPG2ckMan?M8s`|ggw-OMkTw$Lmqq!^H4UC_W8aMA<6d+5b3ne9qRzm!%|;-$2e(tataq}WSID~<Z4cvww<m*Q4B`AX_1X}|vm{3dQ}
# sha256: 07225dd1397c3d66dbad04ead7a3b8f97068e7d2761f27a8448c8b067f83f224
