"""Expressions: what they mean, what they are simplified to, and how they are written."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medt_gen.algebra.expressions import (
    Constant,
    Expression,
    ExpressionError,
    Operation,
    Parameter,
    evaluate,
    parse_expression,
    python_text,
    simplified,
    substitute,
)

NUMBERS = st.integers(0, 50).map(str)
ARITHMETIC_TEXTS = st.recursive(
    st.one_of(NUMBERS, st.sampled_from(["$a", "$b"])),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "//"]), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        ),
        inner.map(lambda text: f"-{text}"),
        inner.map(lambda text: f"({text})"),
    ),
    max_leaves=6,
)


def operations(*operators: str, arity: int = 2):
    """Operations with some of these operators."""

    def with_operands(inner):
        operands = st.lists(inner, min_size=arity, max_size=arity).map(tuple)
        return st.builds(Operation, st.sampled_from(operators), operands)

    return with_operands


PARAMETERS = st.sampled_from("ab").map(Parameter)
LARGE = st.sampled_from([2**62, 2**63 - 1])
INTEGERS = (st.integers(0, 9) | LARGE).map(Constant)
FLOATS = st.sampled_from([0.0, 0.1, 0.2, 0.5, 1.0, 3.0]).map(Constant)
BOOLEANS = st.booleans().map(Constant)


def _inside(inner):
    return st.one_of(
        operations("+", "-", "*", "//")(inner),
        operations("==", "!=", "<", "<=", ">", ">=")(inner),
        operations("and", "or")(inner),
        operations("-", "not", arity=1)(inner),
    )


TREES = st.recursive(PARAMETERS | INTEGERS | FLOATS | BOOLEANS, _inside, max_leaves=6)
AS_THEY_ARE = {name: Parameter(name) for name in "ab"}


def simpler(tree: Expression) -> Expression:
    """Every operation in it simplified, from the inside out."""
    found = substitute(tree, AS_THEY_ARE)
    assert found is not None
    return found


def outcome(tree: Expression, values: dict[str, int]) -> object:
    """The value and its type, or None where there is none."""
    try:
        value = evaluate(tree, values)
    except ExpressionError:
        return None
    return type(value), value


@settings(max_examples=200, deadline=None, derandomize=True)
@given(text=ARITHMETIC_TEXTS, a=st.integers(-9, 9), b=st.integers(1, 9))
def test_an_expression_means_what_python_makes_of_it(text: str, a: int, b: int) -> None:
    """The parser, the evaluator and the emitted Python agree with Python itself."""
    values = {"a": a, "b": b}
    try:
        expected = eval(text.replace("$", ""), {}, values)
    except ZeroDivisionError:
        with pytest.raises(ValueError, match="division by zero"):
            evaluate(parse_expression(text), values)
        return
    tree = parse_expression(text)
    assert evaluate(tree, values) == expected
    assert eval(python_text(tree), {}, values) == expected


@settings(max_examples=300, deadline=None, derandomize=True)
@given(tree=TREES, a=st.integers(-9, 9), b=st.integers(-9, 9))
def test_what_is_emitted_means_the_same_to_python(tree, a, b) -> None:
    """Conditions too, where Python chains comparisons and `and` gives an operand."""
    values = {"a": a, "b": b}
    found = outcome(tree, values)
    if found is not None:
        value = eval(python_text(tree), {}, values)
        assert (type(value), value) == found


@settings(max_examples=300, deadline=None, derandomize=True)
@given(tree=TREES, a=st.integers(-9, 9), b=st.integers(-9, 9))
def test_a_simplified_expression_has_the_same_value(tree, a, b) -> None:
    """To the bit and to the type: floats are not added in another order."""
    values = {"a": a, "b": b}
    expected = outcome(tree, values)
    if expected is not None:
        assert outcome(simpler(tree), values) == expected


@settings(max_examples=300, deadline=None, derandomize=True)
@given(tree=TREES)
def test_a_simplified_expression_is_simplified_no_further(tree) -> None:
    once = simpler(tree)
    assert simpler(once) == once


NO_DIFFERENCE = [
    ("+", 0, "a"),
    ("-", 0, "a"),
    ("*", 1, "a"),
    ("//", 1, "a"),
    ("+", 0.0, "a + 0.0"),
    ("*", 1.0, "a * 1.0"),
    ("*", True, "a * True"),
]


@pytest.mark.parametrize(("operator", "right", "text"), NO_DIFFERENCE)
def test_only_integers_are_neutral(operator, right, text) -> None:
    """`a + 0.0` is a float, and `a * true` an error."""
    found = simplified(operator, Parameter("a"), Constant(right))
    assert python_text(found) == text


WRITTEN = {
    "$a == $b == true": "(a == b) == True",
    "(not $a) == $b": "(not a) == b",
    "not $a == $b": "not a == b",
    "$a - ($b - 1)": "a - (b - 1)",
    "-($a + 1) * 2": "-(a + 1) * 2",
}


@pytest.mark.parametrize("text", WRITTEN)
def test_parentheses_stand_where_python_would_read_another_thing(text) -> None:
    assert python_text(parse_expression(text)) == WRITTEN[text]


def test_constants_in_a_row_are_added_up() -> None:
    tree = parse_expression("$a + 5 - 2 - 4")
    assert python_text(simpler(tree)) == "a - 1"


def test_floats_are_added_in_the_order_in_which_they_are_written() -> None:
    """0.1 + 0.2 is not 0.3, and an emitted file adds from the left."""
    tree = parse_expression("$a + 0.1 + 0.2")
    assert python_text(simpler(tree)) == "a + 0.1 + 0.2"


def written(tree: Expression) -> str:
    """An expression as a spec has it: Python's text with our names for its words."""
    text = re.sub(r"\b([ab])\b", r"$\1", python_text(tree))
    return text.replace("True", "true").replace("False", "false")


@settings(max_examples=300, deadline=None, derandomize=True)
@given(tree=TREES)
def test_what_is_written_is_read_again(tree) -> None:
    """Once through the parser a tree has its own form, and keeps it."""
    read = parse_expression(written(tree))
    assert parse_expression(written(read)) == read
    assert read == tree


@settings(max_examples=200, deadline=None, derandomize=True)
@given(text=st.text(max_size=40))
def test_any_text_is_an_expression_or_a_diagnostic(text: str) -> None:
    try:
        parse_expression(text)
    except ValueError as error:
        assert 0 <= error.offset <= len(text)
