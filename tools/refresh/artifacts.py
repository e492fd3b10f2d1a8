"""Files that are generated: what they should hold, against what they hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from medt_gen.files.writing import write_text


@dataclass(frozen=True)
class Artifact:
    """A generated file; `text` is None for one that nothing makes any more."""

    path: Path
    text: str | None

    @property
    def change(self) -> str | None:
        """What it takes to make the file fresh, in a word; None where it is."""
        if not self.path.exists():
            return None if self.text is None else "missing"
        if self.text is None:
            return "left over"
        fresh = self.path.read_text(encoding="utf-8") == self.text
        return None if fresh else "stale"

    def renew(self) -> None:
        """Write the file, or remove it."""
        if self.text is None:
            self.path.unlink()
        else:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_text(self.path, self.text)


def with_left_over(
    wanted: Iterable[Artifact], folder: Path, pattern: str
) -> list[Artifact]:
    """All of a folder: what is wanted there, and the files that nothing makes."""
    known = list(wanted)
    paths = {item.path for item in known}
    others = sorted(path for path in folder.glob(pattern) if path not in paths)
    return [*known, *(Artifact(path, None) for path in others)]
