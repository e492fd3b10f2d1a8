"""`python -m tools.refresh [--check] [PART ...]`: renew what is generated."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tools.refresh.artifacts import Artifact
from tools.refresh.classes import kept_classes
from tools.refresh.docs import run_docs
from tools.refresh.emitted import emitted_files
from tools.refresh.figures import figures
from tools.refresh.messages import golden_messages
from tools.refresh.pages import pages
from tools.refresh.printed import kept_printouts

ROOT = Path(__file__).resolve().parents[2]
PARTS: dict[str, Callable[[Path], list[Artifact]]] = {
    "pages": pages,
    "emitted": emitted_files,
    "messages": golden_messages,
    "printouts": kept_printouts,
    "classes": kept_classes,
    "figures": figures,
    "docs": run_docs,
}


def main(argv: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Renew the files under `root`, or with `--check` only list them; the exit code."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    parts = arguments.parts or list(PARTS)
    unknown = sorted(set(parts) - set(PARTS))
    if unknown:
        parser.error(f"there is no part {unknown[0]}: take {', '.join(PARTS)}")
    artifacts = [item for part in parts for item in PARTS[part](root)]
    changes = [item for item in artifacts if item.change is not None]
    _show(changes, root)
    if not changes:
        print(f"{len(artifacts)} generated files are fresh")
        return 0
    if arguments.check:
        print("run: python -m tools.refresh")
        return 1
    for item in changes:
        item.renew()
    print(f"renewed {len(changes)} of {len(artifacts)} generated files: read the diff")
    return 0


def _show(changes: Iterable[Artifact], root: Path) -> None:
    for item in changes:
        print(f"{item.change or '':9}  {item.path.relative_to(root)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.refresh")
    parser.add_argument(
        "--check",
        action="store_true",
        help="change nothing: list what is stale, and exit with 1 if anything is",
    )
    parser.add_argument(
        "parts", metavar="PART", nargs="*", help=f"some of: {', '.join(PARTS)}"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
