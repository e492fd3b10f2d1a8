"""Printed modules -> the YAML of a spec whose flow is not known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from medt_gen.importer.grouping import FoundBlock, found_blocks
from medt_gen.importer.modules import PrintedModule, WrittenAs, every
from medt_gen.importer.options import Options, Size
from medt_gen.spec.identifiers import IDENTIFIER
from medt_gen.spec.yaml_text import comment, inline, scalar

_FLAT_SIZE, _VOLUME_SIZE = (128, 128), (32, 32, 32)


def flowless_text(root: PrintedModule, options: Options, origin: str) -> str:
    """The spec of a tree without its flow; what is assumed is marked."""
    found = found_blocks(root)
    lines = [f"# {comment(line)}" for line in _preface(root, origin)]
    lines += ["medt-gen: 1", f"class: {scalar(root.type)}", _input(root, options), ""]
    blocks = [line for block in found.blocks for line in _block(block)]
    if blocks:
        lines += ["blocks:", *(f"  {line}" for line in blocks), ""]
    lines += _listed(found.root)
    return "\n".join(lines) + "\n"


def _preface(root: PrintedModule, origin: str) -> Iterator[str]:
    yield origin
    yield "The data flow is not known: without `forward:` this can be printed, compared"
    yield "and emitted, and not be run."
    yield "Only modules are printed: a Parameter of a class itself would be missing."
    for module in every(root):
        if module.axis_assumed:
            yield (
                f"assumed: the axis of {module.path} is the height; its name does not "
                "tell"
            )
    for module in every(root):
        if module.heads_assumed:
            yield f"assumed: the heads of {module.path} are 1: no row of a norm tells"
    empty = (item for item in every(root) if item.written_as is WrittenAs.CLASS)
    for name in sorted({item.type for item in empty if not item.children}):
        yield f"Nothing is printed inside of {name}: what it computes is not known."


def _input(root: PrintedModule, options: Options) -> str:
    types = {module.type for module in every(root)}
    flat = any(name.endswith("2d") for name in types)
    volume = not flat and any(name.endswith("3d") for name in types)
    size: Size = options.size or (_VOLUME_SIZE if volume else _FLAT_SIZE)
    first = (module.arguments.get("in_channels") for module in every(root))
    channels = next((number for number in first if number), 3)
    plain = size[0] if len(set(size)) == 1 and len(size) == 2 else list(size)
    given = inline({"channels": channels, "size": plain})
    what = "the channels" if options.size else "channels and size"
    return f"input: {given}  # assumed: a printout does not show {what}"


def _block(block: FoundBlock) -> Iterator[str]:
    yield f"{scalar(block.name)}:"
    if block.name != block.class_name:
        yield f"  class: {scalar(block.class_name)}"
    if block.parameters:
        declared = {name: item.declared for name, item in block.parameters.items()}
        yield f"  params: {inline(declared)}"
    for line in _listed(block.body):
        yield f"  {line}"


def _listed(owner: PrintedModule) -> list[str]:
    """`modules:` of a class or a container, as a list where the names are numbers."""
    if not owner.children:
        is_class = owner.written_as is WrittenAs.CLASS
        return ["modules: {}" if is_class else "modules: []"]
    numbered = [str(place) for place in range(len(owner.children))]
    as_list = numbered == [child.name for child in owner.children]
    lines = ["modules:"]
    for child in owner.children:
        written = _item(child) if as_list else _entry(child)
        lines += _indented(written)
    return lines


def _item(module: PrintedModule) -> Iterator[str]:
    """A module in a list."""
    if module.written_as is not WrittenAs.CONTAINER:
        yield f"- {_leaf(module)}"
        return
    yield f"- type: {module.type}"
    yield from _indented(_listed(module))


def _entry(module: PrintedModule) -> Iterator[str]:
    """A module under its name."""
    name = module.name
    key = scalar(name) if IDENTIFIER.fullmatch(name) else inline(name)
    if module.written_as is not WrittenAs.CONTAINER:
        yield f"{key}: {_leaf(module)}"
        return
    yield f"{key}:"
    yield f"  type: {module.type}"
    yield from _indented(_listed(module))


def _leaf(module: PrintedModule) -> str:
    if not module.arguments:
        return scalar(module.type)
    return inline({"type": module.type, **module.arguments})


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)
