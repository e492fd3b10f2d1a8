"""`generated/`: the shipped specs as Python."""

from __future__ import annotations

from pathlib import Path

from medt_gen.emitter.source import emit
from medt_gen.loading.load import load
from tools.refresh.artifacts import Artifact, with_left_over
from tools.refresh.folders import inside

FOLDER = Path("generated")


def emitted_files(root: Path) -> list[Artifact]:
    """One file for each spec that ships, written as by `medt-gen emit` in the root."""
    specs = sorted(path.relative_to(root) for path in root.glob("specs/*.yaml"))
    with inside(root):
        sources = {path.stem: emit(load(path)) for path in specs}
    wanted = (
        Artifact(root / FOLDER / f"{name}.py", source)
        for name, source in sources.items()
    )
    return with_left_over(wanted, root / FOLDER, "*.py")
