"""The grammar of pipes: what is written is what is read, however it is spaced."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medt_gen.algebra.expressions import Constant, parse_expression
from medt_gen.messages.diagnostics import Place, Source
from medt_gen.spec.nodes import ScalarNode
from medt_gen.spec.pipes import (
    FlowArgument,
    FlowError,
    Name,
    OperationCall,
    Pipe,
    parse_pipe,
)

NOWHERE = Place(Source("<none>", ""), 1, 1, 1, 1)


def parsed(text: str) -> Pipe:
    source = Source("<text>", text)
    place = Place(source, 1, 1, 1, len(text) + 1)
    return parse_pipe(ScalarNode(text, place, text))


WORDS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,5}", fullmatch=True)
# A bare `true` or `false` is a boolean, and the words of expressions are no names.
NAMES = WORDS.filter(lambda word: word not in {"true", "false", "and", "or", "not"})
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(".".join)
WRITTEN = ("3", "-2", "$n", "2 * $n", "($n + 1) // 2", "true", "0.5", "$n - -1")
EXPRESSIONS = st.sampled_from(WRITTEN).map(parse_expression)


def name(text: str) -> Name:
    return Name(text, NOWHERE)


ARGUMENTS = st.builds(
    FlowArgument,
    keyword=st.none() | NAMES,
    value=st.one_of(
        PATHS.map(Constant),
        EXPRESSIONS,
        st.lists(EXPRESSIONS, min_size=1, max_size=3).map(tuple),
    ),
    place=st.just(NOWHERE),
)
CALLS = st.builds(
    OperationCall,
    name=PATHS,
    arguments=st.lists(ARGUMENTS, max_size=3).map(tuple),
    place=st.just(NOWHERE),
)
PIPES = st.builds(
    Pipe,
    value=PATHS.map(name),
    steps=st.lists(PATHS.map(name) | CALLS, max_size=4).map(tuple),
)


def without_places(pipe: Pipe) -> object:
    """A pipe as data: two are equal that say the same in different places."""
    return pipe.value.text, [_step(step) for step in pipe.steps]


def _step(step: Name | OperationCall) -> object:
    if isinstance(step, Name):
        return step.text
    return step.name, [(item.keyword, item.value) for item in step.arguments]


def rendered(pipe: Pipe, space: str = " ") -> str:
    """A pipe as it is written, with `space` wherever one may stand."""
    steps = [_written_step(step, space) for step in pipe.steps]
    return f"{space}|{space}".join([pipe.value.text, *steps])


def _written_step(step: Name | OperationCall, space: str) -> str:
    if isinstance(step, Name):
        return step.text
    listed = f"{space},{space}".join(
        _written_argument(item, space) for item in step.arguments
    )
    return f"{step.name}{space}({space}{listed}{space})"


def _written_argument(argument: FlowArgument, space: str) -> str:
    start = f"{argument.keyword}{space}={space}" if argument.keyword else ""
    if isinstance(argument.value, tuple):
        listed = f"{space},{space}".join(map(_written_value, argument.value))
        return f"{start}[{space}{listed}{space}]"
    return start + _written_value(argument.value)


def _written_value(value: object) -> str:
    if isinstance(value, Constant) and isinstance(value.value, str):
        return value.value
    return next(text for text in WRITTEN if parse_expression(text) == value)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(pipe=PIPES, space=st.sampled_from(["", " ", "  ", "\n    "]))
def test_a_pipe_that_is_written_is_read_again(pipe: Pipe, space: str) -> None:
    text = rendered(pipe, space)
    assert without_places(parsed(text)) == without_places(pipe)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(pipe=PIPES)
def test_every_part_of_a_pipe_knows_its_place(pipe: Pipe) -> None:
    text = rendered(pipe)
    found = parsed(text)
    assert _marked(text, found.value.place) == pipe.value.text
    for step, written in zip(found.steps, pipe.steps, strict=True):
        assert _marked(text, step.place) == _written_step(written, " ")
        if isinstance(step, OperationCall) and isinstance(written, OperationCall):
            arguments = zip(step.arguments, written.arguments, strict=True)
            for argument, source in arguments:
                assert _marked(text, argument.place) == _written_argument(source, " ")


def _marked(text: str, place: Place) -> str:
    return text[place.column - 1 : place.end_column - 1]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(text=st.text(st.sampled_from("xab1$.|(),=[]+-* \n"), max_size=30))
def test_any_text_is_a_pipe_or_one_error_with_a_place_inside(text: str) -> None:
    try:
        parsed(text)
    except FlowError as error:
        lines = text.split("\n")
        assert 1 <= error.place.line <= len(lines)
        assert 1 <= error.place.column <= len(lines[error.place.line - 1]) + 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "a pipe starts with the name of a value"),
        ("relu()", "a pipe starts with a value, not a call"),
        ("x |", "a step is missing after the last `|`"),
        ("x relu", "`relu` does not belong here"),
        ("x | add(a", "this `(` is not closed"),
        ("x | add(a,)", "an argument is missing here"),
        ("x | pool([2, 2)", "a `,` or `]` is missing"),
    ],
)
def test_what_is_no_pipe_is_told_by_what_is_missing(text: str, says: str) -> None:
    with pytest.raises(FlowError) as caught:
        parsed(text)
    assert str(caught.value) == says
