"""Every spec in the project that is right, found where such specs are kept."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from support import ROOT

import medt_gen
from medt_gen.messages.diagnostics import InvalidInput, Source
from medt_gen.spec.nodes import node_data
from medt_gen.spec.yaml_events import parse_document

MESSAGES = ROOT / "tests" / "messages"
_FOLDERS = (
    "specs",
    "docs/drafts",
    "tools/fuzz/corpus",
    "tests/promises",
    "tests/messages/specs",
)
_BLOCK_OF_CODE = re.compile(r"^```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)
_SPEC = re.compile(r"(\s*#[^\n]*\n|\s)*medt-gen: 1\n")


def data_of(text: str) -> Any:
    """A spec as data, read as medt-gen reads it; raises InvalidInput."""
    return node_data(parse_document(Source("<text>", text)))


@cache
def right_files() -> dict[str, str]:
    """The spec files that `validate` accepts."""
    paths = sorted(
        path for folder in _FOLDERS for path in (ROOT / folder).rglob("*.yaml")
    )
    return {_label(path): _text(path) for path in paths if _is_right(path)}


def block_files() -> dict[str, str]:
    """The files of the blocks that ship."""
    folder = ROOT / "medt_gen" / "blocks"
    return {_label(path): _text(path) for path in sorted(folder.glob("*.yaml"))}


@cache
def documented() -> dict[str, str]:
    """The whole specs among the code of the documentation."""
    pages = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    found = {
        f"{_label(page)}:{number}": text
        for page in pages
        for number, text in enumerate(_BLOCK_OF_CODE.findall(_text(page)))
    }
    return {name: text for name, text in found.items() if _SPEC.match(text)}


@cache
def in_tests() -> dict[str, str]:
    """The specs that stand whole in the text of a test, and that load by themselves."""
    texts = {
        f"{_label(path)}:{line}": text
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for line, text in _constants(path)
    }
    return {name: text for name, text in texts.items() if _is_right(text=text)}


def _constants(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(_text(path))):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and _SPEC.match(text):
            yield node.lineno, text


def _is_right(path: Path | None = None, text: str | None = None) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            medt_gen.load(path, text=text)
        except InvalidInput:
            return False
        return True


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _label(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
