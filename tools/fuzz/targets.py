"""What is fuzzed: specs, lines of `forward:`, `--set` values and printouts.

Each target runs one damaged input through all that reads it, to the end: the text of
the diagnostics, and the source where the input happens to be right. Anything but a
MedtGenError is a finding.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

from rich.console import Console

from medt_gen import emit, printout
from medt_gen.loading.load import load
from medt_gen.messages.diagnostics import Diagnostic, MedtGenError
from medt_gen.messages.machine import as_github, as_json
from medt_gen.messages.render import print_diagnostics
from tools.fuzz.mutations import HOSTILE, WORDS, mutated

_CORPUS = Path(__file__).parent / "corpus"
_REPOSITORY = Path(__file__).parents[2]
Case = tuple[str, ...]
Make = Callable[[Random], Case]
Run = Callable[[Case], None]


@cache
def specs() -> tuple[str, ...]:
    """The texts that specs are made from: small ones, and those that ship."""
    small = sorted(_CORPUS.glob("*.yaml"))
    shipped = sorted((_REPOSITORY / "specs").glob("*.yaml"))
    return tuple(path.read_text(encoding="utf-8") for path in [*small * 4, *shipped])


@cache
def printouts() -> tuple[str, ...]:
    """Printed trees, in lines and flattened."""
    trees = [
        path.read_text(encoding="utf-8") for path in sorted(_CORPUS.glob("*.repr.txt"))
    ]
    return (*trees, *(re.sub(r"\n\s*", " ", tree) for tree in trees))


def spec_case(random: Random) -> Case:
    """A damaged spec."""
    return (mutated(random.choice(specs()), random, specs()),)


def flow_case(random: Random) -> Case:
    """A spec with one damaged line in `forward:`."""
    text = specs()[0]
    head, lines = text.split("\nforward:\n", 1)
    rows = lines.splitlines()
    index = random.randint(0, len(rows) - 1)
    rows[index] = mutated(rows[index], random, [lines])
    return (head + "\nforward:\n" + "\n".join(rows),)


_PATHS = (
    "input.size input.channels class title params.heads params.block modules.bn "
    "modules.stem.kernel_size modules.stem.bias modules.stage.depth modules.head.after "
    "forward.out forward.first forward.cut.patches.grid forward.cut.patches.of blocks "
    "blocks.Lean.modules.short.modules.0 training extends medt-gen construct_first"
).split()


def set_case(random: Random) -> Case:
    """A good spec with one to three damaged `--set` options."""
    options = []
    for _ in range(random.randint(1, 3)):
        value = random.choice((random.choice(WORDS), random.choice(HOSTILE)))
        option = f"{random.choice(_PATHS)}={value}"
        if random.random() < 0.5:
            option = mutated(option, random, _PATHS)
        options.append(option)
    return (specs()[0], *options)


def printout_case(random: Random) -> Case:
    """A damaged printout, with another one to compare it with."""
    texts = printouts()
    return mutated(random.choice(texts), random, texts), random.choice(texts)


def run_spec(case: Case) -> None:
    """Load the text with the options; write the source where it is a spec."""
    try:
        spec = load(text=case[0], overrides=case[1:])
        diagnostics: tuple[Diagnostic, ...] = spec.warnings
        if spec.network.root.cost.modules < 500:
            ast.parse(emit(spec))
    except MedtGenError as error:
        diagnostics = error.diagnostics
        assert diagnostics
    draw(diagnostics)


def run_printout(case: Case) -> None:
    """Find the printouts, write them again, compare them with another."""
    other = printout.parse(case[1])
    try:
        for found in printout.find(case[0]):
            printout.render(found.tree)
            for difference in printout.compare(found.tree, other):
                str(difference)
    except MedtGenError as error:
        draw(error.diagnostics)


def draw(diagnostics: tuple[Diagnostic, ...]) -> None:
    """Render in every format: these must hold for any text too."""
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    print_diagnostics(diagnostics[:10], console)
    as_json(diagnostics).encode()
    as_github(diagnostics).encode()


TARGETS: dict[str, tuple[Make, Run]] = {
    "spec": (spec_case, run_spec),
    "flow": (flow_case, run_spec),
    "set": (set_case, run_spec),
    "printout": (printout_case, run_printout),
}
