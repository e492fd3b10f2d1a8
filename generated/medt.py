"""Medical Transformer (MedT).

Source: Valanarasu et al., MICCAI 2021, arXiv:2102.10662. From images [N, 3, 128, 128]
to [N, 2, 128, 128].

Written by medt-gen 0.2.0 from the spec 9c6b0f5a0a90bf78, with the command
medt-gen emit specs/medt.yaml
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm, _NormBase


# The network: what it is made of, and how data flows through it.
class medt_net(nn.Module):
    """Medical Transformer (MedT)."""

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
        self.layer1 = nn.Sequential(
            AxialBlock_dynamic(8, 16, height=64, width=64, heads=heads)
        )
        self.layer2 = nn.Sequential(
            AxialBlock_dynamic(32, 32, height=64, width=64, stride=2, heads=heads),
            AxialBlock_dynamic(64, 32, height=32, width=32, heads=heads),
        )
        self.decoder4 = nn.Conv2d(64, 32, 3, padding=1)
        self.decoder5 = nn.Conv2d(32, 16, 3, padding=1)
        self.adjust = nn.Conv2d(16, classes, 1)
        self.soft = nn.Softmax(dim=1)
        self.conv1_p = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.conv2_p = nn.Conv2d(64, 128, 3, padding=1, bias=False)
        self.conv3_p = nn.Conv2d(128, 64, 3, padding=1, bias=False)
        self.bn1_p = PatchBatchNorm2d(64, patches=16)
        self.bn2_p = PatchBatchNorm2d(128, patches=16)
        self.bn3_p = PatchBatchNorm2d(64, patches=16)
        self.relu_p = nn.ReLU(inplace=True)
        self.layer1_p = nn.Sequential(AxialBlock_wopos(64, 16, heads=heads, patches=16))
        self.layer2_p = nn.Sequential(
            AxialBlock_wopos(32, 32, stride=2, heads=heads, patches=16),
            AxialBlock_wopos(64, 32, heads=heads, patches=16),
        )
        self.layer3_p = nn.Sequential(
            AxialBlock_wopos(64, 64, stride=2, heads=heads, patches=16),
            *(AxialBlock_wopos(128, 64, heads=heads, patches=16) for _ in range(3)),
        )
        self.layer4_p = nn.Sequential(
            AxialBlock_wopos(128, 128, stride=2, heads=heads, patches=16)
        )
        self.decoder1_p = nn.Conv2d(256, 256, 3, stride=2, padding=1)
        self.decoder2_p = nn.Conv2d(256, 128, 3, padding=1)
        self.decoder3_p = nn.Conv2d(128, 64, 3, padding=1)
        self.decoder4_p = nn.Conv2d(64, 32, 3, padding=1)
        self.decoder5_p = nn.Conv2d(32, 16, 3, padding=1)
        self.decoderf = nn.Conv2d(16, 16, 3, padding=1)
        self.adjust_p = nn.Conv2d(16, classes, 1)
        self.soft_p = nn.Softmax(dim=1)

    def forward(self, x: Tensor) -> Tensor:
        stem = self.relu(self.bn1(self.conv1(x)))  # [N, 8, 64, 64]
        stem = self.relu(self.bn2(self.conv2(stem)))  # [N, 128, 64, 64]
        stem = self.relu(self.bn3(self.conv3(stem)))  # [N, 8, 64, 64]
        skip1 = self.layer1(stem)  # [N, 32, 64, 64]
        skip2 = self.layer2(skip1)  # [N, 64, 32, 32]
        up1 = F.relu(upsample(self.decoder4(skip2), 2)) + skip1  # [N, 32, 64, 64]
        whole = F.relu(upsample(self.decoder5(up1), 2))  # [N, 16, 128, 128]
        local = over_patches(
            self.local_branch,
            x,
            (4, 4),
            (
                self.bn1_p,
                self.bn2_p,
                self.bn3_p,
                self.layer1_p,
                self.layer2_p,
                self.layer3_p,
                self.layer4_p,
            ),
        )
        out: Tensor = F.relu(self.decoderf(whole + local))
        out = self.adjust(out)  # [N, classes, 128, 128]
        return out

    def local_branch(self, patch: Tensor) -> Tensor:
        """One patch, from [N, 3, 32, 32] to [N, 16, 32, 32]."""
        stem = self.relu(self.bn1_p(self.conv1_p(patch)))  # [N, 64, 16, 16]
        stem = self.relu(self.bn2_p(self.conv2_p(stem)))  # [N, 128, 16, 16]
        stem = self.relu(self.bn3_p(self.conv3_p(stem)))  # [N, 64, 16, 16]
        skip1 = self.layer1_p(stem)  # [N, 32, 16, 16]
        skip2 = self.layer2_p(skip1)  # [N, 64, 8, 8]
        skip3 = self.layer3_p(skip2)  # [N, 128, 4, 4]
        skip4 = self.layer4_p(skip3)  # [N, 256, 2, 2]
        up4 = F.relu(upsample(self.decoder1_p(skip4), 2)) + skip4
        up3 = F.relu(upsample(self.decoder2_p(up4), 2)) + skip3  # [N, 128, 4, 4]
        up2 = F.relu(upsample(self.decoder3_p(up3), 2)) + skip2  # [N, 64, 8, 8]
        up1 = F.relu(upsample(self.decoder4_p(up2), 2)) + skip1  # [N, 32, 16, 16]
        out: Tensor = F.relu(upsample(self.decoder5_p(up1), 2))  # [N, 16, 32, 32]
        return out

    def set_epoch(self, epoch: int) -> None:
        """Before epoch `epoch`, counted from 0: the gates learn from epoch 10 on."""
        for module in self.modules():
            if isinstance(module, AxialAttention_dynamic):
                module.open_gates(epoch >= 10)


# Its blocks, in the order of use.
class AxialBlock_dynamic(nn.Module):
    """Residual block of gated axial attention.

    From [N, in_channels, H, W] to [N, 2 * planes, H // stride, W // stride].
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
        self.hight_block = AxialAttention_dynamic(
            planes, heads, span=height, axis="height"
        )
        self.width_block = AxialAttention_dynamic(
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


class AxialBlock_wopos(nn.Module):
    """Residual block of position-free axial attention.

    From [N, in_channels, H, W] to [N, 2 * planes, H // stride, W // stride].
    """

    def __init__(
        self,
        in_channels: int,
        planes: int,
        *,
        stride: int = 1,
        heads: int = 8,
        patches: int = 1,
    ) -> None:
        super().__init__()
        downsample: nn.Sequential | None = None
        if stride != 1 or in_channels != 2 * planes:
            downsample = nn.Sequential(
                nn.Conv2d(in_channels, 2 * planes, 1, stride=stride, bias=False),
                PatchBatchNorm2d(2 * planes, patches=patches),
            )
        self.conv_down = nn.Conv2d(in_channels, planes, 1, bias=False)
        self.conv1 = nn.Conv2d(planes, planes, 1)
        self.bn1 = PatchBatchNorm2d(planes, patches=patches)
        self.hight_block = AxialAttention_wopos(
            planes, heads, axis="height", patches=patches
        )
        self.width_block = AxialAttention_wopos(
            planes, heads, axis="width", stride=stride, patches=patches
        )
        self.conv_up = nn.Conv2d(planes, 2 * planes, 1, bias=False)
        self.bn2 = PatchBatchNorm2d(2 * planes, patches=patches)
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


class PatchBatchNorm2d(PatchNorm, nn.BatchNorm2d):
    """BatchNorm2d, patch by patch."""


def upsample(x: Tensor, factor: float | tuple[float, ...]) -> Tensor:
    """Enlarge x [N, C, *size] to [N, C, *(factor * size)], linearly along each axis."""
    mode = "trilinear" if x.dim() == 5 else "bilinear"
    return F.interpolate(x, scale_factor=factor, mode=mode)


def over_patches(
    branch: Callable[[Tensor], Tensor],
    image: Tensor,
    grid: tuple[int, ...],
    modules: Iterable[nn.Module] = (),
) -> Tensor:
    """Run `branch` on each patch of image [N, C, *size], and lay the results back."""
    size, parts = tuple(image.shape[2:]), [image]
    if len(size) != len(grid) or any(a % n for a, n in zip(size, grid, strict=True)):
        raise ValueError(f"a grid of {grid} does not tile an image of {size}")
    for dim, count in enumerate(grid, 2):
        parts = [part for whole in parts for part in whole.chunk(count, dim)]
    inner = [module for top in modules for module in top.modules()]
    if any(_couples(module, len(parts)) for module in inner):
        norms = {m: m.patches for m in inner if isinstance(m, PatchNorm)}
        try:
            for norm in norms:
                norm.patches = 1
            parts = [branch(part) for part in parts]
        finally:
            for norm, count in norms.items():
                norm.patches = count
    else:
        batch = branch(torch.stack(parts, 1).flatten(0, 1))
        parts = list(batch.view(image.size(0), len(parts), *batch.shape[1:]).unbind(1))
    for dim, n in reversed(list(enumerate(grid, 2))):
        parts = [torch.cat(parts[i : i + n], dim) for i in range(0, len(parts), n)]
    return parts[0]


def _couples(module: nn.Module, patches: int) -> bool:
    """Whether what the module makes of a patch may depend on the rest of the batch."""
    if isinstance(module, _NormBase):
        alone = not module.training or getattr(module, "patches", None) == patches
        return is_hooked(module) or module.running_mean is None or not alone
    torch_own = type(module).forward.__module__.startswith("torch.nn.")
    return is_hooked(module) or not (torch_own or list(module.children()))


def is_hooked(module: nn.Module) -> bool:
    """Whether a call of the module does more than the forward of its class."""
    kinds = ("forward", "forward_pre", "backward", "backward_pre")
    hooks = [getattr(module, f"_{kind}_hooks") for kind in kinds]
    hooks += [vars(nn.modules.module)[f"_global_{kind}_hooks"] for kind in kinds]
    return any(hooks) or "forward" in vars(module)


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


class PatchBatchNorm1d(PatchNorm, nn.BatchNorm1d):
    """BatchNorm1d, patch by patch."""


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


class AxialAttention_dynamic(AxialAttention):
    """AxialAttention with gates on its terms (arXiv:2102.10662, eq. 2)."""

    def __init__(self, *args: int, **axial: Any) -> None:
        gates = axial.pop("gates", (0.1, 0.1, 0.1, 1.0))
        learn = axial.pop("trainable_gates", False)
        self.gate_range = axial.pop("gate_range", None) or (-torch.inf, torch.inf)
        super().__init__(*args, **axial)
        f = [nn.Parameter(torch.tensor(float(value)), learn) for value in gates]
        self.f_qr, self.f_kr, self.f_sve, self.f_sv = f
        self.relative = self._parameters.pop("relative")  # gates come first when saved

    def open_gates(self, opened: bool = True) -> None:
        """Let the gates learn, or stop them."""
        for gate in (self.f_qr, self.f_kr, self.f_sve, self.f_sv):
            gate.requires_grad_(opened)

    def tables(self) -> list[Tensor]:
        gates = torch.stack((self.f_qr, self.f_kr, self.f_sve)).clamp(*self.gate_range)
        return [f * r for f, r in zip(gates, super().tables(), strict=True)]

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return super().attend(q, k, self.f_sv.clamp(*self.gate_range) * v)


class AxialAttention_wopos(AxialAttention):
    """AxialAttention without positions: softmax(norm(qk)) v."""

    def __init__(self, channels: int, heads: int = 8, **axial: Any) -> None:
        super().__init__(channels, heads, span=None, **axial)


# For programs: the spec of this file (JSON, zlib, base 85), which
# `medt-gen diff` reads, and a hash of the text above it, to know later edits by.
# spec: c-pO3O>f&U4E-yH&_e=vMJ%~lkz3nSfpv$q8wL!6q1Z~|)s_rf>gV#`M@mlOBzEIwy~HvpK2jtft-O+4B>K}_NHPh05@)=s$ixaGDKznkPIV?gbR&{9=9za_a#_t(nTygJfbebzn<{0>7<c{P8JE1|mGOl3cy{W0H`iBJ7uOyg(ZKh3`7?c(&|pMQgVA_Q!8VnJ(PZ*U;suvdWZ<6xV)_Dj0X<*(qyWIYvRg1d0ZZzWh2ROS&V4e?RD2K4FP>7KUE)iWJWHOZF+pP;FQS$$kE&1=0r*@cCKC={$%g<J`nka4T){g{07V%cZQ=u;_o9S#<ih+6@#->7gbl3VNs`LBJ;pTUuz$w0N`NPXr-$L;)H@DX12t$vW$zFAP0Xo;G>}Wo-B+l!g_}y+B4c~9Qe>tP&NuPpyDM|Xu}5@i&_l+bMcK^tt>$w<Hq|_F3y2b03d<9W*F`5MZsC(e6nX)=6(W5PBBR}iv{BO~N@JCXGCZ7T1no}r2I{OwBa9C~@#K%G^kE=!vSQ8-Ac9nC)`Yl)*PK6LCeqxthLNTc$+~iuBvEnL>p1)$p7il>3{#GZ{190Xbe}G*Qr03x%525eMw-1sI0|jq?X`S!{Job-#~{ChQq~DO#tD|E%SqVcBs?ld*jt@RYMl<fSV7NPSlvd8#;o`VGHlR3fC7z)*axilOzd^eaX+xxhYi^Fs8YFu)OY6Y5g8}&c8k6}gTVxDV2`{^(5BJ?_K+v<uV+UyJYgciFHV(ONUe}=3z-$NT8P)U`?SFCJ|cp&{zN-De*3L{rNFzJaobT1;#Eh$(i9cXi%bmYu!bMt0#ZA$Ab4qfTqt|9G!}E!0UgG$ANa{LJh0`fyRfMlo*a~O;18Mn3jOdmR1MQ_cahdqS=B0CQQ;D1pUsrj3c9OcwSuh`U8#ebb|r7EVvPi@C!$k@wTi7&p;ei+BHZN7g?}LJ;n12hoAib;?PJWGF}22QW6b&()8V>X%vP`TF}B^J@K3@{uXGv{q=>VyT~>qH4jOI%X4~HET?!0!$x~@Zz$=+^?K*8%suv+6QK)!<d><{B%YUG_N(}
# sha256: ca06e45185f4ef2c5a2e81451cc1d6def17cb2474a7518c28ca6abf5a9954e25
