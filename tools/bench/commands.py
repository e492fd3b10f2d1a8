"""How long the command line takes, next to importing torch."""

import subprocess
import sys
import time
from statistics import median
from typing import Any

_MEDT_GEN = [sys.executable, "-m", "medt_gen.cli"]
_COMMANDS = {
    "import torch": [sys.executable, "-c", "import torch"],
    "--help": [*_MEDT_GEN, "--help"],
    "validate": [*_MEDT_GEN, "validate", "medt"],
    "emit": [*_MEDT_GEN, "emit", "medt", "-o", "-"],
    "build": [*_MEDT_GEN, "build", "medt"],
}


def time_commands(rounds: int) -> list[dict[str, Any]]:
    """Medians over `rounds` turns, and the share of what importing torch takes."""
    times: dict[str, list[float]] = {name: [] for name in _COMMANDS}
    for _ in range(rounds):
        for name, command in _COMMANDS.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            times[name].append(1000 * (time.perf_counter() - start))
    torch_ms = median(times["import torch"])
    return [
        {"command": name, "ms": median(ms), "of_torch": round(median(ms) / torch_ms, 3)}
        for name, ms in times.items()
    ]
