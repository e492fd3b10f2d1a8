"""The values of parameters, and arguments computed from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from medt_gen.algebra.expressions import (
    Constant,
    Expression,
    ExpressionError,
    Parameter,
    evaluate,
    items_of,
    parameters,
    parse_expression,
    substitute,
)
from medt_gen.algebra.terms import Term, bounded, constant, whole_expression
from medt_gen.catalog.kinds import LARGEST_SIZE, ArgumentKind, accepts, too_large
from medt_gen.messages.diagnostics import Note, Place
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import (
    data_in_words,
    did_you_mean,
    either,
    nearest,
    shown,
)
from medt_gen.spec.declarations import Condition
from medt_gen.spec.expect import expect_expression
from medt_gen.spec.nodes import ListNode, MappingNode, Node, ScalarNode
from medt_gen.spec.scalars import BadNumber, yaml_value
from medt_gen.spec.yaml_places import part_of


@dataclass(frozen=True)
class Given:
    """What a value is called where it is written, and where that is."""

    name: str
    place: Place


@dataclass(frozen=True, eq=False)
class Environment(Mapping[str, Any]):
    """The values of parameters by name, and where each of them is written.

    A value that is passed on by its bare name is written where it was first given.
    """

    by_name: Mapping[str, Any] = field(default_factory=dict)
    written: Mapping[str, Given] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_name)

    def __len__(self) -> int:
        return len(self.by_name)

    def given(self, name: str, node: Node) -> Given:
        """Where the value of `name` is written: for `$other`, where that was given."""
        here = Given(name, node.place)
        passed_on = parameter_name(node)
        return here if passed_on is None else self.written.get(passed_on, here)

    def cause(self, *nodes: Node) -> Place | None:
        """The first place that a user can mend, of what the nodes are computed from."""
        return self.mendable(name for node in nodes for name in parameters_of(node))

    def mendable(self, names: Iterable[str]) -> Place | None:
        """The first place of the values of parameters that a user can mend."""
        places = (self.written[x].place for x in names if x in self.written)
        return next((place for place in places if not place.source.shipped), None)


NO_PARAMETERS = Environment()
_cached_expression = lru_cache(maxsize=4096)(parse_expression)


def parameter_name(node: Node) -> str | None:
    """The parameter that a node is and nothing else, as in `$planes`."""
    expression = _expression_of(node)
    return expression.name if isinstance(expression, Parameter) else None


def parameters_of(node: Node) -> list[str]:
    """The parameters that a node is computed from, those of a list one by one."""
    if isinstance(node, ListNode):
        return [name for item in node.items for name in parameters_of(item)]
    expression = _expression_of(node)
    return [] if expression is None else sorted(parameters(expression))


def _expression_of(node: Node) -> Expression | None:
    text = node.value if isinstance(node, ScalarNode) else None
    if not isinstance(text, str) or "$" not in text:
        return None
    try:
        return _cached_expression(text)
    except ExpressionError:
        return None


def own_parameters(values: Mapping[str, Any]) -> dict[str, Any]:
    """The environment inside a class: every number stands for its parameter."""
    return {name: _as_parameter(name, value) for name, value in values.items()}


def _as_parameter(name: str, value: Any) -> Any:
    if isinstance(value, tuple) and all(isinstance(item, Term) for item in value):
        items = items_of(Parameter(name), len(value))
        return tuple(
            Term(item.value, own) for item, own in zip(value, items, strict=True)
        )
    return Term(value.value, Parameter(name)) if isinstance(value, Term) else value


def network_parameters(values: Mapping[str, Any]) -> dict[str, Any]:
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
    value = node_value(node, environment, problems, words=kind.words_allowed)
    if value is FAULTY:
        return FAULTY
    if isinstance(value, MappingNode) or not accepts(kind, data_of(value)):
        words = kind.words_allowed
        complain_of_value(name, kind.words, node, value, environment, problems, words)
        return FAULTY
    return value


def complain_of_value(
    name: str,
    wanted: str,
    node: Node,
    value: Any,
    environment: Environment,
    problems: Problems,
    choices: Collection[str] = (),
) -> None:
    """Say that a value is not what it must be, where it is written.

    A parameter that is passed on by its bare name is told where it got its value.
    """
    given = environment.given(name, node)
    passed_on = given.place != node.place
    used = Note(f"used here, as `{name}`", node.place)
    problems.error(
        "wrong-value",
        f"`{given.name}` must be {wanted}, and {described(node, value)}",
        given.place,
        _value_help(value, wanted, environment, choices),
        *([used] if passed_on else []),
        cause=None if passed_on else _cause_in_shipped(node, environment),
    )


def _cause_in_shipped(node: Node, environment: Environment) -> Place | None:
    return environment.cause(node) if node.place.source.shipped else None


def described(node: Node, value: Any) -> str:
    """What a value is, as a message has it: `is the text 'two'`."""
    text = in_words(value)
    if parameters_of(node) and parameter_name(node) is None:
        raw = node.raw if isinstance(node, ScalarNode) else None
        return f"`{shown(raw or '')}` {text}" if raw else text
    return text


def in_words(value: Any) -> str:
    """What a value is: `is 3`, `is the text 'two'`."""
    return data_in_words({} if isinstance(value, MappingNode) else data_of(value))


def _value_help(
    value: Any, wanted: str, environment: Environment, choices: Collection[str]
) -> str | None:
    """A word that is a parameter's name lacks its `$`; quotes make numbers texts."""
    text = value.value if isinstance(value, Term) else None
    if too_large(text):
        return f"the largest size is {LARGEST_SIZE:,}"
    if isinstance(text, float) and text.is_integer() and "integer" in wanted:
        return f"write {int(text)}"
    if not isinstance(text, str):
        return None
    if text.casefold() in _FLAGS and "true or false" in wanted:
        return f"write `{_FLAGS[text.casefold()]}`"
    if text in environment:
        return f"the parameter is written `${text}`"
    if choices:
        return did_you_mean(text, choices)
    if _is_plain_data(text):
        return f"write it without quotes: {shown(text)}"
    near = nearest(text, environment)
    return f"did you mean {either([f'`${name}`' for name in near])}?" if near else None


