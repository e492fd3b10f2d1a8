"""Where the values of a spec are written, if not in the spec itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from medt_gen.messages.diagnostics import Place
from medt_gen.showing.comments import BETWEEN
from medt_gen.spec.nodes import MappingNode, Node
from medt_gen.spec.overrides import OPTION
from medt_gen.spec.read_modules import TYPE
from medt_gen.spec.read_open import OPEN


def origin_remark(node: Node, own: str) -> str:
    """Where a value comes from that is not written in the source called `own`.

    Of a mapping it is told for the type, or what most of its keys share, and by its key
    for what comes from elsewhere.
    """
    if not isinstance(node, MappingNode) or not node.items:
        return _from(node.place, own)
    places = {name: item.place for name, item in node.items.items()}
    usual = _usual(places)
    whole = _from(usual, own)
    others = [
        f"{name} {_from(place, own) or 'changed here'}"
        for name, place in places.items()
        if place.source != usual.source
    ]
    return BETWEEN.join([*([whole] if whole else []), *others])


def _usual(places: Mapping[str, Place]) -> Place:
    """The place of the type, or the first in the source that most have."""
    for name in (TYPE.name, OPEN.name):
        if name in places:
            return places[name]
    sources = Counter(place.source for place in places.values())
    most = max(sources, key=lambda source: sources[source])
    return next(place for place in places.values() if place.source == most)


def _from(place: Place, own: str) -> str:
    source = place.source
    if source.name == own:
        return ""
    if source.name == OPTION:
        return f"from {OPTION} {source.text}"
    return f"from {source.name}:{place.line}"
