"""Medical Transformer (MedT).

Source: Valanarasu et al., MICCAI 2021, arXiv:2102.10662. From images [N, 3, 128, 128]
to [N, 2, 128, 128].

Written by medt-gen 0.2.0 from the spec 30fef09f6ec88556, with the command
medt-gen emit specs/medt.yaml
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

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
        self.spec_parameters = {"classes": classes, "heads": heads}
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
        check_input(x, "medt_net", 3, multiples=(128, 128), largest=(128, 128))
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
        self.hight_block = FastAxialAttention_dynamic(
            planes, heads, span=height, axis="height"
        )
        self.width_block = FastAxialAttention_dynamic(
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
        self.hight_block = with_patch_norms(
            FastAxialAttention_wopos(planes, heads, axis="height"), patches
        )
        self.width_block = with_patch_norms(
            FastAxialAttention_wopos(planes, heads, axis="width", stride=stride),
            patches,
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
        take_steps(self, mean, var)
        return y.view(input.shape)

    def _get_name(self) -> str:
        return type(self).__name__.removeprefix("Patch")


@torch.no_grad()
def take_steps(norm: _BatchNorm, mean: Tensor, var: Tensor) -> None:
    """Take the steps r <- (1 - m) r + m b_p of the running statistics at once."""
    if not norm.track_running_stats:
        return
    momentum = norm.momentum
    patches = mean.numel() // norm.num_features
    tracked = norm.get_buffer("num_batches_tracked").add_(patches)
    decay = 1.0 if momentum is None else 1.0 - momentum
    way = patches / tracked if momentum is None else 1.0 - decay**patches
    weights = mean.new_tensor([[decay**p] for p in reversed(range(patches))])
    for name, batch in (("running_mean", mean), ("running_var", var)):
        running = norm.get_buffer(name)
        average = (weights * batch.view(patches, -1)).sum(0) / weights.sum()
        running += way * (average - running)


class PatchBatchNorm2d(PatchNorm, nn.BatchNorm2d):
    """BatchNorm2d, patch by patch."""


def check_input(
    x: Tensor,
    network: str,
    channels: int,
    multiples: Sequence[int] = (),
    least: Sequence[int] | None = None,
    largest: Sequence[int | None] | None = None,
) -> None:
    """Raise ValueError where x is no [N, channels, *size] that the network is made for."""
    traced = torch.compiler.is_compiling() or bool(torch._C._get_tracing_state())
    if traced or not isinstance(x, Tensor):
        return
    ends = largest or [None] * len(multiples)
    bounds = list(zip(multiples, least or multiples, ends, strict=True))
    fits = x.dim() == 2 + len(multiples) and x.shape[1] == channels
    if fits and all(
        axis % step == 0 and first <= axis and (last is None or axis <= last)
        for axis, (step, first, last) in zip(x.shape[2:], bounds, strict=True)
    ):
        return
    names = ("D", "H", "W")[3 - len(multiples) :]
    wanted = [
        f"{name} = {sizes_in_words(*bound)}"
        for name, bound in zip(names, bounds, strict=True)
    ]
    shape = ", ".join(["N", str(channels), *names])
    with_sizes = f" with {' and '.join(wanted)}" if wanted else ""
    raise ValueError(
        f"{network} takes [{shape}]{with_sizes}, and this is {list(x.shape)}"
    )


def sizes_in_words(step: int, first: int, last: int | None) -> str:
    """The lengths that an axis may have."""
    if first == last:
        return str(first)
    end = "on" if last is None else f"to {last}"
    return f"{first} {end}" if step == 1 else f"{first}, {first + step}, ... {end}"


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


class RelativePositions(NamedTuple):
    """What a layer has learned of the distance i - j, for every two places i and j."""

    q: Tensor  # R_q[i - j], [c, i, j]
    k: Tensor  # R_k[j - i], [c, i, j]
    v: Tensor  # R_v[i - j], [d, i, j]


class AxialAttention(nn.Module):
    """Axial attention along lines of an axis (Wang et al., arXiv:2003.07853, eq. 4)."""

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


class qkv_transform(nn.Conv1d):
    """The 1x1 projection to queries, keys and values; its name is what it prints."""


class AxialAttention_dynamic(AxialAttention):
    """AxialAttention with gates on its terms (arXiv:2102.10662, eq. 2)."""

    def __init__(
        self,
        channels: int,
        heads: int = 8,
        *,
        span: int,
        axis: str,
        stride: int | tuple[int, ...] = 1,
        pooling_size: int | tuple[int, ...] | None = None,
        pooling_padding: int | tuple[int, ...] = 0,
        norms: bool = True,
        window: int | None = None,
        gates: tuple[float, ...] = (0.1, 0.1, 0.1, 1.0),
        trainable_gates: bool | tuple[str, ...] = False,
        gate_range: tuple[float, float] | None = None,
        volume: bool = False,
    ) -> None:
        super().__init__(
            channels,
            heads,
            span=span,
            axis=axis,
            stride=stride,
            pooling_size=pooling_size,
            pooling_padding=pooling_padding,
            norms=norms,
            window=window,
            volume=volume,
        )
        self.gate_range = gate_range
        learning = GATES if trainable_gates is True else trainable_gates or ()
        self.f_qr, self.f_kr, self.f_sve, self.f_sv = (
            nn.Parameter(torch.tensor(float(start)), name in learning)
            for name, start in zip(GATES, gates, strict=True)
        )
        self.relative = self._parameters.pop("relative")  # gates come first when saved

    def open_gates(self, opened: bool = True) -> None:
        """Let the gates learn, or stop them."""
        for gate in (self.f_qr, self.f_kr, self.f_sve, self.f_sv):
            gate.requires_grad_(opened)

    def gate(self, f: Tensor) -> Tensor:
        """The gate within its range."""
        return f if self.gate_range is None else f.clamp(*self.gate_range)

    def positions(self, relative: Tensor, places: int) -> RelativePositions:
        """Those of AxialAttention, each times its gate."""
        q, k, v = super().positions(relative, places)
        f_qr, f_kr, f_sve = map(self.gate, (self.f_qr, self.f_kr, self.f_sve))
        return RelativePositions(f_qr * q, f_kr * k, f_sve * v)

    def values(self, v: Tensor) -> Tensor:
        """v times its gate."""
        return self.gate(self.f_sv) * v


GATES = ("f_qr", "f_kr", "f_sve", "f_sv")


class HeadLines(NamedTuple):
    """The lines of all images and heads, innermost in memory."""

    q: Tensor  # [c, L, lines]
    k: Tensor  # [c, L, lines]
    v: Tensor  # [d, L, lines]
    scales: Tensor  # [terms, 1, lines], what the norm does to each term, for base 2


class FastAxialAttention(AxialAttention):
    """AxialAttention without a tensor of all logits; it prints as AxialAttention."""

    # Logits at a time, half as many with gradients. In eval, half of it was 3 to 5%
    # slower, and twice of it up to 15%; in training, twice of it 5 to 15%.
    chunk = 2**20
    # Lines at a time at least, so that an operation has enough to run over: of 256
    # places, 16 at a time took a third longer in eval, and 256 at a time a sixth.
    least_lines = 64
    # From so many channels of a query on, the definition's matrix products are faster
    # in training; without positions there are fewer terms to save. Measured for 1 to 15
    # channels and 4 to 256 places, with one thread and with two.
    wide_head = 6
    wide_head_without_positions = 3

    def _get_name(self) -> str:
        return type(self).__name__.removeprefix("Fast")

    def attend(
        self, q: Tensor, k: Tensor, v: Tensor, positions: RelativePositions | None
    ) -> Tensor:
        """What AxialAttention computes, by the fast form where nothing can tell."""
        if (
            self.norm_is_torchs_own()
            and self.norm_keeps_averages()
            and self.has_values(q)
            and self.has_float64(q)
            and not self.products_are_faster(q)
        ):
            return self.attend_fast(q, k, v, positions)
        return super().attend(q, k, v, positions)

    def norm_is_torchs_own(self) -> bool:
        """Whether calling bn_similarity would scale and shift, and do nothing more."""
        norm = self.bn_similarity
        known = type(norm) in (nn.BatchNorm2d, PatchBatchNorm2d)
        return known and norm.affine and not is_hooked(norm)

    def norm_keeps_averages(self) -> bool:
        """Whether bn_similarity has running statistics that go by a momentum."""
        norm = self.bn_similarity
        return norm.running_var is not None and norm.momentum is not None

    def has_values(self, q: Tensor) -> bool:
        """Whether the batch is not empty: else it has no variance."""
        return q.shape[0] > 0

    def has_float64(self, q: Tensor) -> bool:
        """Whether the device can compute a variance from sums; mps can't."""
        return not q.is_mps

    def products_are_faster(self, q: Tensor) -> bool:
        """Whether heads are so wide that the definition trains faster."""
        if not (self.bn_similarity.training or torch.is_grad_enabled()):
            return False
        channels, places = q.shape[2:4]
        if isinstance(places, torch.SymInt):
            # The choice must not fix the size of what is exported.
            return True
        wide = self.wide_head
        if self.relative is None:
            wide = self.wide_head_without_positions
        return channels >= wide or channels**2 >= places

    def attend_fast(
        self, q: Tensor, k: Tensor, v: Tensor, positions: RelativePositions | None
    ) -> Tensor:
        """`attend`, with bn_similarity as a factor of each term of the logits."""
        norm = self.bn_similarity
        # [N, H, c or d, L, O] -> [c or d, L, N, H, O]
        q, k, v = (t.permute(2, 3, 0, 1, 4) for t in (q, k, v))
        if norm.training:
            found = similarity_statistics(q, k, positions, patches_of(norm))
            take_steps(norm, found.mean, found.unbiased_var)
            var = found.var.to(norm.weight.dtype)
        else:
            var = norm.get_buffer("running_var")[None]
        images, others = q.shape[2] // len(var), q.shape[4]
        scales = self.scales(var).expand(-1, -1, images, -1, -1, others)
        lines = HeadLines(*(t.flatten(2) for t in (q, k, v, scales)))
        y = self.in_chunks(lines, positions)
        return torch.unflatten(y, 3, q.shape[2:]).to(v).permute(3, 4, 1, 0, 2, 5)

    def scales(self, var: Tensor) -> Tensor:
        """What bn_similarity multiplies a term by, for base 2: [terms, 1, 1, P, H, 1]."""
        norm = self.bn_similarity
        s = norm.weight / (var + norm.eps).sqrt() / math.log(2) + 0 * norm.bias
        terms = 1 if self.relative is None else 3
        return s.view(len(var), 1, 1, terms, self.heads, 1).transpose(0, 3)

    def in_chunks(
        self, lines: HeadLines, positions: RelativePositions | None
    ) -> Tensor:
        """`attend_lines` for all lines, no more logits at a time than `chunk`."""
        if torch.compiler.is_compiling() or bool(torch._C._get_tracing_state()):
            return attend_lines(lines, positions)
        with_gradients = torch.is_grad_enabled()
        logits = self.chunk // 2 if with_gradients else self.chunk
        count = max(logits // lines.q.shape[1] ** 2, self.least_lines)
        cut = [torch.split(t, count, 2) for t in lines]
        chunks = [HeadLines(*parts) for parts in zip(*cut, strict=True)]
        if with_gradients:
            return torch.cat([attend_lines(chunk, positions) for chunk in chunks], 3)
        # Made before the first chunk: else it would leave holes between the logits.
        outputs = 1 if positions is None else 2
        dtype = torch.promote_types(lines.v.dtype, torch.float32)
        y = lines.v.new_zeros(outputs, *lines.v.shape, dtype=dtype)
        for chunk, out in zip(chunks, torch.split(y, count, 3), strict=True):
            attend_lines(chunk, positions, out)
        return y


class SimilarityStatistics(NamedTuple):
    """Of each term of the logits, [P, terms * H]; a norm normalises by `var`."""

    mean: Tensor
    var: Tensor
    unbiased_var: Tensor


def similarity_statistics(
    q: Tensor, k: Tensor, positions: RelativePositions | None, patches: int
) -> SimilarityStatistics:
    """The statistics of the logits of q and k, [c, L, N, H, O], without the logits."""
    q, k = (torch.unflatten(t.double(), 2, (-1, patches)) for t in (q, k))
    _, places, images, _, _, others = q.shape
    count = places * places * images * others
    q, k = with_products(q), with_products(k)  # [1 + c, c, L, N / P, P, H, O]
    sums = [(q.sum(2) * k.sum(2)).sum((2, 5))]  # of each term [1 + c, c, P, H]
    if positions is not None:
        r_q = with_products(positions.q.double()).sum(3)  # over j: [1 + c, c, i]
        r_k = with_products(positions.k.double()).sum(2)  # over i: [1 + c, c, j]
        sums.append((q.sum((3, 6)) * r_q[..., None, None]).sum(2))
        sums.append((k.sum((3, 6)) * r_k[..., None, None]).sum(2))
    moments = (torch.stack(sums, 3).flatten(3) / count).sum(1)
    mean, squares = moments[0], moments[1:].sum(0)
    # Far from zero even float64 leaves less than nothing of a small variance.
    var = (squares - mean**2).clamp(min=0)
    return SimilarityStatistics(mean, var, var * count / (count - 1))


def with_products(rows: Tensor) -> Tensor:
    """[c, ...] -> [1 + c, c, ...]: the rows, and each of them times every row."""
    return torch.stack([rows, *(row * rows for row in rows)])


def patches_of(norm: nn.Module) -> int:
    """How many patches of an image a norm knows in a batch; torch's know one."""
    patches: int = getattr(norm, "patches", 1)
    return patches


def attend_lines(
    lines: HeadLines, positions: RelativePositions | None, out: Tensor | None = None
) -> Tensor:
    """sv and sve of some lines, [outputs, d, i, lines]."""
    weights = unnormalised_weights(lines, positions)
    total = weights.sum(1)
    sve = []
    if positions is not None:
        sve.append((positions.v.transpose(0, 1) @ weights).transpose(0, 1))
    if out is None:
        sv = torch.stack([(weights * row).sum(1) for row in lines.v])
        return torch.stack([sv, *sve]).div(total)
    sv, values = out[0], lines.v[:, None].unbind(2)
    for weights_j, v_j in zip(weights.unbind(1), values, strict=True):
        sv.addcmul_(weights_j, v_j)
    if sve:
        out[1] = sve[0]
    return out.div_(total)


def unnormalised_weights(
    lines: HeadLines, positions: RelativePositions | None
) -> Tensor:
    """2^(logit - the greatest of all j), [i, j, lines]: outer products, summed up."""
    q, k = lines.q[:, :, None], lines.k[:, None]  # [c, i, 1, lines], [c, 1, j, lines]
    factors = [(lines.scales[0] * k, q)]
    if positions is not None:
        factors.append((lines.scales[1] * q, positions.q[..., None]))
        factors.append((lines.scales[2] * k, positions.k[..., None]))
    (a, b), *rest = (rows for pair in factors for rows in zip(*pair, strict=True))
    logits: Tensor = a * b
    for a, b in rest:
        logits.addcmul_(a, b)
    return logits.sub_(logits.detach().amax(1, keepdim=True)).exp2_()


class FastAxialAttention_dynamic(FastAxialAttention, AxialAttention_dynamic):
    """AxialAttention_dynamic in the fast form."""


def with_patch_norms(layer: nn.Module, patches: int) -> nn.Module:
    """A new layer, with norms of its own that know so many patches of an image."""
    for name, norm in layer.named_children():
        if isinstance(norm, nn.BatchNorm1d):
            setattr(layer, name, PatchBatchNorm1d(norm.num_features, patches=patches))
        elif isinstance(norm, nn.BatchNorm2d):
            setattr(layer, name, PatchBatchNorm2d(norm.num_features, patches=patches))
    return layer


class PatchBatchNorm1d(PatchNorm, nn.BatchNorm1d):
    """BatchNorm1d, patch by patch."""


class AxialAttention_wopos(AxialAttention):
    """AxialAttention without positions: y = n_sv(softmax(n_qk(q k)) v)."""

    def __init__(
        self,
        channels: int,
        heads: int = 8,
        *,
        axis: str,
        stride: int | tuple[int, ...] = 1,
        pooling_size: int | tuple[int, ...] | None = None,
        pooling_padding: int | tuple[int, ...] = 0,
        norms: bool = True,
        window: int | None = None,
        volume: bool = False,
    ) -> None:
        super().__init__(
            channels,
            heads,
            span=None,
            axis=axis,
            stride=stride,
            pooling_size=pooling_size,
            pooling_padding=pooling_padding,
            norms=norms,
            window=window,
            volume=volume,
        )


class FastAxialAttention_wopos(FastAxialAttention, AxialAttention_wopos):
    """AxialAttention_wopos in the fast form."""


# For programs: the spec of this file (JSON, zlib, base 85), which
# `medt-gen diff` reads, and a hash of the text above it, to know later edits by.
# spec: c-pO3OK;mS4E`&I&_gnKZ7g|Nkz3nSfpv#<8wL!6q1Z~|)s_ug>T~(;Bjrb&#A%eYmqsSVj}P%9*cXzDNPV0ONhY34!i1M4nHXUpg(5Cdu}TDpZbTG^JaN7kT$Zz}NJZfcK=^$Km&!~RA>R7Q6E1ndOYI2d@Z{8WZmzGcF0LIqqMqyU;#Yh>q27p|dZY1}f^95wt;pnsgbOaENWeb>#P}KTJbJ!#Ne+N%iC3n)MCrJWRDh7WWFdG2r*oG~lPtW0FfJZro?PNb5Isqr#vwr%6)u9FD-T(ol>{86S)>zTJcXIO_wb;ea!l+BzG(y~nO4CnQgVVJIcH}MrgA3=5C>K4pCJiV#E~#D<~)jGIXAgYV-BV>o|FQdq9?lF6O>}Z0qdZ8eW>hB@xKZ`l~5dVi52|{y<m{1lJ>~hmaGto?nL%YeECteLBg?zRH4yB!k<LZeSurW=Yp)>_@p{Ol+bdb&4sl6Ku)TIOCpi01!U2{(t}{B^TF8%O*@ahL}{2sqVO#qpo_k{{wvH+wvW0Gk4JxXscg_1u5AD!NSV#L5V!D|@<*&ooSL@LQkNoXU)9hm$Su73yXtZfuWVc$!>qTZu#Z}ZzD=%PDeI9U!PWxoquAEdRD@fz+u}xdgdRn_qu`Gqpz+3z^5$E3^LxDcM|nH9@aFXn7dskx<5!xnk4K$RW5u4e3~UD2dvd2UYOPQY9=2Afhak@0cYOE97t204+p)ei8F0w2H}~sf9!y|CeBecdHl-49hdes}95eml7e*ZX#W7V2sS(n3Au~c&3vtW5i*sB%5D}#HhEU0I^)UKIf%}ZEuA>^nO{c(7=Os_`L=5P#h9BSo>N_wXxYIr?GPC$<gV{914r90v%;pIuY?xkck=YD02jv`yMkc>~*Z%`ghvhf7NN=f(swr2HR|PY_-ICP`x~X8bg0+fWrGq!!RlHWkIt6TpYNhgP6>C(!QR!CUuj*EXzo+c}(3mq*^o}vLF=mx9HO6dZ%xsM5u<aJT)+;u~rdu-nA7-Ohb{Z3;NM&KVtOhe3G+Y79*1ef^4GdMmV`=8V3z>6Ob=s`Ro`noVo`nnCX-3QC@;~W`bEW
# sha256: d165bf1dba6389c8d01724da7e864312a3d8297b4bb15c024c4e3902673bc19c
