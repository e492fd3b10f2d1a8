"""The page of the gallery: every variant with its purpose, its size and its source."""

from __future__ import annotations

import re
from pathlib import Path

from medt_gen.loading.load import load
from medt_gen.spec.read_class import SOURCE

FOLDER = Path("specs/variants")
PICTURES = Path("docs/figures")
_HEAD = """# The gallery

Networks to start from, in [specs/variants](../specs/variants). Each is a YAML file and
no Python; most state only what they change of a network that ships. `medt-gen build
NAME` shows one, `medt-gen show NAME` writes it out, and `medt-gen new mine.yaml --from
NAME` starts from it.

"""


def gallery_page(root: Path) -> str:
    """The page, in Markdown."""
    rows = [_row(path) for path in sorted((root / FOLDER).glob("*.yaml"))]
    lines = ["| spec | what it is for | lines | source |", "|---|---|---|---|", *rows]
    pictures = [
        f"![{path.stem}](figures/{path.stem}.svg)\n\n`{path.stem}`\n"
        for path in sorted((root / FOLDER).glob("*.yaml"))
        if (root / PICTURES / f"{path.stem}.svg").exists()
    ]
    drawn = "\n## What they look like\n\n" + "\n".join(pictures)
    return _HEAD + "\n".join(lines) + "\n" + drawn


def _row(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    purpose = re.match(r"# (.+)", text)
    assert purpose is not None
    extended = re.search(r"^extends: (\S+)", text, re.MULTILINE)
    lines = f"{len(text.splitlines())}"
    if extended is not None:
        lines += f", on top of `{extended[1].removeprefix('./').removesuffix('.yaml')}`"
    source = load(path).network.root.declaration.keys[SOURCE]
    link = f"[{path.stem}](../{FOLDER}/{path.name})"
    return f"| {link} | {purpose[1]} | {lines} | {source} |"
