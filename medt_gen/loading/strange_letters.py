"""Mistakes whose whole cause is a character that looks like another one."""

from __future__ import annotations

from dataclasses import replace

from medt_gen.messages.diagnostics import Diagnostic
from medt_gen.spec.lookalikes import lookalike
from medt_gen.spec.yaml_places import part_of


def with_lookalikes(item: Diagnostic) -> Diagnostic:
    """The same, or what is strange in the unquoted text that it complains of."""
    if item.place is None or item.severity != "error":
        return item
    text = item.place.text
    found = None if text[:1] in ("'", '"') else lookalike(text)
    if found is None:
        return item
    place = part_of(item.place, found.offset, found.offset + 1)
    return replace(item, message=found.message, place=place, help=found.help)
