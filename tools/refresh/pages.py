"""The schema and the pages of the documentation that are written from the source."""

from __future__ import annotations

from pathlib import Path

from medt_gen.messages.explanations import page
from medt_gen.spec.schema import schema_text
from tools.refresh.artifacts import Artifact
from tools.refresh.gallery import gallery_page
from tools.refresh.reference import commands_page, python_page
from tools.refresh.tables import with_tables

SCHEMA = Path("medt_gen/spec/medt-gen.schema.json")
ERRORS = Path("docs/errors.md")
LANGUAGE = Path("docs/language.md")
PRINTOUTS = Path("docs/printouts.md")
GALLERY = Path("docs/gallery.md")
COMMANDS = Path("docs/reference/commands.md")
PYTHON = Path("docs/reference/python.md")


def pages(root: Path) -> list[Artifact]:
    """The JSON Schema, the pages of codes and variants, and the language's tables."""
    language = (root / LANGUAGE).read_text(encoding="utf-8")
    printouts = (root / PRINTOUTS).read_text(encoding="utf-8")
    return [
        Artifact(root / SCHEMA, schema_text()),
        Artifact(root / ERRORS, page()),
        Artifact(root / LANGUAGE, with_tables(language)),
        Artifact(root / PRINTOUTS, with_tables(printouts)),
        Artifact(root / GALLERY, gallery_page(root)),
        Artifact(root / COMMANDS, commands_page()),
        Artifact(root / PYTHON, python_page()),
    ]
