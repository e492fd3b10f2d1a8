"""The reference of commands and of the Python API, from the parsers and docstrings."""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Iterator

import medt_gen
from medt_gen.cli import command_parser

_COMMANDS = """\
# Commands

Every command exits with 0 where all is as asked, with 1 where the answer is no (an
invalid spec, sides that differ, a stale file), and with 2 where it could not run. This
page is written by `tools.refresh` from the commands' own help.
"""
_PYTHON = """\
# Python

What `import medt_gen` offers. The names are stable; torch is imported where tensors
are. This page is written by `tools.refresh` from the docstrings.
"""


def commands_page() -> str:
    """The page of all commands, in Markdown."""
    sections = [_command(name, own) for name, own in command_parser().commands.items()]
    return "\n".join([_COMMANDS, *sections])


def _command(name: str, own: argparse.ArgumentParser) -> str:
    said = inspect.cleandoc(own.description or "")
    head = re.sub(r"^`medt-gen [\w-]+`: ", "", said)
    rows = [row for action in own._actions for row in _rows(action)]
    return "\n".join(
        [
            f"## `medt-gen {name}`",
            "",
            head[:1].upper() + head[1:],
            "",
            "| argument | what it says |",
            "|---|---|",
            *rows,
            "",
        ]
    )


def _rows(action: argparse.Action) -> Iterator[str]:
    if action.help == argparse.SUPPRESS or "--help" in action.option_strings:
        return
    value = action.metavar or (
        "{" + ",".join(map(str, action.choices)) + "}" if action.choices else ""
    )
    takes = f" {value}" if value and action.nargs != 0 else ""
    names = [f"{name}{takes}" for name in action.option_strings] or [str(value)]
    text = ", ".join(f"`{name}`" for name in names)
    says = (action.help or "").replace("%%", "%")
    yield f"| {text.replace('|', chr(92) + '|')} | {says.replace('|', chr(92) + '|')} |"


def python_page() -> str:
    """The page of the public names, in Markdown."""
    names = [name for name in medt_gen.__all__ if not name.startswith("_")]
    return "\n".join([_PYTHON, *map(_name, names)])


def _name(name: str) -> str:
    item = getattr(medt_gen, name)
    parts = [f"## `{name}`", ""]
    if inspect.isfunction(item):
        parts += ["```python", _signature(name, item), "```", ""]
    return "\n".join([*parts, inspect.getdoc(item) or "", ""])


def _signature(name: str, function: object) -> str:
    assert callable(function)
    parameters = inspect.signature(function)
    lines = [f"    {item}," for item in _parameters(parameters)]
    returns = str(parameters.return_annotation).strip("'")
    return "\n".join([f"medt_gen.{name}(", *lines, f") -> {returns}"])


def _parameters(signature: inspect.Signature) -> Iterator[str]:
    keyword_only = False
    for item in signature.parameters.values():
        if item.kind is item.KEYWORD_ONLY and not keyword_only:
            keyword_only = True
            yield "*"
        yield str(item).replace("'", "")
