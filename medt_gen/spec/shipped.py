"""What ships with the package: the reference specs and blocks, by name."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from medt_gen.messages.diagnostics import Source

_PACKAGE = Path(__file__).parents[1]
BLOCK_FOLDER = _PACKAGE / "blocks"


@cache
def specs_folder() -> Path:
    """Inside an installed package; beside it in a checkout."""
    inside = _PACKAGE / "specs"
    return inside if inside.is_dir() else _PACKAGE.parent / "specs"


def spec_names() -> list[str]:
    """The reference specs, by the names that `load` and `extends:` know."""
    return sorted(path.stem for path in specs_folder().glob("*.yaml"))


def variant_names() -> list[str]:
    """The networks of the gallery, which are known by their names as well."""
    return sorted(path.stem for path in (specs_folder() / "variants").glob("*.yaml"))


def shipped_names() -> list[str]:
    """Every name that stands for a shipped spec: the reference ones first."""
    return [*spec_names(), *variant_names()]


def block_names() -> list[str]:
    """The blocks that every spec can use."""
    return sorted(path.stem for path in BLOCK_FOLDER.glob("*.yaml"))


def spec_path(name: str) -> Path | None:
    """The file of a shipped spec, or of a variant."""
    if name in spec_names():
        return specs_folder() / f"{name}.yaml"
    if name in variant_names():
        return specs_folder() / "variants" / f"{name}.yaml"
    return None


def block_path(name: str) -> Path | None:
    """The file of a shipped block."""
    return BLOCK_FOLDER / f"{name}.yaml" if name in block_names() else None


@cache
def shipped_source(path: Path) -> Source:
    """The text of a shipped file, under the name that messages show."""
    name = f"{path.parent.name}/{path.name}"
    return Source(name, path.read_text(encoding="utf-8"), shipped=True)
