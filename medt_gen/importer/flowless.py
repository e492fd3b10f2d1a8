"""Printed modules -> the YAML of a spec whose flow is not known."""

from __future__ import annotations

from collections.abc import Iterator

from medt_gen.importer.grouping import FoundBlock, found_blocks
from medt_gen.importer.modules import PrintedModule, every
from medt_gen.importer.options import Options, Size
from medt_gen.importer.report import Report, assumed_input
from medt_gen.importer.written import listed
from medt_gen.spec.yaml_text import comment, inline, scalar

_FLAT_SIZE, _VOLUME_SIZE = (128, 128), (32, 32, 32)


def flowless_text(
    root: PrintedModule, options: Options, origin: str, report: Report
) -> str:
    """The spec of a tree without its flow; what is assumed is marked."""
    found = found_blocks(root)
    preface = [origin, *_preface(report), *report.lines]
    lines = [f"# {comment(line)}" for line in preface]
    lines += ["medt-gen: 1", f"class: {scalar(root.type)}", _input(root, options), ""]
    blocks = [line for block in found.blocks for line in _block(block)]
    if blocks:
        lines += ["blocks:", *(f"  {line}" for line in blocks), ""]
    lines += listed(found.root)
    return "\n".join(lines) + "\n"


def _preface(report: Report) -> Iterator[str]:
    if report.made:
        yield "The data flow is not known: without `forward:` this can be printed,"
        yield "compared and emitted, and not be run."
    else:
        yield "The data flow is not known, and not what all classes compute: this can"
        yield "be printed and compared, and not be emitted or run."
    yield "Only modules are printed: a Parameter of a class itself would be missing."


def _input(root: PrintedModule, options: Options) -> str:
    types = {module.type for module in every(root)}
    flat = any(name.endswith("2d") for name in types)
    volume = not flat and any(name.endswith("3d") for name in types)
    size: Size = options.size or (_VOLUME_SIZE if volume else _FLAT_SIZE)
    first = (module.arguments.get("in_channels") for module in every(root))
    channels = next((number for number in first if number), 3)
    plain = size[0] if len(set(size)) == 1 and len(size) == 2 else list(size)
    given = inline({"channels": channels, "size": plain})
    return f"input: {given}  # {assumed_input(options)}"


def _block(block: FoundBlock) -> Iterator[str]:
    yield f"{scalar(block.name)}:"
    if block.name != block.class_name:
        yield f"  class: {scalar(block.class_name)}"
    if block.parameters:
        declared = {name: item.declared for name, item in block.parameters.items()}
        yield f"  params: {inline(declared)}"
    for line in listed(block.body):
        yield f"  {line}"
