"""Nodes -> the lines of `init:`: which tensors are set to what, pass by pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from medt_gen.messages.diagnostics import Note, Place
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import shown
from medt_gen.spec.fragments import Schema
from medt_gen.spec.keys import KeyContext, KeyEntry
from medt_gen.spec.nodes import Key, ListNode, MappingNode, Node, ScalarNode, kind_of
from medt_gen.spec.pipes import FlowError, OperationCall, parse_call


@dataclass(frozen=True)
class InitLine:
    """Tensors by a path, a block's member or a layer's type, and what they are set to.

    `key` is the whole of it, in dots: `AxialBlock.bn2.weight`.
    """

    key: str
    place: Place
    call: OperationCall


InitPass = tuple[InitLine, ...]
"""The lines of one pass over all tensors."""


def _read_init(node: Node, context: KeyContext) -> tuple[InitPass, ...]:
    parts = node.items if isinstance(node, ListNode) else (node,)
    return tuple(_read_pass(part, context.problems) for part in parts)


def _read_pass(node: Node, problems: Problems) -> InitPass:
    if not isinstance(node, MappingNode):
        problems.error(
            "wrong-form",
            f"`init:` is a mapping from tensors to values, or a list of such, and this "
            f"is {kind_of(node)}",
            node.place,
            "write `init: {Conv2d: kaiming_normal()}`",
        )
        return ()
    lines: dict[str, InitLine] = {}
    for key, place, value in _flattened(node):
        line = _line(key, place, value, problems)
        if line is FAULTY:
            continue
        if key in lines:
            problems.error(
                "duplicate-key",
                f"`{shown(key)}` is set twice in one pass",
                place,
                "remove one of them, or make a list of two passes",
                Note("it is set here, too", lines[key].place),
            )
            continue
        lines[key] = line
    return tuple(lines.values())


def _flattened(
    node: MappingNode, prefix: str = ""
) -> Iterator[tuple[str, Place, Node]]:
    """Every value with its whole key: members of a block may stand under its name."""
    for name, item in node.items.items():
        key: Key = node.keys[name]
        if isinstance(item, MappingNode):
            yield from _flattened(item, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", key.place, item


def _line(key: str, place: Place, node: Node, problems: Problems) -> InitLine | Faulty:
    text = node.value if isinstance(node, ScalarNode) else None
    if not isinstance(node, ScalarNode) or not isinstance(text, str):
        problems.error(
            "wrong-form",
            "an initial value is a call such as `zeros()`, and this is "
            f"{kind_of(node)}",
            node.place,
            _call_help(node),
        )
        return FAULTY
    try:
        return InitLine(key, place, parse_call(node))
    except FlowError as error:
        problems.error("pipe-syntax", shown(str(error)), error.place, error.help)
        return FAULTY


def _call_help(node: Node) -> str:
    number = node.value if isinstance(node, ScalarNode) else None
    if isinstance(number, int | float) and not isinstance(number, bool):
        return f"write `constant({number})`"
    return "write a function of `torch.nn.init`, without its underscore: `zeros()`"


_PASS: Schema = {
    "type": ["object", "null"],
    "additionalProperties": {
        "type": ["string", "object", "null"],
        "additionalProperties": {"type": ["string", "object", "null"]},
    },
}

INIT: KeyEntry[tuple[InitPass, ...]] = KeyEntry(
    name="init",
    says="What tensors are set to after the modules are made, by type, block's member "
    "or path; a list is several passes.",
    example='init: {Conv2d: "kaiming_normal(mode=fan_out)", Linear.bias: zeros()}',
    schema={
        "type": ["object", "array", "null"],
        "items": _PASS,
        "additionalProperties": _PASS["additionalProperties"],
    },
    read=_read_init,
    absent=(),
)
