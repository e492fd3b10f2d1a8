"""Nodes -> the several outputs of a network: a list of values, or a mapping of them."""

from __future__ import annotations

from collections.abc import Mapping

from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import shown
from medt_gen.spec.declarations import Outputs
from medt_gen.spec.fragments import NAME, TEXT, Schema
from medt_gen.spec.nodes import ListNode, MappingNode, Node, ScalarNode, kind_of
from medt_gen.spec.pipes import Name

OUT = "out"
"""What the result of a flow is called."""

_PATCH_STEP = ("patches", "forward")

PATCHED: Schema = {
    "type": "object",
    "anyOf": [
        {"required": [key], "properties": {key: {"type": "object"}}}
        for key in _PATCH_STEP
    ],
}
"""A patch step under `out`, in whole or in part."""


OUT_SAYS = "The result: a pipe, or the names of several values in a list or a mapping."
"""What editors show for the result of a network's flow."""


def out_schema(patch_step: Schema) -> Schema:
    """A pipe, a patch step, a list of values, or a mapping from any keys to values."""
    value = {**TEXT, **NAME}
    return {
        "type": ["string", "object", "array", "null"],
        "if": PATCHED,
        "then": patch_step,
        "else": {
            "items": value,
            "minItems": 1,
            "additionalProperties": {"anyOf": [value, {"type": "null"}]},
        },
    }


def lists_outputs(node: Node) -> bool:
    """Whether what stands under `out` names values: it is no pipe and no patch step."""
    if isinstance(node, ListNode):
        return True
    if not isinstance(node, MappingNode):
        return False
    parts = (node.items.get(key) for key in _PATCH_STEP)
    return not any(isinstance(part, MappingNode) for part in parts)


def read_outputs(
    node: Node, problems: Problems, *, of_network: bool
) -> Outputs | Faulty:
    """The outputs that a node lists; only a network's own flow may have several."""
    if not of_network:
        problems.error(
            "wrong-form",
            "only a network has several outputs: a block and a patch have one, `out`",
            node.place,
            "join them with `concat` and take them apart with `split` outside, or make "
            "a block of each",
        )
        return FAULTY
    entries: Mapping[str, Node] = {}
    if isinstance(node, ListNode):
        entries = {str(number): item for number, item in enumerate(node.items)}
    elif isinstance(node, MappingNode):
        entries = node.items
    if not entries:
        problems.error(
            "wrong-form",
            "no output is listed",
            node.place,
            "name the values: `out: [main, aux]`, or `out: {main: main, aux: aux}`",
        )
        return FAULTY
    names = {key: _name(key, item, problems) for key, item in entries.items()}
    known = {key: name for key, name in names.items() if name is not FAULTY}
    if len(known) < len(names):
        return FAULTY
    return Outputs(known, isinstance(node, MappingNode), node.place)


def _name(key: str, node: Node, problems: Problems) -> Name | Faulty:
    text = node.value if isinstance(node, ScalarNode) else None
    if not isinstance(text, str):
        problems.error(
            "wrong-form",
            f"an output is the name of a value, and this is {kind_of(node)}",
            node.place,
            "list the outputs that there are: they replace the parent's as a whole",
        )
        return FAULTY
    if not text.isidentifier():
        value = "a value of its own" if "|" in text else "the name of a value"
        problems.error(
            "wrong-form",
            f"an output is the name of a value, and this is `{shown(text)}`",
            node.place,
            f"give the pipe a name, as in `name: {shown(text)}`, and list that name"
            if "|" in text
            else f"write {value}, as in `out: [main, aux]`",
        )
        return FAULTY
    return Name(text, node.place)
