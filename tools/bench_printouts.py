"""How long reading and comparing printouts takes, and how that grows.

    python tools/bench_printouts.py [--sizes 12500 25000 50000 100000] [--repeat 3]

Each row is the best of the repetitions, in seconds of processor time (what else runs on
the machine must not count). The limits that the project sets
itself hold for 100,000 modules: 1 s multi-line, 2 s flattened, 5 s for a comparison of
two trees that differ in 100 places.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable
from typing import TypeVar

from medt_gen.printout import compare, count_modules, parse, render

Result = TypeVar("Result")

EDITS = 100
ROWS_A_BLOCK = 4


def printout(modules: int, edited: frozenset[int] = frozenset()) -> str:
    """A printout of about that many modules: blocks of convolution, norm and ReLU."""
    blocks = "\n".join(
        f"  ({i}): Sequential(\n"
        f"    (0): Conv2d(3, {64 + (i in edited)}, kernel_size=(3, 3), "
        "stride=(2, 2), padding=(1, 1), bias=False)\n"
        "    (1): BatchNorm2d(64, eps=1e-05, momentum=0.1, affine=True, "
        "track_running_stats=True)\n"
        "    (2): ReLU(inplace=True)\n"
        "  )"
        for i in range(modules // ROWS_A_BLOCK)
    )
    return f"Sequential(\n{blocks}\n)"


def flatten(text: str) -> str:
    """The text without line breaks and indentation."""
    return "".join(line.strip() for line in text.split("\n"))


def timed(repeat: int, work: Callable[[], Result]) -> tuple[float, Result]:
    """The shortest of some runs, and the last result."""
    best = float("inf")
    for _ in range(repeat):
        start = time.process_time()
        result = work()
        best = min(best, time.process_time() - start)
    return best, result


def measure(modules: int, repeat: int) -> dict[str, float | int]:
    """Seconds for each operation on a tree of a size; checks the results as well."""
    chosen = random.Random(0).sample(range(modules // ROWS_A_BLOCK), EDITS)
    text = printout(modules)
    flat = flatten(text)
    layout, tree = timed(repeat, lambda: parse(text))
    flattened, other = timed(repeat, lambda: parse(flat))
    rendering, rendered = timed(repeat, lambda: render(other))
    edited = parse(printout(modules, frozenset(chosen)))
    comparing, differences = timed(repeat, lambda: compare(tree, edited))
    if rendered != text or len(differences) != EDITS:
        raise SystemExit("the results are wrong: nothing to measure")
    return {
        "modules": count_modules(tree),
        "characters": len(text),
        "parse": layout,
        "parse_flattened": flattened,
        "render": rendering,
        "compare": comparing,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    sizes = [12_500, 25_000, 50_000, 100_000]
    parser.add_argument("--sizes", type=int, nargs="+", default=sizes)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = [measure(size, options.repeat) for size in options.sizes]
    if options.json:
        print(json.dumps(rows, indent=1))
        return
    names = list(rows[0])
    print("  ".join(name.rjust(15) for name in names))
    for row in rows:
        cells = (
            f"{value:.3f}" if value % 1 else f"{value:.0f}" for value in row.values()
        )
        print("  ".join(cell.rjust(15) for cell in cells))


if __name__ == "__main__":
    main()
