"""Modules as the YAML of a spec writes them: one line for each that holds none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from medt_gen.importer.assumed import unprinted
from medt_gen.importer.modules import PrintedModule, WrittenAs
from medt_gen.spec.identifiers import IDENTIFIER
from medt_gen.spec.read_modules import CHILDREN, TYPE
from medt_gen.spec.read_open import OPEN, PRINTS
from medt_gen.spec.yaml_text import comment, inline, scalar

_WIDTH = 88


def listed(owner: PrintedModule) -> list[str]:
    """`modules:` of a class or a container, as a list where the names are numbers."""
    if not owner.children:
        is_class = owner.written_as is WrittenAs.CLASS
        return ["modules: {}" if is_class else "modules: []"]
    as_list = _is_numbered(owner)
    lines = ["modules:"]
    for child in owner.children:
        written = _item(child) if as_list else _entry(child)
        lines += indented(written)
    return lines


def indented(lines: Iterable[str]) -> Iterator[str]:
    """The lines one level deeper."""
    return (f"  {line}" for line in lines)


def _is_numbered(owner: PrintedModule) -> bool:
    numbered = [str(place) for place in range(len(owner.children))]
    return numbered == [child.name for child in owner.children]


def _item(module: PrintedModule) -> Iterator[str]:
    """A module in a list."""
    line = _on_a_line(module)
    if line is not None:
        yield f"- {line}{_note(module)}"
        return
    head, *rest = _on_lines(module)
    yield f"- {head}"
    yield from indented(rest)


def _entry(module: PrintedModule) -> Iterator[str]:
    """A module under its name."""
    name = module.name
    key = scalar(name) if IDENTIFIER.fullmatch(name) else inline(name)
    line = _on_a_line(module)
    if line is not None:
        yield f"{key}: {line}{_note(module)}"
        return
    yield f"{key}:{_note(module)}"
    yield from indented(_on_lines(module))


def _on_a_line(module: PrintedModule) -> str | None:
    """The module as a type or a mapping; None for what needs lines of its own."""
    if module.written_as is WrittenAs.CONTAINER:
        return None
    if not module.children:
        return _leaf(module)
    leaves = all(not x.children and not unprinted(x) for x in module.children)
    text = inline(_data(module)) if leaves else ""
    return text if 0 < len(text) <= _WIDTH else None


def _leaf(module: PrintedModule) -> str:
    given = _own(module)
    return scalar(module.type) if list(given) == [TYPE.name] else inline(given)


def _own(module: PrintedModule) -> dict[str, Any]:
    """What a module is, and what it is given."""
    given: dict[str, Any] = {OPEN.name if module.open else TYPE.name: module.type}
    if module.text:
        given[PRINTS.name] = module.text
    return {**given, **module.arguments}


def _data(module: PrintedModule) -> Any:
    """A module with what it holds, as plain data."""
    given = _own(module)
    if not module.children:
        return module.type if list(given) == [TYPE.name] else given
    held = [_data(child) for child in module.children]
    names = (child.name for child in module.children)
    whole = held if _is_numbered(module) else dict(zip(names, held, strict=True))
    return {**given, CHILDREN.name: whole}


def _on_lines(module: PrintedModule) -> Iterator[str]:
    for key, value in _own(module).items():
        yield f"{key}: {inline(value)}"
    yield from listed(module)


def _note(module: PrintedModule) -> str:
    """What is assumed of this very line, as a comment."""
    note = unprinted(module)
    return f"  # {comment(note)}" if note else ""
