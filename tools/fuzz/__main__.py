"""`python -m tools.fuzz`: run many cases, stop at the first that is a finding."""

from __future__ import annotations

import argparse
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from itertools import count, islice
from random import Random
from types import FrameType

from tools.fuzz.targets import TARGETS, Case

# CPU seconds: nobody waits longer for a mistake to be found.
_TOO_SLOW = 2


class Hang(Exception):
    """A case took too long."""


def _alarm(number: int, frame: FrameType | None) -> None:
    raise Hang


def case_of(target: str, seed: int) -> Case:
    """The case with this number: the same in every run."""
    make, _ = TARGETS[target]
    return make(Random(f"{target} {seed}"))


def run_case(target: str, seed: int) -> None:
    """Run one case; whatever it raises is a finding."""
    signal.setitimer(signal.ITIMER_VIRTUAL, _TOO_SLOW)
    try:
        TARGETS[target][1](case_of(target, seed))
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz")
    parser.add_argument("--cases", type=int, default=200_000, help="over all targets")
    parser.add_argument("--start", type=int, default=0, help="number of the first case")
    parser.add_argument("--target", choices=tuple(TARGETS), help="only this one")
    parser.add_argument("--show", action="store_true", help="print the first case only")
    parser.add_argument(
        "--keep-going", action="store_true", help="report findings and go on"
    )
    return parser.parse_args()


# In a round, cases that are quick come more often than those that are slow.
_IN_A_ROUND = {"spec": 4, "flow": 3, "set": 3, "diff": 2}


def _numbered(targets: list[str], start: int) -> Iterator[tuple[str, int]]:
    """Targets with the numbers of their cases, each number once."""
    for turn in count():
        for target in targets:
            often = _IN_A_ROUND.get(target, 1)
            first = start + turn * often
            yield from ((target, number) for number in range(first, first + often))


def main() -> int:
    """Run the cases that the options ask for; 1 after a finding."""
    arguments = _arguments()
    targets = [arguments.target] if arguments.target else list(TARGETS)
    if arguments.show:
        sys.stdout.write("\n".join(map(ascii, case_of(targets[0], arguments.start))))
        return 0
    signal.signal(signal.SIGVTALRM, _alarm)
    findings = 0
    started = time.monotonic()
    numbered = islice(_numbered(targets, arguments.start), arguments.cases)
    for index, (target, seed) in enumerate(numbered):
        try:
            run_case(target, seed)
        except Exception:
            findings += 1
            print(f"finding: --target {target} --start {seed}", flush=True)
            traceback.print_exc(limit=-4)
            if not arguments.keep_going:
                return 1
        if index % 2_000 == 1_999:
            print(f"{index + 1:,} cases, {findings} findings", flush=True)
    seconds = time.monotonic() - started
    print(f"{arguments.cases:,} cases in {seconds:,.0f} s, {findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
