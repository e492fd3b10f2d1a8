"""The networks of medt-gen that are measured."""

import torch
from torch import Tensor, nn

import medt_gen
from medt_gen.layers.patches import over_patches

_GRID = (4, 4)


def ours(name: str, size: int) -> nn.Module:
    """The network that medt-gen builds."""
    spec = medt_gen.load(name, overrides=[f"input.size={size}"])
    return medt_gen.build(spec)


class Branches(nn.Module):
    """The sum of so many gated U-Nets, each over the patches of a 4 x 4 grid."""

    def __init__(self, count: int, size: int) -> None:
        super().__init__()
        parts = (ours("gated", size // _GRID[0]) for _ in range(count))
        self.parts = nn.ModuleList(parts)

    def forward(self, x: Tensor) -> Tensor:
        """[N, 3, S, S] -> [N, 2, S, S]"""
        parts = [over_patches(part, x, _GRID, (part,)) for part in self.parts]
        return torch.stack(parts).sum(0)
