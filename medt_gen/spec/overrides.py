"""`--set key.path=value`: changes from the command line."""

from __future__ import annotations

from collections.abc import Sequence

from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, Place, Source
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.spec.nodes import Key, ListNode, MappingNode, Node, ScalarNode, kind_of
from medt_gen.spec.yaml_events import parse_value
from medt_gen.spec.yaml_limits import MAX_DEPTH


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
    source = Source("--set", option)
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
    names = path.split(".")
    if len(names) > MAX_DEPTH:
        place = _stretch(source, 0, len(path))
        raise _no_path(f"a path of more than {MAX_DEPTH} keys", place, None)
    result = _replaced(node, names, 0, source, changed)
    assert isinstance(result, MappingNode)
    return result


def _stretch(source: Source, start: int, end: int) -> Place:
    return Place(source, 1, start + 1, 1, end + 1)


def _replaced(
    node: Node, names: list[str], index: int, source: Source, value: Node
) -> Node:
    """`node` with the value at `names[index:]` replaced."""
    if index == len(names):
        return value
    name = names[index]
    start = len(".".join(names[:index])) + (1 if index else 0)
    place = _stretch(source, start, start + len(name))
    module = index > 0 and names[index - 1] != "modules" and "modules" in names[:index]
    if isinstance(node, ListNode):
        return _replaced_item(node, names, index, source, value, place)
    if _is_bare_type(node, names, index):
        node = MappingNode(
            {"type": node}, {"type": Key("type", node.place)}, node.place
        )
    if not isinstance(node, MappingNode):
        raise _no_path(
            f"`{shown('.'.join(names[:index]))}` is {kind_of(node)} and has no parts",
            place,
            None,
        )
    last = index == len(names) - 1
    if name not in node.items and not (module and last):
        raise _no_path(
            f"there is no `{shown('.'.join(names[: index + 1]))}` in this spec",
            place,
            did_you_mean(name, node.items),
        )
    items = dict(node.items)
    keys = {**node.keys, name: Key(name, place)}
    if last and isinstance(value, ScalarNode) and value.value is None:
        items.pop(name, None)
        keys.pop(name)
    else:
        old = items.get(name, value)
        items[name] = _replaced(old, names, index + 1, source, value)
    return MappingNode(items, keys, node.place)


def _is_bare_type(node: Node, names: list[str], index: int) -> bool:
    """Whether `node` is a module written as its type alone, such as `bn1: ReLU`."""
    is_text = isinstance(node, ScalarNode) and isinstance(node.value, str)
    return is_text and index >= 2 and "modules" in (names[index - 2], names[index - 1])


def _replaced_item(
    node: ListNode,
    names: list[str],
    index: int,
    source: Source,
    value: Node,
    place: Place,
) -> Node:
    name = names[index]
    if not name.isascii() or not name.isdigit() or int(name[:9]) >= len(node.items):
        raise _no_path(
            f"`{shown('.'.join(names[:index]))}` is a list of {len(node.items)}",
            place,
            f"its items are numbered from 0 to {len(node.items) - 1}",
        )
    items = list(node.items)
    items[int(name)] = _replaced(items[int(name)], names, index + 1, source, value)
    return ListNode(tuple(items), node.place)


def _no_path(message: str, place: Place, help: str | None) -> InvalidInput:
    return InvalidInput(Diagnostic("unknown-path", message, place, help))
