"""The layers themselves: what built and emitted networks import."""

import torch
from torch import Tensor, nn


class GroupScale(nn.Module):
    """Each group of channels times a learned number."""

    def __init__(self, channels: int, groups: int = 1, start: float = 1.0) -> None:
        super().__init__()
        self.channels, self.groups, self.start = channels, groups, start
        self.weight = nn.Parameter(torch.full((groups,), float(start)))

    def forward(self, x: Tensor) -> Tensor:
        scale = self.weight.repeat_interleave(self.channels // self.groups)
        return x * scale.view(1, -1, *[1] * (x.dim() - 2))

    def extra_repr(self) -> str:
        start = f", start={self.start}" if self.start != 1.0 else ""
        return f"{self.channels}, groups={self.groups}{start}"
