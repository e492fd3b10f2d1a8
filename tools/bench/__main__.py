"""Measure the networks of medt-gen against the naive form.

    python -m tools.bench                     # the table of speeds
    python -m tools.bench --memory            # peak memory
    python -m tools.bench --growth            # size, batch, branches
    python -m tools.bench --layers            # one layer, from narrow to wide
    python -m tools.bench --commands          # the command line
    python -m tools.bench --only train --rounds 9 --json out.json

On a busy machine `--clock cpu --threads 1` compares the work, not the waiting.
"""

import argparse
import json
import platform
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch

from tools.bench.cases import Case, layer_cases, memory_cases, time_cases
from tools.bench.commands import time_commands
from tools.bench.growth import grow
from tools.bench.measure import measure_memory, measure_time

Rows = list[dict[str, Any]]

_KINDS = ("memory", "layers", "growth", "commands")


def run(argv: list[str] | None = None) -> int:
    """Measure as `argv` asks; 1 where a case misses what it needs."""
    args = _arguments(argv)
    if args.threads:
        torch.set_num_threads(args.threads)
    report: dict[str, Any] = {"machine": _machine(args)}
    if args.memory:
        report["memory"] = _memory(_chosen(memory_cases(), args.only), args)
    if args.layers:
        report["layers"] = _times(_chosen(layer_cases(), args.only), args)
    if args.growth:
        report["growth"] = _shown(grow(args.rounds, args.device))
    if args.commands:
        report["commands"] = _shown(time_commands(args.rounds))
    if not any(getattr(args, kind) for kind in _KINDS):
        report["time"] = _times(_chosen(time_cases(), args.only), args)
    if args.json:
        args.json.write_text(json.dumps(report, indent=2) + "\n")
    rows = [*report.get("time", []), *report.get("memory", [])]
    return int(any(row["missed"] for row in rows))


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    """What is asked, refused before anything is measured if it can't be done."""
    parser = _parser()
    args = parser.parse_args(argv)
    if args.device == "cuda" and not torch.cuda.is_available():
        parser.error("--device cuda: torch finds no such device here")
    if args.only and (args.growth or args.commands):
        parser.error("--only chooses among cases, which --growth and --commands lack")
    kinds = {"memory": memory_cases, "layers": layer_cases}
    asked = [kinds[kind] for kind in kinds if getattr(args, kind)] or [time_cases]
    for cases in asked if args.only else ():
        if not _chosen(cases(), args.only):
            labels = ", ".join(case.label for case in cases())
            parser.error(f"--only {' '.join(args.only)}: no case; there are: {labels}")
    if args.json:
        try:
            args.json.open("a").close()
        except OSError as error:
            parser.error(f"--json {args.json}: {error.strerror}")
    return args


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", help="cases whose label has this")
    parser.add_argument("--rounds", type=_count, default=7)
    parser.add_argument("--threads", type=_count)
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--json", metavar="FILE", type=Path)
    for kind in _KINDS:
        parser.add_argument(f"--{kind}", action="store_true")
    return parser


def _count(text: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,5}", text):
        raise argparse.ArgumentTypeError(f"{text[:20]} is no number from 1 to 999999")
    return int(text)


def _chosen(cases: list[Case], only: list[str] | None) -> list[Case]:
    return [c for c in cases if not only or any(text in c.label for text in only)]


def _times(cases: Iterable[Case], args: argparse.Namespace) -> Rows:
    rows = []
    print(f"{'case':40}   naive ms    ours ms   ratio  (least to most)")
    for case in cases:
        row = measure_time(case, args.rounds, args.device, args.clock)
        row["missed"] = case.needed is not None and row["ratio"] < case.needed
        print(
            f"{case.label:40} {row['naive_ms']:10.1f} {row['ours_ms']:10.1f}"
            f" {row['ratio']:6.2f}x  ({row['ratio_least']:.2f} to"
            f" {row['ratio_most']:.2f}){_verdict(case, row)}",
            flush=True,
        )
        rows.append(row)
    return rows


def _verdict(case: Case, row: dict[str, Any]) -> str:
    missed = "  MISSED" if row["missed"] else ""
    return f", needed {case.needed}{missed}" if case.needed else ""


def _memory(cases: Iterable[Case], args: argparse.Namespace) -> Rows:
    rows = []
    print(f"{'case':40}   naive MB    ours MB   ratio")
    for case in cases:
        row = measure_memory(case, args.device)
        row["missed"] = case.needed is not None and row["ratio"] > case.needed
        print(
            f"{case.label:40} {row['naive_mb']:10.0f} {row['ours_mb']:10.0f}"
            f" {row['ratio']:6.3f}x{_verdict(case, row)}",
            flush=True,
        )
        rows.append(row)
    return rows


def _shown(rows: Rows) -> Rows:
    for row in rows:
        print("  ".join(f"{key} {_short(value)}" for key, value in row.items()))
    return rows


def _short(value: Any) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _machine(args: argparse.Namespace) -> dict[str, Any]:
    return {
        "torch": torch.__version__,
        "python": platform.python_version(),
        "threads": torch.get_num_threads(),
        "device": args.device,
        "clock": args.clock,
    }


if __name__ == "__main__":
    sys.exit(run())
