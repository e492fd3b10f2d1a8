"""Results in files: written, judged, and sampled for the tests."""

from __future__ import annotations

import gzip
import importlib
import json
import lzma
import random
import resource
import signal
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tools.printout_zoo.build import SECONDS_A_MODEL, try_model
from tools.printout_zoo.judge import judge
from tools.printout_zoo.libraries import LIBRARIES

MOST_MEMORY = 10 * 1024**3
SAMPLE_SIZE = 260
SAMPLE_TEXT = 60_000


def run(out: Path, only: list[str], match: str) -> None:
    """Build every model and write one compressed line each."""
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    signal.signal(signal.SIGALRM, _too_slow)
    out.mkdir(parents=True, exist_ok=True)
    for library in only or LIBRARIES:
        path = out / f"{library}.jsonl.gz"
        with gzip.open(path, "wt", encoding="utf-8", compresslevel=4) as file:
            for model, build in LIBRARIES[library]():
                if match in model:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        result = try_model(library, model, build, torch)
                    file.write(json.dumps(asdict(result)) + "\n")


def _too_slow(signum: int, frame: object) -> None:
    raise TimeoutError(f"not built in {SECONDS_A_MODEL} s")


def load(out: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(out.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            yield from map(json.loads, file)


def judged(out: Path) -> Iterator[tuple[dict[str, Any], str, str]]:
    """Every result with its outcome and detail."""
    for result in load(out):
        if not result["text"]:
            yield result, "unbuilt", result["unbuilt"]
            continue
        pairs = [(path, name) for path, name in result["pairs"]]
        yield result, *judge(result["text"], pairs, result["overridden"])


def report(out: Path) -> None:
    """Print how many of how many hold both promises, and name all others."""
    counts: dict[str, Counter[str]] = {}
    others = []
    modules = 0
    for result, outcome, detail in judged(out):
        counts.setdefault(result["library"], Counter())[outcome] += 1
        modules += len(result["pairs"])
        if outcome != "kept":
            others.append(f"{result['library']} {result['model']}: {outcome}: {detail}")
    for library, counted in counts.items():
        built = counted.total() - counted["unbuilt"]
        print(
            f"{library}: {built - counted['failed']} of {built} hold both promises "
            f"({counted['refused']} refused when flattened, {counted['hidden']} with "
            f"modules hidden by a __repr__); {counted['unbuilt']} could not be built"
        )
    print(f"{modules} modules in all")
    for line in others:
        print(f"  {line[:300]}")


def sample(out: Path, target: Path) -> None:
    """Keep a fixed choice of printouts: each library's share, the odd ones first."""
    chooser = random.Random(0)
    groups: dict[str, list[dict[str, Any]]] = {}
    for result in load(out):
        if result["text"] and len(result["text"]) <= SAMPLE_TEXT:
            groups.setdefault(result["library"], []).append(result)
    chosen: list[dict[str, Any]] = []
    for results in groups.values():
        results.sort(key=lambda item: item["model"])
        chooser.shuffle(results)
        results.sort(key=_oddness, reverse=True)
        odd = results[: SAMPLE_SIZE // len(groups) // 2]
        rest = results[len(odd) :]
        share = min(SAMPLE_SIZE // len(groups) - len(odd), len(rest))
        chosen += odd + chooser.sample(rest, share)
    target.parent.mkdir(parents=True, exist_ok=True)
    with lzma.open(target, "wt", encoding="utf-8", preset=9) as file:
        for result in sorted(chosen, key=lambda item: (item["library"], item["model"])):
            kept = {
                key: result[key]
                for key in ("library", "model", "text", "pairs", "overridden")
            }
            file.write(json.dumps(kept) + "\n")
    print(f"{len(chosen)} printouts, {target.stat().st_size} bytes")


def _oddness(result: dict[str, Any]) -> int:
    """How far a printout is from rows of plain modules."""
    lines = result["text"].split("\n")
    plain = sum(line.lstrip()[:1] in "()" for line in lines)
    return min(len(lines) - plain, 50)
