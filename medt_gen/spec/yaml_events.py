"""YAML text -> nodes that remember their place, from the events of the YAML parser.

Only the events are used: the parser's own loaders recurse (libyaml's crashes the
interpreter on deep nesting), guess by YAML 1.1 and forget where values stood.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, Place, Source
from medt_gen.messages.problems import Problems, in_order
from medt_gen.messages.wording import shown
from medt_gen.spec.cut_pipes import without_pieces
from medt_gen.spec.nodes import ListNode, MappingNode, Node, ScalarNode, kind_of
from medt_gen.spec.scalars import BadNumber, yaml_value
from medt_gen.spec.strange_characters import with_lookalikes
from medt_gen.spec.yaml_anchors import Anchored, Anchors
from medt_gen.spec.yaml_errors import character_error, syntax_error
from medt_gen.spec.yaml_limits import NodeCount, check_depth
from medt_gen.spec.yaml_mappings import MERGE, Pair, mapping_of, merge_refused
from medt_gen.spec.yaml_places import event_place, span, start_of_text

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
    """The one YAML value in `source`, or in `text` that lines up with it.

    Raises InvalidInput with all that is wrong, up to where the parser gives up.
    """
    composer = _Composer(source, source.text if text is None else text)
    try:
        return composer.compose()
    except InvalidInput as error:
        raise InvalidInput(*in_order(with_lookalikes(error.diagnostics))) from None
    except yaml.MarkedYAMLError as error:
        found = [*composer.problems.in_order(), syntax_error(source, error)]
        raise InvalidInput(*in_order(with_lookalikes(found))) from None
    except (yaml.YAMLError, UnicodeEncodeError):
        # The second is a lone surrogate, which no encoding has a form for.
        raise InvalidInput(character_error(source)) from None


@dataclass
class _Unclosed:
    """A collection whose end has not been read yet."""

    start: Any
    nodes_before: int
    parts: list[Node] = field(default_factory=list)
    height: int = 0


class _Composer:
    """Puts nodes together, with a stack of collections in place of recursion."""

    def __init__(self, source: Source, text: str) -> None:
        self.source = source
        self.text = text
        self.unclosed: list[_Unclosed] = []
        self.anchors = Anchors()
        self.count = NodeCount()
        self.root: Node | None = None
        # What is wrong and does not keep the rest from being read.
        self.problems = Problems()

    def compose(self) -> Node:
        """The one value of the text; raises InvalidInput, and the parser's errors."""
        for event in self._events():
            if isinstance(event, yaml.CollectionStartEvent):
                self._start(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._end(event)
            elif isinstance(event, yaml.ScalarEvent):
                self._add(self._scalar(event), event, self.count.nodes)
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
        self.problems.stop_on_errors()
        if self.root is None:
            raise InvalidInput(
                Diagnostic(
                    "empty",
                    "there is nothing but white space and comments in this text",
                    start_of_text(self.source),
                    "start from a copy of a spec that ships, such as `medt`",
                )
            )
        return self.root

    def _events(self) -> Iterator[Any]:
        documents = 0
        for event in yaml.parse(self.text, Loader=_Loader):
            documents += isinstance(event, yaml.DocumentStartEvent)
            if documents > 1:
                raise InvalidInput(
                    Diagnostic(
                        "several-documents",
                        "a spec is one document, and a second one starts here",
                        self._place(event),
                        "put each spec in a file of its own and remove this `---`",
                    )
                )
            yield event

    def _start(self, event: Any) -> None:
        self._refuse_tag(event)
        check_depth(len(self.unclosed) + 1, self._place(event))
        self.unclosed.append(_Unclosed(event, self.count.nodes))

    def _end(self, event: Any) -> None:
        closed = self.unclosed.pop()
        place = span(self.source, closed.start.start_mark, event.end_mark)
        node: Node
        if isinstance(closed.start, yaml.SequenceStartEvent):
            node = ListNode(tuple(closed.parts), place)
        else:
            node = self._mapping(closed, place)
        self._add(node, closed.start, closed.nodes_before, closed.height + 1)

    def _mapping(self, closed: _Unclosed, place: Place) -> MappingNode:
        keys, values = closed.parts[::2], closed.parts[1::2]
        pairs = [Pair(*parts) for parts in zip(keys, values, strict=True)]
        if closed.start.flow_style:
            pairs = without_pieces(pairs, self.problems)
        return mapping_of(pairs, place, self.problems)

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
        place = self._place(event)
        self._refuse_merge()
        anchored = self.anchors.repeated(event.anchor, place)
        check_depth(len(self.unclosed) + anchored.height, place)
        self.count.add(anchored.size, place)
        self._place_in_parent(anchored.node, anchored.height)

    def _refuse_merge(self) -> None:
        """What a merge key refers to is of no interest."""
        parts = self.unclosed[-1].parts if self.unclosed else []
        key = parts[-1] if len(parts) % 2 else None
        if isinstance(key, ScalarNode) and key.raw == MERGE:
            raise InvalidInput(*self.problems.in_order(), merge_refused(key.place))

    def _add(self, node: Node, event: Any, nodes_before: int, height: int = 0) -> None:
        self.count.add(1, node.place)
        if event.anchor:
            size = self.count.nodes - nodes_before
            self.anchors.mark(event.anchor, Anchored(node, size, height))
        self._place_in_parent(node, height)

    def _place_in_parent(self, node: Node, height: int) -> None:
        if self.unclosed:
            parent = self.unclosed[-1]
            parent.parts.append(node)
            parent.height = max(parent.height, height)
        else:
            self.root = node

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None and event.tag != "!":
            # `!!` stands for YAML's own tags.
            tag = event.tag.replace("tag:yaml.org,2002:", "!!", 1)
            self.problems.error(
                "tag",
                f"YAML tags such as `{shown(tag)}` are not in the language",
                self._place(event),
                "remove the tag: a spec is data and can't name code",
            )

    def _place(self, event: Any) -> Place:
        return event_place(self.source, event)
