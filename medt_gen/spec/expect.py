"""Small readers: a node as what it must be, or a diagnostic and FAULTY."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from medt_gen.algebra.expressions import Expression, ExpressionError, parse_expression
from medt_gen.messages.diagnostics import Place
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import data_in_words, shown
from medt_gen.spec.identifiers import NOTHING_TAKEN, name_problem
from medt_gen.spec.nodes import (
    Key,
    ListNode,
    MappingNode,
    Node,
    ScalarNode,
    kind_of,
    node_data,
)
from medt_gen.spec.scalar_text import ScalarText
from medt_gen.spec.yaml_places import part_of


def _wrong_form(
    node: Node, wanted: str, problems: Problems, help: str | None = None
) -> None:
    glued = _glued_colon(node)
    if glued is not None:
        place = part_of(node.place, glued, glued + 1)
        text = "a space is missing after this `:`"
        problems.error("yaml-syntax", text, place, "without it this is one word")
        return
    message = f"{wanted}, and this is {kind_of(node)}"
    problems.error("wrong-form", message, node.place, help)


def _glued_colon(node: Node) -> int | None:
    """Where the `:` stands in `relu:ReLU`, which YAML takes for one word."""
    raw = node.raw if isinstance(node, ScalarNode) else None
    found = re.match(r"[A-Za-z_][\w-]*:(?=[^\s:/])", raw or "")
    return None if found is None else found.end() - 1


def expect_mapping(
    node: Node, what: str, problems: Problems, help: str | None = None
) -> MappingNode | Faulty:
    """`node` as a mapping."""
    if isinstance(node, MappingNode):
        return node
    _wrong_form(node, f"{what} is a mapping", problems, help)
    return FAULTY


def expect_list(node: Node, what: str, problems: Problems) -> ListNode | Faulty:
    """`node` as a list."""
    if isinstance(node, ListNode):
        return node
    _wrong_form(node, f"{what} is a list", problems)
    return FAULTY


def expect_text(node: Node, what: str, problems: Problems) -> str | Faulty:
    """`node` as a text."""
    if isinstance(node, ScalarNode) and isinstance(node.value, str):
        return node.value
    _wrong_form(node, f"{what} is a text", problems)
    return FAULTY


def expect_flag(node: Node, what: str, problems: Problems, other: str = "") -> bool:
    """`node` as a boolean; False after a complaint. `other` is what it may be, too."""
    if isinstance(node, ScalarNode) and isinstance(node.value, bool):
        return node.value
    wanted = f"true, false or {other}" if other else "true or false"
    text = f"{what} must be {wanted}, and {in_words(node)}"
    problems.error("wrong-form", text, node.place)
    return False


def expect_integer(
    node: Node, what: str, least: int, problems: Problems
) -> int | Faulty:
    """`node` as an integer of at least `least`."""
    if isinstance(node, ScalarNode) and type(node.value) is int and node.value >= least:
        return node.value
    text = f"{what} must be an integer of at least {least}, and {in_words(node)}"
    problems.error("wrong-value", text, node.place, _integer_help(node))
    return FAULTY


def _integer_help(node: Node) -> str | None:
    value = node.value if isinstance(node, ScalarNode) else None
    if isinstance(value, str) and value.strip().isdecimal():
        return f"write it without quotes: {shown(value.strip())}"
    if isinstance(value, float) and value.is_integer():
        return f"write {int(value)}"
    if isinstance(value, str) and "$" in value:
        return "a number stands here: parameters are for modules and the flow"
    return None


def in_words(node: Node) -> str:
    """What a value is, as a message has it: `is the text 'two'`."""
    return data_in_words(node_data(node))


def joined_numbers(node: Node, lengths: Collection[int]) -> list[str]:
    """The numbers of a list that is written as `64x64`, where they are so many."""
    text = str(node.value) if isinstance(node, ScalarNode) else ""
    parts = re.split(r"\s*[xX×,*]\s*", text)
    numbers = all(re.fullmatch("[1-9][0-9]{0,6}", part) for part in parts)
    return parts if len(parts) in lengths and numbers else []


def expect_expression(node: ScalarNode, problems: Problems) -> Expression | Faulty:
    """`node` as an expression over parameters."""
    text = ScalarText(node)
    try:
        return parse_expression(text.text)
    except ExpressionError as error:
        at = min(error.offset, max(len(text.text) - 1, 0))
        place = text.place(at, at + 1)
        problems.error("expression", shown(str(error)), place, error.help)
        return FAULTY


def check_name(
    key: Key, what: str, problems: Problems, taken: Mapping[str, str] = NOTHING_TAKEN
) -> bool:
    """Complain of a name that the emitted class can't have."""
    return check_identifier(key.name, key.place, what, problems, taken)


def check_loose_name(
    key: Key, what: str, problems: Problems, taken: Mapping[str, str] = NOTHING_TAKEN
) -> bool:
    """Complain of a name that torch itself would not register or not print."""
    reason = taken.get(key.name)
    if not key.name or "." in key.name:
        reason = "torch registers no such name"
    elif not key.name.isprintable():
        reason = "it does not print"
    elif key.name.startswith("__"):
        reason = "names with two leading underscores belong to Python"
    if reason is not None:
        message = f"{what} can't be called `{shown(key.name)}`: {reason}"
        problems.error("bad-name", message, key.place, "choose another name")
    return reason is None


def check_identifier(
    name: str,
    place: Place,
    what: str,
    problems: Problems,
    taken: Mapping[str, str] = NOTHING_TAKEN,
) -> bool:
    """The same for a name that is a value and not a key."""
    reason = name_problem(name, taken)
    if reason is not None:
        message = f"{what} can't be called `{shown(name)}`: {reason}"
        problems.error("bad-name", message, place, "choose another name")
    return reason is None


def start_of(node: Node) -> Place:
    """Where a value is shown that is long: the first key of a mapping."""
    if not isinstance(node, MappingNode) or not node.keys:
        return node.place
    return next(iter(node.keys.values())).place
