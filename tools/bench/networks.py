"""The reference networks out of naive layers, written from their definition."""

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn import functional as F

from tools.bench.naive import (
    AxialAttention,
    AxialAttention_dynamic,
    AxialAttention_wopos,
    over_patches,
)

Build = Callable[..., nn.Module]
_HEADS = 8


class AxialBlock(nn.Module):
    """1x1 down to `planes`, attention along height and width, 1x1 up, shortcut."""

    def __init__(
        self, kind: str, channels: int, planes: int, span: int, stride: int
    ) -> None:
        super().__init__()
        downsample = None
        if stride != 1 or channels != 2 * planes:
            downsample = nn.Sequential(
                nn.Conv2d(channels, 2 * planes, 1, stride, bias=False),
                nn.BatchNorm2d(2 * planes),
            )
        self.conv_down = nn.Conv2d(channels, planes, 1, bias=False)
        if kind == "wopos":
            self.conv1 = nn.Conv2d(planes, planes, 1)
        self.bn1 = nn.BatchNorm2d(planes)
        self.hight_block = _attention(kind, planes, span, "height", 1)
        self.width_block = _attention(kind, planes, span, "width", stride)
        self.conv_up = nn.Conv2d(planes, 2 * planes, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(2 * planes)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        """[N, channels, H, W] -> [N, 2 * planes, H / stride, W / stride]"""
        shortcut = x if self.downsample is None else self.downsample(x)
        y = self.relu(self.bn1(self.conv_down(x)))
        y = self.relu(self.width_block(self.hight_block(y)))
        return F.relu(self.bn2(self.conv_up(y)) + shortcut)


def _attention(
    kind: str, channels: int, span: int, axis: str, stride: int
) -> nn.Module:
    if kind == "wopos":
        return AxialAttention_wopos(channels, _HEADS, axis=axis, stride=stride)
    cls = AxialAttention_dynamic if kind == "dynamic" else AxialAttention
    return cls(channels, _HEADS, span=span, axis=axis, stride=stride)


def _stage(
    kind: str, channels: int, planes: int, span: int, depth: int = 1, stride: int = 1
) -> nn.Sequential:
    first = AxialBlock(kind, channels, planes, span, stride)
    rest = (
        AxialBlock(kind, 2 * planes, planes, span // stride, 1)
        for _ in range(depth - 1)
    )
    return nn.Sequential(first, *rest)


class Branch(nn.Module):
    """Modules of a branch, by the names that they have in the networks."""

    def add_stem(self, width: int, suffix: str = "") -> None:
        """Three convolutions, three norms, and the activation."""
        convolutions = (
            nn.Conv2d(3, width, 7, 2, 3, bias=False),
            nn.Conv2d(width, 128, 3, 1, 1, bias=False),
            nn.Conv2d(128, width, 3, 1, 1, bias=False),
        )
        for number, conv in enumerate(convolutions, 1):
            self.add_module(f"conv{number}{suffix}", conv)
        for number, features in enumerate((width, 128, width), 1):
            self.add_module(f"bn{number}{suffix}", nn.BatchNorm2d(features))
        self.add_module(f"relu{suffix}", nn.ReLU(inplace=True))

    def add_stages(
        self, kind: str, width: int, span: int, count: int, suffix: str = ""
    ) -> None:
        """Stages of 16, 32, 64 and 128 planes, and the decoder that undoes them."""
        spans = (span, span, span // 2, span // 4)
        before = width
        for number in range(1, count + 1):
            planes = 8 * 2**number
            depth, stride = (1, 2, 4, 1)[number - 1], (1, 2, 2, 2)[number - 1]
            stage = _stage(kind, before, planes, spans[number - 1], depth, stride)
            self.add_module(f"layer{number}{suffix}", stage)
            before = 2 * planes
        widths = (256, 256, 128, 64, 32, 16)
        for number in range(_first_decoder(count), 6):
            stride = 2 if number == 1 else 1
            conv = nn.Conv2d(widths[number - 1], widths[number], 3, stride, 1)
            self.add_module(f"decoder{number}{suffix}", conv)

    def run(self, x: Tensor, count: int, suffix: str = "") -> Tensor:
        """Stem, `count` stages, and up again: [N, 3, S, S] -> [N, 16, S, S]"""

        def call(name: str, value: Tensor) -> Tensor:
            result: Tensor = self.get_submodule(f"{name}{suffix}")(value)
            return result

        for number in (1, 2, 3):
            x = F.relu(call(f"bn{number}", call(f"conv{number}", x)))
        skips = [x]
        for number in range(1, count + 1):
            skips.append(call(f"layer{number}", skips[-1]))
        y = skips[-1]
        for number in range(_first_decoder(count), 5):
            y = F.relu(_doubled(call(f"decoder{number}", y))) + skips[5 - number]
        return F.relu(_doubled(call("decoder5", y)))


def _first_decoder(stages: int) -> int:
    """Four stages are decoded by 1 to 5 (the first has stride 2), two by 4 and 5."""
    return 1 if stages == 4 else 4


def _doubled(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="bilinear")


class UNet(Branch):
    """ResAxialAttentionUNet"""

    def __init__(self, kind: str, size: int) -> None:
        super().__init__()
        self.add_stem(8)
        self.add_stages(kind, 8, size // 2, 4)
        self.adjust = nn.Conv2d(16, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        """[N, 3, S, S] -> [N, 2, S, S]"""
        y: Tensor = self.adjust(self.run(x, 4))
        return y


class MedicalTransformer(Branch):
    """medt_net: a branch on the whole image, and one on a 4 x 4 grid of patches"""

    def __init__(self, kind: str, patch_kind: str, size: int) -> None:
        super().__init__()
        self.add_stem(8)
        self.add_stages(kind, 8, size // 2, 2)
        self.adjust = nn.Conv2d(16, 2, 1)
        self.add_stem(64, "_p")
        self.add_stages(patch_kind, 64, size // 8, 4, "_p")
        self.decoderf = nn.Conv2d(16, 16, 3, 1, 1)
        self.adjust_p = nn.Conv2d(16, 2, 1)  # never called

    def forward(self, x: Tensor) -> Tensor:
        """[N, 3, S, S] -> [N, 2, S, S]"""
        local = over_patches(lambda patch: self.run(patch, 4, "_p"), x, (4, 4))
        y: Tensor = self.adjust(F.relu(self.decoderf(self.run(x, 2) + local)))
        return y


NETWORKS: dict[str, Callable[[int], nn.Module]] = {
    "axialunet": lambda size: UNet("", size),
    "gated": lambda size: UNet("dynamic", size),
    "logo": lambda size: MedicalTransformer("", "", size),
    "medt": lambda size: MedicalTransformer("dynamic", "wopos", size),
}
