"""The kept architectures: printouts of the specs that ship, and what they hide."""

from __future__ import annotations

from pathlib import Path

from medt_gen.loading.load import load
from medt_gen.printouts.regression.reference import Reference, snapshot
from medt_gen.runtime.build import build
from tools.refresh.artifacts import Artifact, with_left_over

FOLDER = Path("tests/network/printouts")


def kept_specs(root: Path) -> dict[str, Path]:
    """The specs whose architecture is kept, by name."""
    folders = ("specs", "specs/variants", "docs/drafts")
    paths = [path for folder in folders for path in root.glob(f"{folder}/*.yaml")]
    return {path.stem: path for path in sorted(paths, key=lambda path: path.stem)}


def kept_printouts(root: Path) -> list[Artifact]:
    """The two files of each spec.

    One that another torch would print is as good as ours, and stays.
    """
    wanted = []
    for name, spec in kept_specs(root).items():
        reference = Reference(root / FOLDER / f"{name}.txt")
        found = snapshot(build(load(spec)))
        fresh = reference.is_fresh(found)
        for path, text in reference.texts(found).items():
            kept = path.read_text(encoding="utf-8") if fresh else text
            wanted.append(Artifact(path, kept))
    return with_left_over(wanted, root / FOLDER, "*")
