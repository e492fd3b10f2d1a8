"""A spec as YAML, all that it extends merged in, and what was dropped on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import Diagnostic
from medt_gen.spec.read_class import FORWARD, MODULES
from medt_gen.spec.read_network import BLOCKS
from medt_gen.spec.yaml_text import comment, inline, scalar

_PIPE = re.compile(r"[A-Za-z_][A-Za-z0-9_.|()=,$+*/ -]*[A-Za-z0-9_)]", re.ASCII)

_INDENT = "  "


def merged_text(spec: Spec) -> str:
    """The composed spec, which loads to the same network.

    What a changed type has dropped stands in comments where the spec was loaded as
    pedantic.
    """
    dropped = [item for item in spec.warnings if item.code == "dropped-argument"]
    lines = [f"# {comment(_said(item))}" for item in dropped]
    lines += _class_lines(spec.document, "")
    return "".join(f"{line}\n" for line in lines)


def _said(item: Diagnostic) -> str:
    place = f"{item.place.source.name}:{item.place.line}: " if item.place else ""
    return f"{place}{item.message}"


def _class_lines(document: Mapping[str, Any], indent: str) -> Iterator[str]:
    for name, value in document.items():
        parts = _PARTS.get(name) if isinstance(value, Mapping) and value else None
        if parts is None:
            yield f"{indent}{scalar(name)}: {inline(value)}"
            continue
        yield f"{indent}{name}:"
        yield from parts(value, indent + _INDENT)


def _module_lines(modules: Mapping[str, Any], indent: str) -> Iterator[str]:
    for name, value in modules.items():
        yield f"{indent}{scalar(name)}: {inline(value)}"


def _block_lines(blocks: Mapping[str, Any], indent: str) -> Iterator[str]:
    for name, value in blocks.items():
        yield f"{indent}{scalar(name)}:"
        yield from _class_lines(value, indent + _INDENT)


def _flow_lines(flow: Mapping[str, Any], indent: str) -> Iterator[str]:
    """Pipes; a step on patches has a flow of its own."""
    for name, value in flow.items():
        if isinstance(value, Mapping):
            yield f"{indent}{scalar(name)}:"
            yield from _class_lines(value, indent + _INDENT)
        else:
            plain = isinstance(value, str) and _PIPE.fullmatch(value)
            yield f"{indent}{scalar(name)}: {value if plain else inline(value)}"


_PARTS = {
    MODULES.name: _module_lines,
    FORWARD.name: _flow_lines,
    BLOCKS.name: _block_lines,
}
