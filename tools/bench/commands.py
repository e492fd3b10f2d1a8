"""How long the command line takes, next to importing torch, and with large specs."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

_MEDT_GEN = [sys.executable, "-m", "medt_gen"]
_SIZES = (500, 1000, 2000)


def time_commands(rounds: int) -> list[dict[str, Any]]:
    """Medians over `rounds` turns, and the share of what importing torch takes."""
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        commands = _commands(Path(folder))
        for _ in range(rounds):
            for name, command in commands.items():
                start = time.perf_counter()
                subprocess.run(command, check=True, capture_output=True)
                elapsed = 1000 * (time.perf_counter() - start)
                times.setdefault(name, []).append(elapsed)
    torch_ms = median(times["import torch"])
    return [
        {"command": name, "ms": median(ms), "of_torch": round(median(ms) / torch_ms, 3)}
        for name, ms in times.items()
    ]


def _commands(folder: Path) -> dict[str, list[str]]:
    commands = {
        "import torch": [sys.executable, "-c", "import torch"],
        "--help": [*_MEDT_GEN, "--help"],
        "validate": [*_MEDT_GEN, "validate", "medt"],
        "emit": [*_MEDT_GEN, "emit", "medt", "-o", "-"],
        "build": [*_MEDT_GEN, "build", "medt"],
    }
    for count in _SIZES:
        spec = folder / f"{count}.yaml"
        spec.write_text(_chain(count))
        commands[f"validate {count} modules"] = [*_MEDT_GEN, "validate", str(spec)]
        commands[f"emit {count} modules"] = [*_MEDT_GEN, "emit", str(spec), "-o", "-"]
    return commands


def _chain(count: int) -> str:
    """A spec of so many convolutions in a row."""
    lines = [
        "medt-gen: 1",
        "class: Chain",
        "input: {channels: 8, size: 32}",
        "modules:",
    ]
    conv = "{type: Conv2d, out_channels: 8, kernel_size: 3, padding: 1}"
    lines += [f"  conv{i}: {conv}" for i in range(count)]
    lines += ["forward:", "  y0: x | conv0"]
    lines += [f"  y{i}: y{i - 1} | conv{i}" for i in range(1, count - 1)]
    lines.append(f"  out: y{count - 2} | conv{count - 1}")
    return "\n".join(lines) + "\n"
