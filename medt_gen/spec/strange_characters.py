"""Mistakes whose whole cause is a character that looks like another one.

Who types one such character often types more: where one is wrong, all are told at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from medt_gen.messages.diagnostics import Diagnostic, Place, Source
from medt_gen.spec.lookalikes import lookalike, lookalikes
from medt_gen.spec.yaml_mask import BLANK, masked
from medt_gen.spec.yaml_places import part_of

_PROSE = re.compile(r"\s*(?:title|source)\s*:")


def with_lookalikes(items: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The same, each with what is strange in the unquoted text that it complains of.

    Where that is so, all other strange characters of the text are added.
    """
    told: list[Diagnostic] = []
    sources: dict[int, Source] = {}
    for item in items:
        strange = _as_strange(item)
        told.append(strange or item)
        if strange is not None and item.place is not None:
            sources[id(item.place.source)] = item.place.source
    places = {item.place for item in told}
    more = (found for source in sources.values() for found in _all_of(source))
    return told + [item for item in more if item.place not in places]


def _as_strange(item: Diagnostic) -> Diagnostic | None:
    if item.place is None or item.severity != "error":
        return None
    text = item.place.text
    found = None if text[:1] in ("'", '"') else lookalike(text)
    if found is None:
        return None
    place = part_of(item.place, found.offset, found.end)
    return replace(item, message=found.message, place=place, help=found.help)


def _all_of(source: Source) -> Iterator[Diagnostic]:
    """What looks like the language and is not, outside of quotes and of prose."""
    for number, line in enumerate(masked(source.text).split("\n"), 1):
        if _PROSE.match(line):
            continue
        for found in lookalikes(line.replace(BLANK, " ")):
            place = Place(source, number, found.offset + 1, number, found.end + 1)
            yield Diagnostic("yaml-syntax", found.message, place, found.help)
