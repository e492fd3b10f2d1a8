"""LoGo, whole-image and patch branches of axial attention.

Valanarasu et al., MICCAI 2021, arXiv:2102.10662

From images [N, 3, 128, 128] to [N, 2, 128, 128].

Written by medt-gen 0.1.0 from the spec specs/logo.yaml (73ed1747828a141a) by

medt-gen emit specs/logo.yaml
"""

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm, _NormBase


def is_hooked(module: nn.Module) -> bool:
    """Whether a call of the module does more than its forward."""
    kinds = ("forward", "forward_pre", "backward", "backward_pre")
    return any(getattr(module, f"_{kind}_hooks") for kind in kinds)


class PatchNorm(_BatchNorm):
    """torch's BatchNorm, patch by patch; it prints as torch's.

    patches: how many a batch holds of each image; in training no other number will do
    (ValueError). With one patch, or in eval mode, it is torch's own.
    """

    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(self, num_features: int, *, patches: int = 1) -> None:
        super().__init__(num_features)
        self.patches = patches

    def forward(self, input: Tensor) -> Tensor:
        if self.patches == 1 or not self.training:
            return super().forward(input)
        if len(input) % self.patches:
            raise ValueError(f"{len(input)} is no multiple of {self.patches} patches")
        x = input.reshape(-1, self.patches, *input.shape[1:])
        if not self.closed_form:
            norm = super().forward
            return torch.stack([norm(patch) for patch in x.unbind(1)], 1).flatten(0, 1)
        affine = self.weight.repeat(self.patches), self.bias.repeat(self.patches)
        mean = self.running_mean.repeat(self.patches)
        var = self.running_var.repeat(self.patches)
        # Each patch has channels of its own; momentum 1 leaves its statistics.
        y = F.batch_norm(x.flatten(1, 2), mean, var, *affine, True, 1.0, self.eps)
        self.step(mean, var)
        return y.view(input.shape)

    @property
    def closed_form(self) -> bool:
        """Whether the running statistics follow from the patches' by `step`."""
        plain = self.affine and self.track_running_stats and not is_hooked(self)
        return plain and (self.momentum is not None or not self.training)

    @torch.no_grad()
    def step(self, mean: Tensor, var: Tensor) -> None:
        """Take one step of the running statistics for each patch's mean and variance.

        P steps r <- (1-m) r + m b are r <- (1-m)^P r + sum_p m (1-m)^(P-1-p) b_p.
        """
        m = self.momentum or 0.0
        weights = [m * (1 - m) ** (self.patches - 1 - p) for p in range(self.patches)]
        for running, batch in ((self.running_mean, mean), (self.running_var, var)):
            steps = batch.reshape(self.patches, -1).to(running.dtype)
            running.mul_((1 - m) ** self.patches).add_(
                steps.new_tensor(weights) @ steps
            )
        self.num_batches_tracked.add_(self.patches)

    def _get_name(self) -> str:
        return type(self).__name__.removeprefix("Patch")


class PatchBatchNorm1d(PatchNorm, nn.BatchNorm1d):
    """BatchNorm1d, patch by patch."""


class PatchBatchNorm2d(PatchNorm, nn.BatchNorm2d):
    """BatchNorm2d, patch by patch."""


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
        if type(norm) is not PatchBatchNorm2d or not norm.closed_form:
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


def upsample(x: Tensor, factor: int | tuple[int, ...]) -> Tensor:
    """Enlarge x [N, C, *size] to [N, C, *(factor * size)], linearly along each axis."""
    size = [factor] * (x.dim() - 2) if isinstance(factor, int) else factor
    scale = tuple(float(axis) for axis in size)
    return F.interpolate(x, scale_factor=scale, mode=_LINEAR[len(scale)])


_LINEAR = {2: "bilinear", 3: "trilinear"}


def over_patches(
    branch: Callable[[Tensor], Tensor],
    image: Tensor,
    grid: tuple[int, ...],
    modules: Iterable[nn.Module] = (),
) -> Tensor:
    """Run `branch` on each patch of image [N, C, *size], and lay the results back.

    grid: the patches along each axis (ValueError if they do not tile it). The branch
    gets them as one batch, image by image, row by row (dropout draws in that order);
    one by one where `modules`, which normalise in it, would else couple them.
    """
    size, n = image.shape[2:], len(grid)
    if len(size) != n or any(a % count for a, count in zip(size, grid, strict=True)):
        raise ValueError(f"a grid of {grid} does not tile an image of {tuple(size)}")
    rows, inside = tuple(range(1, n + 1)), tuple(range(2, 2 * n + 1, 2))
    for axis in range(n):
        image = torch.unflatten(image, 2 + 2 * axis, (grid[axis], -1))
    patches = image.movedim(inside, rows).flatten(1, n)  # [N, P, C, *patch]
    inner = [module for top in modules for module in top.modules()]
    if any(_couples(module, patches.shape[1]) for module in inner):
        result = _one_by_one(branch, patches, inner)
    else:
        result = branch(patches.flatten(0, 1))
    result = result.view(-1, *grid, *result.shape[1:]).movedim(rows, inside)
    for axis in range(n):
        result = result.flatten(2 + axis, 3 + axis)
    return result


