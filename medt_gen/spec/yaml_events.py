"""YAML text -> nodes that remember their place; the limits on what is read.

Only the events of the YAML parser are used: its own loaders recurse (libyaml's crashes
the interpreter on deep nesting), guess by YAML 1.1 and forget where values stood.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from medt_gen.messages.codes import Code
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, Note, Place, Source
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import shown
from medt_gen.spec.nodes import Key, ListNode, MappingNode, Node, ScalarNode, kind_of
from medt_gen.spec.scalars import BadNumber, yaml_value
from medt_gen.spec.yaml_hints import (
    COMMA_HINT,
    PLAINER,
    calls_left_open,
    syntax_hint,
    tag_text,
)

MAX_DEPTH = 100
MAX_NODES = 100_000

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_document(source: Source) -> MappingNode:
    """The one mapping that a spec consists of.

    Raises InvalidInput for text that is not YAML, or not a single mapping.
    """
    node = parse_value(source)
    if isinstance(node, MappingNode):
        return node
    raise InvalidInput(
        Diagnostic(
            "not-a-spec",
            f"a spec is a mapping of keys, and this is {kind_of(node)}",
            node.place,
            "start with `medt-gen: 1`, `class:`, `input:`, `modules:` and `forward:`",
        )
    )


def parse_value(source: Source, text: str | None = None) -> Node:
    """The one YAML value in `source`, or in `text` that lines up with it."""
    composer = _Composer(source, source.text if text is None else text)
    try:
        return composer.compose()
    except yaml.MarkedYAMLError as error:
        raise InvalidInput(*composer.syntax_errors(error)) from None
    except (yaml.YAMLError, UnicodeEncodeError):
        # The second is a lone surrogate, which no encoding has a form for.
        raise InvalidInput(composer.character_error()) from None


@dataclass
class _Unclosed:
    """A collection whose end has not been read yet."""

    start: Any
    nodes_before: int
    parts: list[Node] = field(default_factory=list)
    height: int = 0


@dataclass(frozen=True)
class _Anchored:
    """A value that aliases can repeat: how many nodes it holds, and how deep."""

    node: Node
    size: int
    height: int


class _Composer:
    def __init__(self, source: Source, text: str) -> None:
        self.source = source
        self.text = text
        self.open: list[_Unclosed] = []
        self.anchors: dict[str, _Anchored] = {}
        self.nodes = 0
        self.root: Node | None = None
        # What is wrong and does not keep the rest from being read.
        self.problems = Problems()

    def compose(self) -> Node:
        for event in self._events():
            if isinstance(event, yaml.CollectionStartEvent):
                self._start(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._end(event)
            elif isinstance(event, yaml.ScalarEvent):
                self._add(self._scalar(event), event, self.nodes)
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
        self.problems.stop_on_errors()
        if self.root is None:
            raise self._wrong(
                "empty",
                "there is nothing but white space and comments in this text",
                self._origin(),
                "start from a copy of a spec that ships, such as `medt`",
            )
        return self.root

    def _events(self) -> Iterator[Any]:
        documents = 0
        for event in yaml.parse(self.text, Loader=_Loader):
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._wrong(
                        "several-documents",
                        "a spec is one document, and a second one starts here",
                        self._place(event),
                        "put each spec in a file of its own and remove this `---`",
                    )
            yield event

    def _start(self, event: Any) -> None:
        self._refuse_tag(event)
        self._check_depth(1, self._place(event))
        self.open.append(_Unclosed(event, self.nodes))

    def _check_depth(self, more: int, place: Place) -> None:
        if len(self.open) + more > MAX_DEPTH:
            raise self._wrong(
                "too-deep",
                f"values are nested more than {MAX_DEPTH} deep",
                place,
                "write the spec flatter: no real one comes near this depth",
            )

    def _end(self, event: Any) -> None:
        opened = self.open.pop()
        place = self._span(opened.start.start_mark, event.end_mark)
        node: Node
        if isinstance(opened.start, yaml.SequenceStartEvent):
            node = ListNode(tuple(opened.parts), place)
        else:
            node = self._mapping(self._whole_values(opened), place)
        self._add(node, opened.start, opened.nodes_before, opened.height + 1)

    def _whole_values(self, opened: _Unclosed) -> list[Node]:
        """Its parts without pieces: `{out: x | add(a, b)}` ends before a key `b)`."""
        if not opened.start.flow_style:
            return opened.parts
        whole: list[Node] = []
        open_calls, refused = 0, False
        for key, value in zip(opened.parts[::2], opened.parts[1::2], strict=True):
            if open_calls <= 0 or not isinstance(value, ScalarNode) or value.raw:
                open_calls, refused = calls_left_open(value), False
                whole += [key, value]
                continue
            if not refused:
                what = "the comma before this ends the value: it stands in `{...}`"
                self.problems.error("yaml-syntax", what, key.place, COMMA_HINT)
            open_calls, refused = open_calls + calls_left_open(key), True
        return whole

    def _mapping(self, parts: list[Node], place: Place) -> MappingNode:
        items: dict[str, Node] = {}
        keys: dict[str, Key] = {}
        for key, value in zip(parts[::2], parts[1::2], strict=True):
            name = self._key_name(key)
            if name is None:
                continue
            if name in items:
                self.problems.error(
                    "duplicate-key",
                    f"the key `{shown(name)}` is written twice",
                    key.place,
                    "remove one of the two",
                    Note("first written here", keys[name].place),
                )
                continue
            items[name] = value
            keys[name] = Key(name, key.place)
        return MappingNode(items, keys, place)

    def _key_name(self, key: Node) -> str | None:
        if isinstance(key, ScalarNode) and isinstance(key.value, str):
            return key.value
        fix = None
        if isinstance(key, ScalarNode) and key.raw:
            fix = f'write it in quotes: `"{shown(key.raw)}"`'
        self.problems.error(
            "key-not-a-string",
            f"a key is a name, and this one is {kind_of(key)}",
            key.place,
            fix,
        )
        return None

    def _scalar(self, event: Any) -> ScalarNode:
        self._refuse_tag(event)
        place = self._place(event)
        raw = self.text[event.start_mark.index : event.end_mark.index]
        if not event.implicit[0]:
            return ScalarNode(event.value, place, raw)
        try:
            return ScalarNode(yaml_value(event.value), place, raw)
        except BadNumber as problem:
            self.problems.error("bad-number", str(problem), place, problem.help)
            return ScalarNode(1, place, raw)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            raise self._wrong(
                "unknown-alias",
                f"`*{shown(event.anchor)}` names no value that ends before it",
                self._place(event),
                f"mark the value to repeat with `&{shown(event.anchor)}`",
            )
        anchored = self.anchors[event.anchor]
        self._check_depth(anchored.height, self._place(event))
        self._count(anchored.size, self._place(event))
        self._place_in_parent(anchored.node, anchored.height)

    def _add(self, node: Node, event: Any, nodes_before: int, height: int = 0) -> None:
        self._count(1, node.place)
        if event.anchor:
            size = self.nodes - nodes_before
            self.anchors[event.anchor] = _Anchored(node, size, height)
        self._place_in_parent(node, height)

    def _count(self, more: int, place: Place) -> None:
        self.nodes += more
        if self.nodes > MAX_NODES:
            raise self._wrong(
                "too-large",
                f"the spec has more than {MAX_NODES:,} values, aliases counted as "
                "often as they are used",
                place,
                "repeat blocks with `Stage` and `depth:`, not with aliases",
            )

    def _place_in_parent(self, node: Node, height: int) -> None:
        if self.open:
            parent = self.open[-1]
            parent.parts.append(node)
            parent.height = max(parent.height, height)
        else:
            self.root = node

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None and event.tag != "!":
            self.problems.error(
                "tag",
                f"YAML tags such as `{tag_text(event.tag)}` are not in the language",
                self._place(event),
                "remove the tag: a spec is data and can't name code",
            )

    def _place(self, event: Any) -> Place:
        return self._span(event.start_mark, event.end_mark)

    def _span(self, start: Any, end: Any) -> Place:
        return Place(
            self.source, start.line + 1, start.column + 1, end.line + 1, end.column + 1
        )

    def _origin(self) -> Place:
        return Place(self.source, 1, 1, 1, 1)

    def _wrong(
        self,
        code: Code,
        message: str,
        place: Place,
        fix: str | None = None,
        *notes: Note,
    ) -> InvalidInput:
        return InvalidInput(Diagnostic(code, message, place, fix, notes))

    def syntax_errors(self, error: yaml.MarkedYAMLError) -> list[Diagnostic]:
        """What was wrong before it, and the parser's complaint."""
        return [*self.problems.in_order(), self._syntax_error(error)]

    def _syntax_error(self, error: yaml.MarkedYAMLError) -> Diagnostic:
        """The parser's complaint, with a hint for the traps of this language."""
        mark = error.problem_mark or error.context_mark
        place = self._span(mark, mark) if mark else self._origin()
        lines = self.source.text.split("\n")
        if place.line > len(lines):
            # The text ends where more was expected, and no line comes after it.
            line, column = len(lines), len(lines[-1]) + 1
            place = Place(self.source, line, column, line, column)
        problem = error.problem or "the text is not YAML"
        message = f"{error.context}: {problem}" if error.context else problem
        message = PLAINER.get(problem, message)
        return Diagnostic("yaml-syntax", message, place, syntax_hint(place))

    def character_error(self) -> Diagnostic:
        """A character that YAML forbids; the C parser does not say where."""
        for number, line in enumerate(self.source.text.split("\n"), 1):
            for column, character in enumerate(line, 1):
                if not character.isprintable() and character not in "\t\r\x85\ufeff":
                    place = Place(self.source, number, column, number, column + 1)
                    text = f"the character {shown(character)} is not allowed in YAML"
                    return Diagnostic("yaml-syntax", text, place, "remove it")
        return Diagnostic("yaml-syntax", "the text is not YAML", self._origin())
