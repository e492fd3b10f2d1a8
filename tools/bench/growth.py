"""How the cost of ours grows with the image, the batch and the number of branches."""

from statistics import median
from typing import Any

import torch
from torch import Tensor, nn

from medt_gen.layers.patches import over_patches
from tools.bench.cases import Case, data, ours, run_once
from tools.bench.measure import memory_of, time_now

_GRID = (4, 4)


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


def grow(rounds: int, device: str) -> list[dict[str, Any]]:
    """One row for each size, batch and number of branches, in eval.

    Memory, of a process of its own, is told for sizes and batches.
    """
    cases = [Case("eval", "gated", size) for size in (64, 128, 256, 512)]
    cases += [Case("eval", "gated", 128, batch) for batch in (1, 2, 4, 8, 16)]
    rows = []
    for case in cases:
        took = _milliseconds(ours("gated", case.size), case, rounds, device)
        memory = memory_of(case, "ours", device)
        rows.append(case.facts() | {"branches": 0, "ms": took, "mb": memory})
    for count in (1, 2, 4, 8):
        case = Case("eval", "gated")
        took = _milliseconds(Branches(count, case.size), case, rounds, device)
        rows.append(case.facts() | {"branches": count, "ms": took, "mb": None})
    return rows


def _milliseconds(model: nn.Module, case: Case, rounds: int, device: str) -> float:
    model = model.to(device).eval()
    x, y = data(case, device)
    times = []
    for _ in range(rounds + 1):
        start = time_now("wall", device)
        run_once(case, model, x, y)
        times.append(1000 * (time_now("wall", device) - start))
    return median(times[1:])  # the first warms up
