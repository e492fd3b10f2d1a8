"""The plugins that a project names: `[tool.medt-gen] plugins` of a pyproject.toml."""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from medt_gen.files.reading import read_source
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, Place, Source
from medt_gen.messages.wording import did_you_mean, shown

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FILE = "pyproject.toml"
_TABLE = "tool.medt-gen"
_PLUGINS = "plugins"


def project_plugins(*folders: Path) -> list[str]:
    """The plugins named by the pyproject.toml in each of some folders.

    Raises InvalidInput for a table that says something else, or is no TOML at all.
    """
    paths = dict.fromkeys((folder / _FILE).resolve() for folder in folders)
    return [name for path in paths if path.is_file() for name in _named(path)]


def _named(path: Path) -> list[str]:
    source = read_source(str(path), what=_FILE)
    return list(_plugins(source)) if "medt-gen" in source.text else []


@lru_cache(maxsize=8)
def _plugins(source: Source) -> tuple[str, ...]:
    """The plugins that a pyproject.toml names; each load asks for those of its."""
    path = source.name
    try:
        document = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(
            Diagnostic("plugin", f"{path} is no TOML: {error}", help="mend it")
        ) from None
    tools = document.get("tool")
    table = tools.get("medt-gen", {}) if isinstance(tools, dict) else {}
    return tuple(_checked(table, source))


def _checked(table: Any, source: Source) -> list[str]:
    if not isinstance(table, dict):
        raise _wrong(source, "medt-gen", f"`{_TABLE}` is a table")
    for key in table:
        if key != _PLUGINS:
            message = f"`[{_TABLE}]` has no key `{shown(key)}`"
            raise _wrong(source, key, message, did_you_mean(key, [_PLUGINS]))
    names = table.get(_PLUGINS, [])
    if not isinstance(names, list) or not all(isinstance(x, str) for x in names):
        raise _wrong(source, _PLUGINS, f"`{_PLUGINS}` is a list of names")
    return names


def _wrong(
    source: Source, word: str, message: str, help: str | None = None
) -> InvalidInput:
    example = f'write `{_PLUGINS} = ["NAME"]` below `[{_TABLE}]`'
    return InvalidInput(
        Diagnostic("plugin", message, _place(source, word), help or example)
    )


def _place(source: Source, word: str) -> Place | None:
    """Where a word stands behind the head of the table, as far as a search tells."""
    lines = source.text.split("\n")
    heads = [n for n, line in enumerate(lines) if "medt-gen" in line and "[" in line]
    for number in range(heads[0] if heads else 0, len(lines)):
        column = lines[number].find(word)
        if column >= 0:
            start = column + 1
            return Place(source, number + 1, start, number + 1, start + len(word))
    return None
