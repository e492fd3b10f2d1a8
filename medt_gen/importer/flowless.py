"""Items -> the YAML of a spec whose flow is left open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from medt_gen.importer.grouping import Blocks, Path, grouped
from medt_gen.importer.items import Item, Kind, Reading
from medt_gen.importer.options import Options, Size
from medt_gen.importer.text import comment, inline, scalar
from medt_gen.spec.identifiers import IDENTIFIER

_FLAT_SIZE, _VOLUME_SIZE = (128, 128), (32, 32, 32)


def open_text(root: Item, reading: Reading, options: Options, origin: str) -> str:
    """The spec of a tree without its flow; what is assumed is marked."""
    blocks = grouped(root)
    lines = [f"# {comment(line)}" for line in _preface(origin, reading)]
    lines += ["medt-gen: 1", f"class: {scalar(root.type)}", _input(root, options), ""]
    written = [line for block in blocks.in_order() for line in _block(block, blocks)]
    if written:
        lines += ["blocks:", *(f"  {line}" for line in written), ""]
    body = _Body(blocks, {})
    lines += _listed(root, body, ())
    return "\n".join(lines) + "\n"


def _preface(origin: str, reading: Reading) -> Iterator[str]:
    yield origin
    yield "The data flow is not known: without `forward:` this can be printed, compared"
    yield "and emitted, and not be run."
    for path in reading.assumed_axes:
        yield f"assumed: the axis of {path} is the height; its name does not tell"
    for name in sorted(reading.empty):
        yield f"Nothing is printed inside of {name}: what it computes is not known."


def _input(root: Item, options: Options) -> str:
    types = {item.type for item in _every(root)}
    flat = any(name.endswith("2d") for name in types)
    volume = not flat and any(name.endswith("3d") for name in types)
    size: Size = options.size or (_VOLUME_SIZE if volume else _FLAT_SIZE)
    first = (item.arguments.get("in_channels") for item in _every(root))
    channels = next((number for number in first if number), 3)
    plain = size[0] if len(set(size)) == 1 and len(size) == 2 else list(size)
    given = inline({"channels": channels, "size": plain})
    what = "the channels" if options.size else "channels and size"
    return f"input: {given}  # assumed: a printout does not show {what}"


def _every(item: Item) -> Iterator[Item]:
    yield item
    for child in item.children:
        yield from _every(child)


def _block(block: Any, blocks: Blocks) -> Iterator[str]:
    yield f"{scalar(block.name)}:"
    if block.name != block.class_name:
        yield f"  class: {scalar(block.class_name)}"
    if block.parameters:
        yield f"  params: {inline(block.parameters)}"
    for line in _listed(block.template, _Body(blocks, block.written), ()):
        yield f"  {line}"


class _Body:
    """How the modules of one class are written: by its expressions, or as they are."""

    def __init__(self, blocks: Blocks, written: dict[tuple[Path, str], Any]) -> None:
        self.blocks = blocks
        self.written = written

    def arguments(self, item: Item, path: Path) -> dict[str, Any]:
        given = self.blocks.arguments(item)
        inside = {name: v for (at, name), v in self.written.items() if at == path}
        return inside or given

    def type(self, item: Item) -> str:
        block = self.blocks.of_item.get(id(item))
        return block.name if block else item.type


def _listed(owner: Item, body: _Body, path: Path) -> list[str]:
    """`modules:` of a class or a container, as a list where the names are numbers."""
    if not owner.children:
        return ["modules: {}" if owner.kind is Kind.CLASS else "modules: []"]
    numbered = [str(place) for place in range(len(owner.children))]
    as_list = numbered == [child.name for child in owner.children]
    lines = ["modules:"]
    for child in owner.children:
        lead = "- " if as_list else f"{_key(child.name)}: "
        written = _module(child, lead, body, (*path, child.name))
        lines += (f"  {line}" for line in written)
    return lines


def _key(name: str) -> str:
    return scalar(name) if IDENTIFIER.fullmatch(name) else inline(name)


def _module(item: Item, lead: str, body: _Body, path: Path) -> Iterator[str]:
    if item.kind is not Kind.CONTAINER:
        given = body.arguments(item, path)
        name = body.type(item)
        yield lead + (inline({"type": name, **given}) if given else scalar(name))
        return
    inner = _listed(item, body, path)
    if lead == "- ":
        yield f"- type: {item.type}"
    else:
        yield lead.rstrip()
        yield f"  type: {item.type}"
    for line in inner:
        yield f"  {line}"
