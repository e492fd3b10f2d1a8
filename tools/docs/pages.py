"""Which pages are run, and what they would say if they were written today."""

from __future__ import annotations

from pathlib import Path

from tools.docs.compare import is_shown
from tools.docs.run import Ran

FOLDERS = ("docs/how-to",)
SINGLE = ("README.md", "docs/tutorial.md", "docs/plugins.md")


def run_pages(root: Path) -> list[Path]:
    """The pages whose commands are run."""
    listed = [path for name in FOLDERS for path in sorted((root / name).glob("*.md"))]
    return [*(root / name for name in SINGLE), *listed]


def renewed(page: str, ran: list[Ran]) -> str:
    """The page with the outputs of today; what is still right stays, cuts and all."""
    for item in reversed(ran):
        if not is_shown(item.command.output, item.output):
            lines = (line.rstrip() for line in item.output.splitlines())
            text = "".join(f"{line}\n" for line in lines)
            page = page[: item.command.start] + text + page[item.command.end :]
    return page