_FLAGS = {
    **dict.fromkeys(("yes", "on", "y"), "true"),
    **dict.fromkeys(("no", "off", "n", "none"), "false"),
}
"""What other languages, and YAML before 1.2, take for true and false."""


def _is_plain_data(text: str) -> bool:
    """Whether an unquoted text would be a number or a boolean."""
    try:
        value = yaml_value(text)
    except BadNumber:
        return False
    return value is not None and not isinstance(value, str)


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
            _of_the_name(name, place),
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
        text, cause = shown(str(error), 200), _cause_of_failure(used, environment)
        fix = "give it a number there" if cause else error.help
        problems.error("expression", text, place, fix, cause=cause)
        return FAULTY
    known = known_expressions(used)
    symbolic = bounded(substitute(expression, known))
    return Term(value, Constant(value) if symbolic is None else symbolic)


def known_expressions(values: Mapping[str, Any]) -> dict[str, Expression]:
    """What the values of parameters are computed from, where that is known."""
    found = {
        name: whole_expression(value)
        for name, value in values.items()
        if isinstance(value, Term | tuple)
    }
    return {name: item for name, item in found.items() if item is not None}


def _of_the_name(name: str, place: Place) -> Place:
    """The `$name` in the place of an expression, where it is on one line."""
    at = place.text.find(f"${name}")
    if at < 0 or place.end_line != place.line:
        return place
    return part_of(place, at, at + len(name) + 1)


def _cause_of_failure(used: Iterable[str], environment: Environment) -> Place | None:
    """Where a value is written that no expression can compute with."""
    for name in used:
        given = environment.written.get(name)
        value = data_of(environment[name])
        if given is not None and not isinstance(value, int | float):
            return given.place
    return None


def condition_holds(
    condition: Condition, environment: Environment, problems: Problems
) -> bool:
    """Whether a `when:` is true; True after a complaint, so that one error is one."""
    term = expression_term(condition.expression, environment, condition.place, problems)
    return True if term is FAULTY else bool(term.value)
