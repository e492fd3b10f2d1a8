"""`--set key.path=value`: changes from the command line."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, Place, Source
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import did_you_mean, either, shown
from medt_gen.spec.keys import KeyTable
from medt_gen.spec.merging import Parameters, with_other_type, with_type
from medt_gen.spec.nodes import Key, ListNode, MappingNode, Node, ScalarNode, kind_of
from medt_gen.spec.read_class import MODULES
from medt_gen.spec.read_init import INIT
from medt_gen.spec.read_modules import BLOCK, TYPE
from medt_gen.spec.read_network import (
    BLOCKS,
    INPUT,
    INPUT_KEYS,
    NETWORK_KEYS,
)
from medt_gen.spec.read_open import OPEN
from medt_gen.spec.read_training import (
    GATES,
    GATES_KEYS,
    TRAINING,
    TRAINING_KEYS,
)
from medt_gen.spec.yaml_events import parse_value
from medt_gen.spec.yaml_limits import MAX_DEPTH

OPTION = "--set"
"""What messages call a text that stands in the command line."""

_MOST_PATHS = 3

_TABLES: Mapping[tuple[str, ...], KeyTable] = {
    (): NETWORK_KEYS,
    (INPUT.name,): INPUT_KEYS,
    (TRAINING.name,): TRAINING_KEYS,
    (TRAINING.name, GATES.name): GATES_KEYS,
}
"""Where the language knows the keys, by the path there."""


def apply_overrides(node: MappingNode, options: Sequence[str]) -> MappingNode:
    """`node` with every option applied, later ones over earlier ones.

    Raises InvalidInput for options of another form and for paths that lead nowhere.
    """
    problems = Problems()
    for option in options:
        try:
            node = _apply(node, option)
        except InvalidInput as error:
            problems.extend(error.diagnostics)
    problems.stop_on_errors()
    return node


def _apply(node: MappingNode, option: str) -> MappingNode:
    source = Source(OPTION, option)
    path, equals, value = option.partition("=")
    if not equals or not path:
        raise InvalidInput(
            Diagnostic(
                "set-syntax",
                "`--set` takes `key.path=value`",
                _stretch(source, 0, len(option)),
                "for example `--set input.size=256`",
            )
        )
    if not value.strip():
        raise InvalidInput(
            Diagnostic(
                "set-syntax",
                "there is no value after the `=`",
                _stretch(source, len(option) - 1, len(option)),
                f"`--set {shown(path)}=null` removes the key",
            )
        )
    # Parsed behind blanks, so that columns count from the start of the option.
    changed = parse_value(source, " " * (len(path) + 1) + value)
    names = tuple(path.split("."))
    if len(names) > MAX_DEPTH:
        place = _stretch(source, 0, len(path))
        raise _no_path(f"a path of more than {MAX_DEPTH} keys", place, None)
    step = _Step(source, names, _parameters_at(node, names))
    return _replaced_key(node, step, changed)


def _parameters_at(node: MappingNode, names: Sequence[str]) -> Parameters:
    """The parameters of the class that a path leads into: a block's, or the spec's."""
    if names[0] != BLOCKS.name:
        return Parameters.of(node)
    blocks = node.items.get(BLOCKS.name)
    held = blocks.items if isinstance(blocks, MappingNode) else {}
    block = held.get(names[1]) if len(names) > 1 else None
    return Parameters.of(block) if isinstance(block, MappingNode) else Parameters(None)


def place_of_option(option: str) -> Place:
    """The value in an option, or all of it where there is none."""
    source = Source(OPTION, option)
    path, equals, value = option.partition("=")
    start = len(path) + len(equals)
    return _stretch(source, start if value else 0, len(option))


def _stretch(source: Source, start: int, end: int) -> Place:
    return Place(source, 1, start + 1, 1, end + 1)


@dataclass(frozen=True)
class _Step:
    """A key of an option's path: `names[index]`, those before it followed already.

    `parameters` are those of the class that the path leads into.
    """

    source: Source
    names: tuple[str, ...]
    parameters: Parameters
    index: int = 0

    @property
    def name(self) -> str:
        return self.names[self.index]

    @property
    def followed(self) -> str:
        """The path up to here."""
        return ".".join(self.names[: self.index])

    @property
    def place(self) -> Place:
        start = len(self.followed) + (1 if self.index else 0)
        return _stretch(self.source, start, start + len(self.name))

    @property
    def next(self) -> _Step | None:
        last = self.index == len(self.names) - 1
        return None if last else replace(self, index=self.index + 1)

    def to_longest_of(self, known: Collection[str]) -> _Step:
        """The same with the longest key here that the path begins with.

        A key may have dots of its own, as in `init: {Conv2d.bias: zeros()}`.
        """
        for end in range(len(self.names), self.index + 1, -1):
            key = ".".join(self.names[self.index : end])
            if key in known:
                names = (*self.names[: self.index], key, *self.names[end:])
                return replace(self, names=names)
        if self.index and self.names[0] == INIT.name and self.name not in known:
            rest = ".".join(self.names[self.index :])
            return replace(self, names=(*self.names[: self.index], rest))
        return self

    @property
    def is_key(self) -> bool:
        """Whether it stands where the language knows the keys."""
        return self.names[: self.index] in _TABLES

    @property
    def may_be_added(self) -> bool:
        """Whether a key may be new here: one that the language knows, or that is free.

        Of a module these are arguments, of `init:` tensors.
        """
        before = self.names[: self.index]
        if before in _TABLES:
            return self.name in _TABLES[before].names
        return self.of_a_module or before[:1] == (INIT.name,)

    @property
    def of_a_module(self) -> bool:
        """Whether this is a key of a module."""
        before = self.names[: self.index]
        return MODULES.name in before and before[-1] != MODULES.name

    @property
    def names_a_type(self) -> bool:
        """Whether a text that stands here may be a module, written as its type."""
        return (
            self.index >= 2 and MODULES.name in self.names[self.index - 2 : self.index]
        )


def _replaced(node: Node, step: _Step, value: Node) -> Node:
    """`node` with the value that the path leads to replaced."""
    if isinstance(node, ListNode):
        return _replaced_item(node, step, value)
    if step.names_a_type:
        node = with_type(node)
    if isinstance(node, MappingNode):
        return _replaced_key(node, step, value)
    message = f"`{shown(step.followed)}` is {kind_of(node)} and has no parts"
    raise _no_path(message, step.place, None)


def _replaced_key(node: MappingNode, step: _Step, value: Node) -> MappingNode:
    step = step.to_longest_of(node.items)
    name, following = step.name, step.next
    if name not in node.items and following is not None and step.may_be_added:
        node = _with_empty(node, step)
    removed = isinstance(value, ScalarNode) and value.value is None
    new = step.may_be_added and following is None
    # What is not there can't be taken away; of a module an argument may be null.
    if name not in node.items and not (new and not (removed and step.is_key)):
        path = ".".join(step.names[: step.index + 1])
        message = f"there is no `{shown(path)}` in this spec"
        raise _no_path(message, step.place, _path_help(node, step))
    items, keys = dict(node.items), {**node.keys, name: Key(name, step.place)}
    if following is not None:
        items[name] = _replaced(items[name], following, value)
    elif removed:
        items.pop(name, None)
        keys.pop(name)
    elif step.of_a_module and name in (TYPE.name, OPEN.name, BLOCK.name):
        return _with_other_type(node, keys[name], value, step.parameters)
    else:
        items[name] = value
    return MappingNode(items, keys, node.place)


def _with_empty(node: MappingNode, step: _Step) -> MappingNode:
    """The mapping with an empty one under a key that the path goes on through."""
    key = Key(step.name, step.place)
    empty = MappingNode({}, {}, step.place)
    path = (*step.names[: step.index], step.name)
    if path not in _TABLES and path != (INIT.name,):
        return node
    return MappingNode(
        {**node.items, key.name: empty}, {**node.keys, key.name: key}, node.place
    )


def _with_other_type(
    node: MappingNode, key: Key, value: Node, parameters: Parameters
) -> MappingNode:
    """A module whose `type:` or `block:` an option changes.

    What other options gave it is meant for the new type, whatever their order.
    """
    names = [
        name for name, item in node.keys.items() if item.place.source.name == OPTION
    ]
    items = {name: node.items[name] for name in names} | {key.name: value}
    keys = {name: node.keys[name] for name in names} | {key.name: key}
    changed = with_other_type(node, MappingNode(items, keys, node.place), parameters)
    return replace(changed, place=node.place)


def _path_help(node: MappingNode, step: _Step) -> str | None:
    """Keys of that name elsewhere in the spec, or near ones here."""
    if step.index == 0:
        rest = "".join(f".{name}" for name in step.names[1:])
        paths = islice(_paths_to(node, step.name), _MOST_PATHS)
        found = [f"`{shown(path + rest)}`" for path in paths]
        if found:
            return f"did you mean {either(found)}?"
    return did_you_mean(step.name, node.items, listed=20)


def _paths_to(node: MappingNode, name: str) -> Iterator[str]:
    """The paths to keys called `name`, the nearest to the top first."""
    waiting = deque([("", node)])
    while waiting:
        prefix, mapping = waiting.popleft()
        for key, item in mapping.items.items():
            if key == name:
                yield prefix + key
            if isinstance(item, MappingNode):
                waiting.append((f"{prefix}{key}.", item))


def _replaced_item(node: ListNode, step: _Step, value: Node) -> ListNode:
    name, following = step.name, step.next
    if not name.isascii() or not name.isdigit() or int(name[:9]) >= len(node.items):
        raise _no_path(
            f"`{shown(step.followed)}` is a list of {len(node.items)}",
            step.place,
            _items_help(step, len(node.items)),
        )
    items = list(node.items)
    number = int(name)
    items[number] = _replaced(items[number], following, value) if following else value
    return ListNode(tuple(items), node.place)


def _items_help(step: _Step, count: int) -> str:
    first = f"`{shown(step.followed)}.0`"
    if count == 0:
        return "give the whole list"
    if count == 1:
        return f"it has one item, {first}"
    return f"its items are {first} to `{shown(step.followed)}.{count - 1}`"


def _no_path(message: str, place: Place, help: str | None) -> InvalidInput:
    return InvalidInput(Diagnostic("unknown-path", message, place, help))
