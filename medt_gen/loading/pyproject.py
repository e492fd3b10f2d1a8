"""`[tool.medt-gen]` of a `pyproject.toml`: which plugins a project uses.

It names plugins that are installed, and nothing else: what is not installed is never
run, whoever wrote the file.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medt_gen.files.reading import read_source
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, Place, Source
from medt_gen.messages.wording import did_you_mean, shown

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE = "pyproject.toml"
_TABLE = "medt-gen"
_KEYS = ("plugins",)
_EXAMPLE = 'plugins = ["name"]'
_LIKE_US = re.compile(r"medt[^a-z]?gen", re.IGNORECASE)
_ERROR_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


@dataclass(frozen=True)
class Named:
    """The name of a plugin, and where a file names it."""

    name: str
    place: Place | None = None


def plugins_in(folder: Path) -> list[Named]:
    """The plugins that the `pyproject.toml` in a folder names, in its order.

    Raises InvalidInput for a text that is no TOML, or says something else there;
    UnreadableInput where it can't be read.
    """
    path = folder / FILE
    if not _is_there(path):
        return []
    source = read_source(str(path), what=FILE)
    # Most projects say nothing here, and theirs is not parsed.
    if not _LIKE_US.search(source.text):
        return []
    table = _own_table(_parsed(source), source)
    for key in table:
        if key not in _KEYS:
            raise _wrong(
                source,
                f"`[tool.{_TABLE}]` has no key `{shown(key)}`",
                _key_place(source, key),
                did_you_mean(key, _KEYS),
            )
    return _names(table.get("plugins", []), source)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        # A folder that can't be looked into: reading the spec in it says so.
        return False


def _parsed(source: Source) -> dict[str, Any]:
    try:
        return tomllib.loads(source.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _ERROR_PLACE.search(str(error))
        reason = str(error)[: found.start()].strip() if found else "it can't be parsed"
        line, column = map(int, found.groups()) if found else (1, 1)
        place = Place(source, line, column, line, column + 1)
        raise _wrong(source, f"this is no TOML: {reason}", place) from None


def _own_table(document: dict[str, Any], source: Source) -> dict[str, Any]:
    tools = document.get("tool", {})
    if not isinstance(tools, dict):
        return {}
    for name in tools:
        if name != _TABLE and _LIKE_US.fullmatch(name):
            raise _wrong(
                source,
                f"`[tool.{shown(name)}]` is no table of anyone's",
                _text_place(source, name),
                f"write `[tool.{_TABLE}]`",
            )
    table = tools.get(_TABLE, {})
    if not isinstance(table, dict):
        raise _wrong(
            source,
            f"`tool.{_TABLE}` must be a table",
            _key_place(source, _TABLE),
            f"write `[tool.{_TABLE}]`, and below it `{_EXAMPLE}`",
        )
    return table


def _names(value: object, source: Source) -> list[Named]:
    if not isinstance(value, list) or not all(isinstance(x, str) for x in value):
        raise _wrong(
            source,
            "`plugins` must be a list of names",
            _key_place(source, "plugins"),
            f"write `{_EXAMPLE}`",
        )
    return [Named(name, _text_place(source, name, "plugins")) for name in value]


def _wrong(
    source: Source, message: str, place: Place, help: str | None = None
) -> InvalidInput:
    return InvalidInput(Diagnostic("pyproject", message, place, help))


def _key_place(source: Source, key: str) -> Place:
    """A key of the table; TOML's readers tell no places."""
    own = re.search(rf"^\s*\[\s*tool\s*\.\s*[\"']?{_TABLE}", source.text, re.MULTILINE)
    return _text_place(source, key, start=own.end() if own else 0)


def _text_place(
    source: Source, text: str, after: str | None = None, *, start: int = 0
) -> Place:
    """The first place of a text, behind that of another one."""
    if after is not None:
        before = _key_place(source, after)
        start = _offset(source, before)
    found = re.compile(rf"(?<![\w-]){re.escape(text)}(?![\w-])").search(
        source.text, start
    )
    at, length = (found.start(), len(text)) if found else (start, 1)
    line = source.text.count("\n", 0, at) + 1
    column = at - source.text.rfind("\n", 0, at)
    return Place(source, line, column, line, column + length)


def _offset(source: Source, place: Place) -> int:
    lines = source.text.split("\n")[: place.line - 1]
    return sum(len(line) + 1 for line in lines) + place.column - 1
