"""How the cost of ours grows with the image, the batch and the number of branches."""

from statistics import median
from typing import Any

from tools.bench.cases import Case, alone, data, run_once
from tools.bench.measure import memory_of, time_now


def grow(rounds: int, device: str) -> list[dict[str, Any]]:
    """One row for each size, batch and number of branches, in eval."""
    cases = [Case("eval", "gated", size) for size in (64, 128, 256, 512)]
    cases += [Case("eval", "gated", 128, batch) for batch in (1, 2, 4, 8, 16)]
    cases += [Case("eval", "gated", branches=count) for count in (1, 2, 4, 8)]
    return [_row(case, rounds, device) for case in cases]


def _row(case: Case, rounds: int, device: str) -> dict[str, Any]:
    facts = {name: case.facts()[name] for name in ("size", "batch", "branches")}
    took = _milliseconds(case, rounds, device)
    return facts | {"ms": took, "mb": memory_of(case, "ours", device)}


def _milliseconds(case: Case, rounds: int, device: str) -> float:
    model = alone(case, "ours", device)
    x, y = data(case, device)
    times = []
    for _ in range(rounds + 1):
        start = time_now("wall", device)
        run_once(case, model, x, y)
        times.append(1000 * (time_now("wall", device) - start))
    return median(times[1:])  # the first warms up
