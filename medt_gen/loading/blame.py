"""An error that shows in another text than the user's, at the line that leads to it.

A spec that extends another one is its difference; an option is one, too. What is wrong
in the parent's lines, and is not without one of these differences, is caused by that
one: so each is taken back, and the spec looked at again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from medt_gen.loading.resolving import Request, what_is_wrong
from medt_gen.messages.diagnostics import Diagnostic, Note, Place
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import counted
from medt_gen.resolve.scope import StepCount
from medt_gen.spec.nodes import Key, MappingNode, Node, ScalarNode
from medt_gen.spec.overrides import OPTION, place_of_option
from medt_gen.spec.read_class import CLASS, EXTENDS, SOURCE, TITLE, VERSION

# About half a second of work: so many tries, fewer of a large text, with so many steps.
_MOST_TRIES = 40
_MOST_NODES = 200_000
_MOST_STEPS = 20_000
_MOST_CONSEQUENCES = 3

# Keys that no size, type or value follows from.
_IDLE = {EXTENDS.name, VERSION.name, CLASS.name, TITLE.name, SOURCE.name}


@dataclass(frozen=True)
class _Change:
    """A difference that the user made, and what is left without it."""

    place: Place
    node: MappingNode
    overrides: tuple[str, ...]


def with_causes(
    found: Sequence[Diagnostic], request: Request, node: MappingNode
) -> list[Diagnostic]:
    """The same diagnostics, each at the change that leads to it where there is one.

    `node` is the user's own text. What one change leads to is told once.
    """
    stray = [item for item in found if _strays(item, request)]
    if not stray:
        return list(found)
    known = {_identity(item) for item in found}
    causes: dict[int, Place] = {}
    for change, errors in _tried(request, node):
        left = {_identity(item) for item in errors}
        if not left < known:
            continue
        for item in stray:
            if _identity(item) not in left:
                causes.setdefault(id(item), change.place)
        if len(causes) == len(stray):
            break
    return _told_once(found, causes)


def _strays(item: Diagnostic, request: Request) -> bool:
    """Whether an error shows where the user has not changed anything."""
    if item.severity != "error" or item.place is None:
        return False
    if item.place.source.name == OPTION:
        return False
    return item.place.source is not request.source or bool(request.overrides)


def _identity(item: Diagnostic) -> tuple[str, Place | None]:
    return item.code, item.place


def _tried(
    request: Request, node: MappingNode
) -> Iterator[tuple[_Change, list[Diagnostic]]]:
    """Each change with what is wrong without it, as far as there is time."""
    count = StepCount(_MOST_STEPS)
    tries = max(1, min(_MOST_TRIES, _MOST_NODES // max(_nodes(node), 1)))
    for change in islice(_changes(request, node), tries):
        yield change, what_is_wrong(request, change.node, change.overrides, count)


def _changes(request: Request, node: MappingNode) -> Iterator[_Change]:
    options = request.overrides
    for index, option in enumerate(options):
        rest = options[:index] + options[index + 1 :]
        yield _Change(place_of_option(option), node, rest)
    parent = node.items.get(EXTENDS.name)
    if parent is None:
        return
    only = MappingNode({EXTENDS.name: parent}, node.keys, node.place)
    base = request.composed(only, Problems()).node
    for path, place in _differences(node, base):
        yield _Change(place, _without(node, path), options)


def _differences(
    node: MappingNode, base: MappingNode, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Place]]:
    """The paths in `node` that change or add something, with where they stand."""
    for name, item in node.items.items():
        old = base.items.get(name)
        if not path and name in _IDLE:
            continue
        if isinstance(item, MappingNode) and isinstance(old, MappingNode):
            yield from _differences(item, old, (*path, name))
        else:
            yield (*path, name), _shown_at(node.keys[name], item)


def _shown_at(key: Key, item: Node) -> Place:
    """A value that is one, else its key."""
    scalar = isinstance(item, ScalarNode) and item.value is not None
    return item.place if scalar else key.place


def _without(node: MappingNode, path: tuple[str, ...]) -> MappingNode:
    name, *rest = path
    items = dict(node.items)
    inner = items[name]
    if rest and isinstance(inner, MappingNode):
        items[name] = _without(inner, tuple(rest))
    else:
        del items[name]
    return replace(node, items=items)


def _nodes(node: Node) -> int:
    count, waiting = 0, [node]
    while waiting:
        item = waiting.pop()
        count += 1
        if isinstance(item, MappingNode):
            waiting += item.items.values()
        elif not isinstance(item, ScalarNode):
            waiting += item.items
    return count


def _told_once(
    found: Sequence[Diagnostic], causes: dict[int, Place]
) -> list[Diagnostic]:
    """The diagnostics at their causes: of each, all but the first are notes."""
    by_cause: dict[Place, list[Diagnostic]] = {}
    for item in found:
        if id(item) in causes:
            by_cause.setdefault(causes[id(item)], []).append(item)
    firsts = {id(items[0]): (place, items) for place, items in by_cause.items()}
    told = []
    for item in found:
        if id(item) in firsts:
            place, items = firsts[id(item)]
            told.append(_at_cause(item, place, items[1:]))
        elif id(item) not in causes:
            told.append(item)
    return told


def _at_cause(
    item: Diagnostic, place: Place, others: Sequence[Diagnostic]
) -> Diagnostic:
    notes = [Note("it shows here", item.place), *item.notes]
    notes += [
        Note(f"and here: {other.message}", other.place)
        for other in others[:_MOST_CONSEQUENCES]
    ]
    if len(others) > _MOST_CONSEQUENCES:
        more = counted(len(others) - _MOST_CONSEQUENCES, "more place")
        notes.append(Note(f"and in {more}"))
    message = f"with this, {item.message}"
    return replace(item, place=place, message=message, notes=tuple(notes))
