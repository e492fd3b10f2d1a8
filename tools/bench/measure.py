"""Time and memory of two forms of a network, interleaved and checked."""

import gc
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn

from tools.bench.cases import Case, alone, data, pair, run_once

_CLEAR, _STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")
_TOLERANCE = 2e-3  # of float32 outputs, relative to their largest value


def measure_time(case: Case, rounds: int, device: str, clock: str) -> dict[str, Any]:
    """Medians, ratio and spread over `rounds` turns of one form and the other.

    Raises RuntimeError as soon as the two forms disagree.
    """
    slow, fast = pair(case, device)
    x, y = data(case, device)
    runner: nn.Module = slow
    if case.compiled:
        runner = torch.compile(slow)  # type: ignore[assignment]
    times: dict[str, list[float]] = {"naive": [], "ours": []}
    for turn in range(rounds + 1):
        results = {}
        for name, model in (("naive", runner), ("ours", fast)):
            start = time_now(clock, device)
            results[name] = run_once(case, model, x, y)
            elapsed = time_now(clock, device) - start
            if turn:  # the first warms up
                times[name].append(1000 * elapsed)
        _check(case, results["naive"], results["ours"])
    ratios = [a / b for a, b in zip(times["naive"], times["ours"], strict=True)]
    return case.facts() | {
        "naive_ms": median(times["naive"]),
        "ours_ms": median(times["ours"]),
        "ratio": median(ratios),
        "ratio_least": min(ratios),
        "ratio_most": max(ratios),
        "rounds": rounds,
    }


def time_now(clock: str, device: str) -> float:
    """Seconds on the wall, or of this process's work where clock is `cpu`."""
    if device == "cuda":
        torch.cuda.synchronize()
    return time.process_time() if clock == "cpu" else time.perf_counter()


def _check(case: Case, naive: Tensor, ours: Tensor) -> None:
    error = (naive - ours).abs().max() / naive.abs().max()
    if not error < _TOLERANCE:
        raise RuntimeError(f"{case.label}: the two forms differ by {error:.1e}")


def measure_memory(case: Case, device: str) -> dict[str, Any]:
    """Peak memory above the baseline of each form, in a process of its own, in MB."""
    used = {form: memory_of(case, form, device) for form in ("naive", "ours")}
    return case.facts() | {
        "naive_mb": used["naive"],
        "ours_mb": used["ours"],
        "ratio": used["ours"] / used["naive"],
    }


def memory_of(case: Case, form: str, device: str) -> float:
    """Peak memory of one form in a process of its own, in MB above its baseline."""
    given = json.dumps(case.facts())
    command = [sys.executable, "-m", "tools.bench.measure", form, device, given]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


def peak_of(form: str, case: Case, device: str) -> float:
    """MB that one run takes above what model and data take."""
    model = alone(case, form, device)
    x, y = data(case, device)
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        run_once(case, model, x, y)
        return float((torch.cuda.max_memory_allocated() - before) / 2**20)
    gc.collect()
    start = _forget_peak()
    run_once(case, model, x, y)
    return (_peak() - start) / 2**20


def _forget_peak() -> int:
    """Let the peak start from here, where the system can (Linux); bytes."""
    try:
        _CLEAR.write_text("5")
    except OSError as error:
        note = f"the peak cannot be reset, so a figure may be low ({error.strerror})"
        print(note, file=sys.stderr)
    return _peak()


def _peak() -> int:
    """The most resident memory so far, in bytes (Linux counts in KB)."""
    if _STATUS.exists():
        line = next(
            x for x in _STATUS.read_text().splitlines() if x.startswith("VmHWM")
        )
        return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    print(peak_of(sys.argv[1], Case(**json.loads(sys.argv[3])), sys.argv[2]))