def _couples(module: nn.Module, patches: int) -> bool:
    """Whether what the module makes of a patch may depend on the rest of the batch."""
    if is_hooked(module):
        return True
    if isinstance(module, _NormBase) and module.training:
        return getattr(module, "patches", None) != patches
    if isinstance(module, _NormBase | nn.Conv1d):
        return getattr(module, "running_mean", module) is None
    torch_own = type(module).__module__.startswith("torch.nn.")
    return module.training and not torch_own and not list(module.children())


def _one_by_one(
    branch: Callable[[Tensor], Tensor], patches: Tensor, inner: list[nn.Module]
) -> Tensor:
    """[N, P, C, *patch] -> [N * P, C, *size]; meanwhile norms have one patch."""
    norms = [module for module in inner if isinstance(module, PatchNorm)]
    counts = [norm.patches for norm in norms]
    try:
        for norm in norms:
            norm.patches = 1
        return torch.stack([branch(p) for p in patches.unbind(1)], 1).flatten(0, 1)
    finally:
        for norm, count in zip(norms, counts, strict=True):
            norm.patches = count


class AxialBlock(nn.Module):
    """Residual block of axial attention with relative positions.

    Source: Wang et al., ECCV 2020, arXiv:2003.07853. From [N, in_channels, height,
    width] to [N, 2 * planes, height // stride, width // stride].
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
        patches: int = 1,
    ) -> None:
        super().__init__()
        downsample: nn.Sequential | None = None
        if stride != 1 or in_channels != 2 * planes:
            downsample = nn.Sequential(
                nn.Conv2d(
                    in_channels, 2 * planes, kernel_size=1, stride=stride, bias=False
                ),
                PatchBatchNorm2d(2 * planes, patches=patches),
            )
        self.conv_down = nn.Conv2d(in_channels, planes, kernel_size=1, bias=False)
        self.bn1 = PatchBatchNorm2d(planes, patches=patches)
        self.hight_block = AxialAttention(
            planes, heads, span=height, axis="height", patches=patches
        )
        self.width_block = AxialAttention(
            planes, heads, span=width, axis="width", stride=stride, patches=patches
        )
        self.conv_up = nn.Conv2d(planes, 2 * planes, kernel_size=1, bias=False)
        self.bn2 = PatchBatchNorm2d(2 * planes, patches=patches)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        # [N, 2 * planes, (height - 1) // stride + 1, (width - 1) // stride + 1]
        shortcut = x if self.downsample is None else self.downsample(x)
        # [N, planes, height, width]
        out: Tensor = self.relu(self.bn1(self.conv_down(x)))
        out = self.hight_block(out)  # [N, planes, height, width]
        # [N, planes, height // stride, width // stride]
        out = self.relu(self.width_block(out))
        # [N, 2 * planes, height // stride, width // stride]
        out = self.relu(self.bn2(self.conv_up(out)) + shortcut)
        return out


class medt_net(nn.Module):
    """LoGo, whole-image and patch branches of axial attention.

    Source: Valanarasu et al., MICCAI 2021, arXiv:2102.10662. From [N, 3, 128, 128] to
    [N, 2, 128, 128].
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, kernel_size=7, stride=2, padding=3, bias=False)
        self.conv2 = nn.Conv2d(8, 128, kernel_size=3, padding=1, bias=False)
        self.conv3 = nn.Conv2d(128, 8, kernel_size=3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.bn2 = nn.BatchNorm2d(128)
        self.bn3 = nn.BatchNorm2d(8)
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = nn.Sequential(AxialBlock(8, 16, height=64, width=64))
        self.layer2 = nn.Sequential(
            AxialBlock(32, 32, height=64, width=64, stride=2),
            AxialBlock(64, 32, height=32, width=32),
        )
        self.decoder4 = nn.Conv2d(64, 32, kernel_size=3, padding=1)
        self.decoder5 = nn.Conv2d(32, 16, kernel_size=3, padding=1)
        self.adjust = nn.Conv2d(16, 2, kernel_size=1)
        self.soft = nn.Softmax(dim=1)
        self.conv1_p = nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)
        self.conv2_p = nn.Conv2d(64, 128, kernel_size=3, padding=1, bias=False)
        self.conv3_p = nn.Conv2d(128, 64, kernel_size=3, padding=1, bias=False)
        self.bn1_p = PatchBatchNorm2d(64, patches=16)
        self.bn2_p = PatchBatchNorm2d(128, patches=16)
        self.bn3_p = PatchBatchNorm2d(64, patches=16)
        self.relu_p = nn.ReLU(inplace=True)
        self.layer1_p = nn.Sequential(
            AxialBlock(64, 16, height=16, width=16, patches=16)
        )
        self.layer2_p = nn.Sequential(
            AxialBlock(32, 32, height=16, width=16, stride=2, patches=16),
            AxialBlock(64, 32, height=8, width=8, patches=16),
        )
        self.layer3_p = nn.Sequential(
            AxialBlock(64, 64, height=8, width=8, stride=2, patches=16),
            *(AxialBlock(128, 64, height=4, width=4, patches=16) for _ in range(3)),
        )
        self.layer4_p = nn.Sequential(
            AxialBlock(128, 128, height=4, width=4, stride=2, patches=16)
        )
        self.decoder1_p = nn.Conv2d(256, 256, kernel_size=3, stride=2, padding=1)
        self.decoder2_p = nn.Conv2d(256, 128, kernel_size=3, padding=1)
        self.decoder3_p = nn.Conv2d(128, 64, kernel_size=3, padding=1)
        self.decoder4_p = nn.Conv2d(64, 32, kernel_size=3, padding=1)
        self.decoder5_p = nn.Conv2d(32, 16, kernel_size=3, padding=1)
        self.decoderf = nn.Conv2d(16, 16, kernel_size=3, padding=1)
        self.adjust_p = nn.Conv2d(16, 2, kernel_size=1)
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
        )  # [N, 16, 128, 128]
        out: Tensor = F.relu(self.decoderf(whole + local))  # [N, 16, 128, 128]
        out = self.adjust(out)  # [N, 2, 128, 128]
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
        up4 = F.relu(upsample(self.decoder1_p(skip4), 2)) + skip4  # [N, 256, 2, 2]
        up3 = F.relu(upsample(self.decoder2_p(up4), 2)) + skip3  # [N, 128, 4, 4]
        up2 = F.relu(upsample(self.decoder3_p(up3), 2)) + skip2  # [N, 64, 8, 8]
        up1 = F.relu(upsample(self.decoder4_p(up2), 2)) + skip1  # [N, 32, 16, 16]
        out: Tensor = F.relu(upsample(self.decoder5_p(up1), 2))  # [N, 16, 32, 32]
        return out


