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

_STILL_NEEDED = "what is removed here is still needed there: change that as well"

# Keys that no size, type or value follows from.
_IDLE = {EXTENDS.name, VERSION.name, CLASS.name, TITLE.name, SOURCE.name}


_Identity = tuple[str, Place | None]
"""What makes two errors of two attempts the same."""


@dataclass(frozen=True)
class _Change:
    """A difference that the user made, and what is left without it."""

    place: Place
    node: MappingNode
    overrides: tuple[str, ...]
    alone: _Alone
    removes: bool = False


@dataclass(frozen=True)
class _Alone:
    """What would be left of the user's text and options with one change in it."""

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
    search = _Search(request, node)
    causes: dict[int, _Change] = {}
    for change, left in search.without():
        if left < known:
            for item in stray:
                if _identity(item) not in left:
                    causes.setdefault(id(item), change)
        if len(causes) == len(stray):
            return _told_once(found, causes)
    # Two mistakes may hide each other: then each change by itself may show one.
    inherited = search.unchanged()
    for change, errors in search.alone():
        for item in stray:
            if _identity(item) in errors - inherited:
                causes.setdefault(id(item), change)
    return _told_once(found, causes)


def _strays(item: Diagnostic, request: Request) -> bool:
    """Whether an error shows where the user has not changed anything."""
    if item.severity != "error" or item.place is None:
        return False
    if item.place.source.name == OPTION:
        return False
    return item.place.source is not request.source or bool(request.overrides)


def _identity(item: Diagnostic) -> _Identity:
    return item.code, item.place


class _Search:
    """Tries the spec without each change, and with each change alone."""

    def __init__(self, request: Request, node: MappingNode) -> None:
        self.request = request
        self.node = node
        self.count = StepCount(_MOST_STEPS)
        most = max(1, min(_MOST_TRIES, _MOST_NODES // max(_nodes(node), 1)))
        self.changes = list(islice(_changes(request, node), most))

    def without(self) -> Iterator[tuple[_Change, set[_Identity]]]:
        """Each change with what is still wrong without it."""
        for change in self.changes:
            yield change, self._wrong(change.node, change.overrides)

    def unchanged(self) -> set[_Identity]:
        """What is wrong without any of the changes."""
        bare = EXTENDS.name in self.node.items
        return self._wrong(_only(self.node, ()) if bare else self.node, ())

    def alone(self) -> Iterator[tuple[_Change, set[_Identity]]]:
        """Each change with what is wrong with it and no other."""
        for change in self.changes:
            yield change, self._wrong(change.alone.node, change.alone.overrides)

    def _wrong(self, node: MappingNode, overrides: tuple[str, ...]) -> set[_Identity]:
        found = what_is_wrong(self.request, node, overrides, self.count)
        return {_identity(item) for item in found}


def _changes(request: Request, node: MappingNode) -> Iterator[_Change]:
    options = request.overrides
    parent = node.items.get(EXTENDS.name)
    bare = node if parent is None else _only(node, ())
    for index, option in enumerate(options):
        rest = options[:index] + options[index + 1 :]
        alone = _Alone(node if parent is None else bare, (option,))
        yield _Change(place_of_option(option), node, rest, alone)
    if parent is None:
        return
    base = request.composed(bare, Problems()).node
    for path in _differences(node, base):
        key, item = _at(node, path)
        yield _Change(
            _shown_at(key, item),
            _without(node, path),
            options,
            _Alone(_only(node, path), ()),
            isinstance(item, ScalarNode) and item.value is None,
        )


def _only(node: MappingNode, path: tuple[str, ...]) -> MappingNode:
    """The node with nothing but what leads to the path, and what every spec has."""
    kept = {name: item for name, item in node.items.items() if name in _IDLE}
    if path:
        kept[path[0]] = _narrowed(node.items[path[0]], path[1:])
    return replace(node, items=kept)


def _narrowed(node: Node, path: tuple[str, ...]) -> Node:
    if not path or not isinstance(node, MappingNode):
        return node
    return replace(node, items={path[0]: _narrowed(node.items[path[0]], path[1:])})


def _at(node: MappingNode, path: tuple[str, ...]) -> tuple[Key, Node]:
    *before, last = path
    for name in before:
        inner = node.items[name]
        assert isinstance(inner, MappingNode)
        node = inner
    return node.keys[last], node.items[last]


def _differences(
    node: MappingNode, base: MappingNode, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """The paths in `node` that change or add something."""
    for name, item in node.items.items():
        old = base.items.get(name)
        if not path and name in _IDLE:
            continue
        if isinstance(item, MappingNode) and isinstance(old, MappingNode):
            yield from _differences(item, old, (*path, name))
        else:
            yield (*path, name)


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
    found: Sequence[Diagnostic], causes: dict[int, _Change]
) -> list[Diagnostic]:
    """The diagnostics at their causes: of each, all but the first are notes."""
    by_cause: dict[Place, list[Diagnostic]] = {}
    for item in found:
        if id(item) in causes:
            by_cause.setdefault(causes[id(item)].place, []).append(item)
    firsts = {id(items[0]): items for items in by_cause.values()}
    told = []
    for item in found:
        if id(item) in firsts:
            told.append(_at_cause(item, causes[id(item)], firsts[id(item)][1:]))
        elif id(item) not in causes:
            told.append(item)
    return told


def _at_cause(
    item: Diagnostic, change: _Change, others: Sequence[Diagnostic]
) -> Diagnostic:
    notes = [Note("it shows here", item.place), *item.notes]
    notes += [
        Note(f"and here: {other.message}", other.place)
        for other in others[:_MOST_CONSEQUENCES]
    ]
    if len(others) > _MOST_CONSEQUENCES:
        more = counted(len(others) - _MOST_CONSEQUENCES, "more place")
        notes.append(Note(f"and in {more}"))
    return replace(
        item,
        place=change.place,
        message=f"with this, {item.message}",
        notes=tuple(notes),
        help=_STILL_NEEDED if change.removes else item.help,
    )
