"""What is fuzzed: specs, lines of `forward:`, `--set` values, differences, printouts.

Each target runs one damaged input through a command as a person does. A traceback is a
finding, and so is any exit code but 0, 1 and 2.
"""

from __future__ import annotations

import ast
import io
import re
import tempfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from random import Random

from rich.console import Console

from medt_gen import printout
from medt_gen.cli import main
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


def extended_case(random: Random) -> Case:
    """A damaged difference from a shipped spec."""
    parent = random.choice(("axialunet", "gated", "logo", "medt"))
    lines = _EXTENDED.splitlines(keepends=True)
    text = f"medt-gen: 1\nextends: {parent}\n{mutated(_EXTENDED, random, lines)}"
    return (text,)


_EXTENDED = """\
input: {channels: 1, size: [128, 64]}
params: {classes: 3, heads: 4, block: AxialBlock_wopos}
modules:
  bn1: {type: GroupNorm, num_groups: 4}
  conv2: {out_channels: 64, kernel_size: 5, padding: 2}
  extra: {type: Conv2d, out_channels: 8, kernel_size: 1, after: conv3}
  layer1: {depth: 2}
forward:
  out: x | extra
"""


def diff_case(random: Random) -> Case:
    """Two texts of any kind, of which one is damaged."""
    texts = (*specs(), *printouts())
    return mutated(random.choice(texts), random, texts), random.choice(texts)


def printout_case(random: Random) -> Case:
    """A damaged printout, with another one to compare it with."""
    texts = printouts()
    return mutated(random.choice(texts), random, texts), random.choice(texts)


def run_validate(case: Case) -> None:
    """`medt-gen validate` of the text, with the rest of the case as options."""
    command("validate", written("net.yaml", case[0]), *_options(case), *_SMALL)


def run_emit(case: Case) -> None:
    """`medt-gen emit`: where the text is a spec, its source is Python."""
    out = command("emit", written("net.yaml", case[0]), *_options(case), *_SMALL)
    ast.parse(out)


def run_import(case: Case) -> None:
    """`medt-gen import` of the text."""
    command("import", written("printout.txt", case[0]))


def run_diff(case: Case) -> None:
    """`medt-gen diff` of two texts, whatever they are."""
    command("diff", written("left.txt", case[0]), written("right.txt", case[1]))


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
    for width in (40, 100):
        console = Console(file=io.StringIO(), force_terminal=True, width=width)
        print_diagnostics(diagnostics[:10], console)
    as_json(diagnostics).encode()
    as_github(diagnostics).encode()


# Networks that take long to write or to print are no mistake.
_SMALL = ("--limit=modules=500",)


class Finding(Exception):
    """The command ended in a way that it should not."""


def command(*arguments: str) -> str:
    """Run a command in this process; raises Finding for what nobody foresaw."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code: object = main([*arguments, "--debug"])
        except SystemExit as exit:
            code = exit.code
    said = err.getvalue()
    if code not in (0, 1, 2) or "Traceback" in said:
        raise Finding(f"exit {code}\n{said}")
    return out.getvalue()


def written(name: str, text: str) -> str:
    """The path of a file that holds the text."""
    path = Path(_folder().name) / name
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return str(path)


def _options(case: Case) -> list[str]:
    return [f"--set={option}" for option in case[1:]]


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """A folder of this process, away from any project."""
    return tempfile.TemporaryDirectory(prefix="medt-gen-fuzz-")


TARGETS: dict[str, tuple[Make, Run]] = {
    "spec": (spec_case, run_validate),
    "flow": (flow_case, run_validate),
    "set": (set_case, run_validate),
    "extended": (extended_case, run_validate),
    "emit": (spec_case, run_emit),
    "import": (printout_case, run_import),
    "diff": (diff_case, run_diff),
    "printout": (printout_case, run_printout),
}
