"""The values of parameters, and arguments computed from them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from medt_gen.algebra.expressions import (
    Constant,
    Expression,
    ExpressionError,
    Parameter,
    evaluate,
    parameters,
    parse_expression,
    substitute,
)
from medt_gen.algebra.terms import Term, bounded, constant
from medt_gen.catalog.kinds import ArgumentKind, accepts
from medt_gen.messages.diagnostics import Place
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.spec.declarations import Condition
from medt_gen.spec.expect import expect_expression
from medt_gen.spec.nodes import ListNode, MappingNode, Node, ScalarNode, kind_of

Environment = Mapping[str, Any]
_cached_expression = lru_cache(maxsize=4096)(parse_expression)


def own_parameters(values: Environment) -> dict[str, Any]:
    """The environment inside a class: every number stands for its parameter."""
    return {name: _as_parameter(name, value) for name, value in values.items()}


def _as_parameter(name: str, value: Any) -> Any:
    return Term(value.value, Parameter(name)) if isinstance(value, Term) else value


def network_parameters(values: Environment) -> dict[str, Any]:
    """The environment of the network itself: its numbers stand for its parameters."""
    return {
        name: _as_parameter(name, value) if _is_number(value) else value
        for name, value in values.items()
    }


def _is_number(value: Any) -> bool:
    number = value.value if isinstance(value, Term) else None
    return isinstance(number, int | float) and not isinstance(number, bool)


def data_of(value: Any) -> Any:
    """Terms as data; what is made of none, as a mapping, as it is."""
    if isinstance(value, tuple):
        return [data_of(item) for item in value]
    return value.value if isinstance(value, Term) else value


def argument_value(
    name: str,
    node: Node,
    kind: ArgumentKind,
    environment: Environment,
    problems: Problems,
) -> Any:
    """The value of an argument, as terms; FAULTY after a complaint."""
    value = node_value(node, environment, problems, words=kind.schema.get("enum"))
    if value is FAULTY:
        return FAULTY
    if isinstance(value, MappingNode) or not accepts(kind, data_of(value)):
        problems.error(
            "wrong-value",
            f"`{name}` must be {kind.words}, not {described(node, value)}",
            node.place,
            _value_help(node, kind),
        )
        return FAULTY
    return value


def described(node: Node, value: Any) -> str:
    """A value as it is written, with what it comes to."""
    if isinstance(node, ScalarNode) and node.raw:
        computed = data_of(value)
        if "$" in node.raw and not isinstance(computed, MappingNode):
            return f"{shown(node.raw)} (here {shown(str(computed))})"
        return f"`{shown(node.raw)}`"
    return kind_of(node)


def _value_help(node: Node, kind: ArgumentKind) -> str | None:
    choices = kind.schema.get("enum")
    if choices and isinstance(node, ScalarNode) and isinstance(node.value, str):
        return did_you_mean(node.value, choices)
    return None


def node_value(
    node: Node,
    environment: Environment,
    problems: Problems,
    words: list[str] | None = None,
) -> Any:
    """A node as terms: numbers, lists of them, names, or a mapping as it is.

    `words` are the plain strings that mean themselves; any other string that is not a
    bare name is an expression.
    """
    if isinstance(node, MappingNode):
        return node
    if isinstance(node, ListNode):
        values = [node_value(item, environment, problems) for item in node.items]
        return FAULTY if FAULTY in values else tuple(values)
    if not isinstance(node.value, str):
        return constant(node.value)
    if (words and node.value in words) or node.value.isidentifier():
        return constant(node.value)
    return _computed(node, environment, problems)


def _computed(node: ScalarNode, environment: Environment, problems: Problems) -> Any:
    try:
        expression = _cached_expression(str(node.value))
    except ExpressionError:
        # Parsed again from the source text, for the place of the mistake.
        expect_expression(node, problems)
        return FAULTY
    if isinstance(expression, Parameter) and expression.name in environment:
        return environment[expression.name]
    if _is_quoted(node) and not parameters(expression):
        # "3" is a string: what looks like a number in quotes is not made one.
        return constant(node.value)
    return expression_term(expression, environment, node.place, problems)


def _is_quoted(node: ScalarNode) -> bool:
    return (node.raw or "")[:1] in ("'", '"')


def expression_term(
    expression: Expression, environment: Environment, place: Place, problems: Problems
) -> Term | Faulty:
    """The value of an expression with its symbolic form; FAULTY after a complaint."""
    for name in sorted(parameters(expression) - set(environment)):
        problems.error(
            "unknown-parameter",
            f"there is no parameter `${shown(name)}` here",
            place,
            did_you_mean(name, environment, "$"),
        )
        return FAULTY
    used = {name: environment[name] for name in parameters(expression)}
    if FAULTY in used.values():
        return FAULTY
    values = {name: data_of(value) for name, value in used.items()}
    try:
        value = evaluate(expression, values)
    except ExpressionError as error:
        problems.error("expression", shown(str(error), 200), place, error.help)
        return FAULTY
    known = {
        name: term.expression
        for name, term in used.items()
        if isinstance(term, Term) and term.expression is not None
    }
    symbolic = bounded(substitute(expression, known))
    return Term(value, Constant(value) if symbolic is None else symbolic)


def condition_holds(
    condition: Condition, environment: Environment, problems: Problems
) -> bool:
    """Whether a `when:` is true; True after a complaint, so that one error is one."""
    term = expression_term(condition.expression, environment, condition.place, problems)
    return True if term is FAULTY else bool(term.value)