# --------------------------------------------------------------------------------------
# spec: c-pO3-*1~R5dK$?)rUr6Rk3MS<*n_*RH@s;s!fxoDRP37uo@eI-5=}nzwgdKAPE$b^(B})-*@M``wr)oBqA~&mO_z9;FG!Jc}^xyI90+BpP1N40irwoN&DW@N=xw}PWV!ITt!~W&3xs}GOp$;k$ZaK@#mOJj~gSDiM0ZRT-$7p5Z}4vif25xo-iJlXTJCO_U7j5)}!Y%@I9XWh#x03IHza9`FKphHdd)MWb#VpE3TA~5F7)<_z&O(^m6T!6abUlZNcCLEU8acf=95r^vO)>`2#q=!nm&83mQS#(-su~COWcG6o^_q2DmUUDIVYk-f0B(+L~z{5qNnJ8LX#8U>_kulf{v6p`<*DVzqRE&teYy7hL87JRv;ohlg|SIA9IbpbeEB9`u`-GX-fN*O;|0I!hefOwkq@+mmHN+D15E#of1}u##g}n9QOF$zMd)%=Nv29wT-APG(i@poy?N!FW?<a#AdO5{cBTKvyBsLl7D5Mx>3Ju2DMIk;uaSJR@j#qHCy&0gW*3f#T6`o11<ha#C?+2M|GWy=X$*!)wByF%xm(TEi-vi)d3hN0MpU?{ysh4^M`8IEE=lMczji1l^}gtCY1!kuqCxwUK785Cw&{?Dkr|Irt8x(lN*fP|7)B$2h_AbU6uIoP<Z^2z#qDNv+di5G&|K3#;2`(U=wQL53Rb9VpP4h(o{z&%{CJ91jCqyxV|nk1AF>NJD4t9+7bZZ@1{%GZ;)3I(y<-gf_Vmu!lT*e?2#v;RzE7esQXlLh6KcTgaS{l|sC@J;W(~_Yo1K<tMt3<G0`GD+S)xY_T2HAg($BmNw0Kl1gz(M<x6zE+Dn14rBzz?rI6<)?rp1&|wVwfuCIBfgN9q3!7fx$w9dU{*cMf&<}q>)iC{T7impZafvO{HBF0zxo0zFrGoA%SgBweMOW&erd`R~s8}O`n~7Mc!cxU5Rp?Z9qX_G~72)@!Jsdf6=91nprbCQbVN9JdtBu(ZV>;S&i{0v#A;zv-H2y8v>6K1nf)pt%T$hz#u7gH3z+&5*yGyOt{{X}&Kqv
# sha256: 7bf954e605b08c1dbba2b52fd1c20680f86caaad715fdd22d4b7c93e932c123f
