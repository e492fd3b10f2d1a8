"""What several tests need: the reference values, emitted modules, the command line."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import json
import pkgutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import medt_gen
from medt_gen.cli import main

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "tests" / "reference"
GOLDEN = REFERENCE / "golden"
SPECS = ROOT / "specs"
DRAFTS = ROOT / "docs" / "drafts"
GALLERY = tuple(sorted((ROOT / "specs" / "variants").glob("*.yaml")))
"""Networks that are mostly differences from the shipped ones; each asserts a property."""
QUICK = frozenset({"axialunet", "gated", "medt", "plain_unet", "three_scales"})
"""Networks of every kind, for tests that take long for each: all are slow tests."""
GENERATED = ROOT / "generated"
SHIPPED = tuple(sorted(path.stem for path in SPECS.glob("*.yaml")))
"""Every spec that ships: what holds for all of them is tested for one that is added."""
NAMES = ("axialunet", "gated", "logo", "medt")
"""The networks that were measured on the original code, in the order of the seed."""


@dataclass(frozen=True)
class Reference:
    """A measured network: the spec that must equal it, and its values."""

    name: str
    spec: str
    overrides: tuple[str, ...] = ()

    @property
    def facts(self) -> dict[str, Any]:
        """Keys, counts, sums, and the training step."""
        return json.loads((GOLDEN / f"{self.name}.json").read_text())

    @property
    def printout(self) -> str:
        """`print(model)` by a torch before 2.13."""
        return (GOLDEN / f"{self.name}.repr.txt").read_text().rstrip("\n")

    def load(self):
        """The spec, resolved."""
        return medt_gen.load(self.spec, overrides=self.overrides)


_GRAY = ("input.size=64", "input.channels=1", "params.classes=3")
REFERENCES = [
    *(Reference(name, name) for name in NAMES),
    Reference("gated_64_gray_3class", "gated", _GRAY),
]


def networks(paths):
    """Parameters for specs, by their names; but for a few of every kind they are slow."""
    return [
        pytest.param(
            path, id=path.stem, marks=[pytest.mark.slow] * (path.stem not in QUICK)
        )
        for path in paths
    ]


@cache
def executed(source: str) -> ModuleType:
    """An emitted file, run as Python would run it."""
    name = f"emitted_{hashlib.sha256(source.encode()).hexdigest()[:12]}"
    module = ModuleType(name)
    sys.modules[name] = module
    exec(compile(source, f"<{name}>", "exec"), module.__dict__)
    return module


def standalone(spec):
    """The network of a standalone file."""
    source = medt_gen.emit(spec)
    return getattr(executed(source), spec.network.name)()


def tensors(output) -> list:
    """The tensors that a network gives: one, or several in a tuple or a dict."""
    if isinstance(output, dict):
        return list(output.values())
    return list(output) if isinstance(output, tuple) else [output]


def run(capsys, *arguments: object) -> tuple[int, str, str]:
    """The command line in process: exit code, standard output and error."""
    try:
        status = main([str(argument) for argument in arguments])
    except SystemExit as exit:
        status = int(exit.code or 0)
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def python(code: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess:
    """A fresh interpreter that runs `code`."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        **options,
    )


def records(package: ModuleType) -> dict[str, bool]:
    """Every dataclass of a room, and whether it is frozen."""
    names = [item.name for item in pkgutil.iter_modules(package.__path__)]
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    return {
        name: item.__dataclass_params__.frozen
        for module in modules
        for name, item in vars(module).items()
        if dataclasses.is_dataclass(item) and item.__module__ == module.__name__
    }
