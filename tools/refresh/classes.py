"""`tests/emitter/classes/`: small specs, and to the letter what is emitted for them."""

from __future__ import annotations

from pathlib import Path

from medt_gen.emitter.source import emit
from medt_gen.loading.load import load
from tools.refresh.artifacts import Artifact, with_left_over

FOLDER = Path("tests/emitter/classes")


def kept_classes(root: Path) -> list[Artifact]:
    """The text of the classes for each of the specs."""
    specs = sorted((root / FOLDER).glob("*.yaml"))
    wanted = (Artifact(path.with_suffix(".txt"), written(path)) for path in specs)
    return with_left_over(wanted, root / FOLDER, "*.txt")


def written(spec: Path) -> str:
    """What is emitted for a spec, without what any change of it changes.

    That are the header and the stamp, with its hash, and the text of the layers.
    """
    _, _, below = emit(load(spec)).partition('"""\n\n')
    body = below.partition("\n\n\n# For programs: ")[0]
    return body.partition("\n\n\n# The layers, ")[0] + "\n"
