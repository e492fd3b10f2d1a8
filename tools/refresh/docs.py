"""The outputs of commands in the documentation, as those commands print today."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tools.docs.pages import renewed, run_pages
from tools.docs.run import prepared, run_page
from tools.refresh.artifacts import Artifact


def run_docs(root: Path) -> list[Artifact]:
    """The pages that are run, with the outputs of today."""
    return [Artifact(path, _renewed(path)) for path in run_pages(root)]


def _renewed(path: Path) -> str:
    page = path.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as name:
        return renewed(page, list(run_page(page, prepared(Path(name)))))
