"""Expressions are laid out in lines as ruff and black do it; texts are made safe."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medt_gen.algebra.python import (
    PythonCall,
    PythonInfix,
    PythonKeyword,
    PythonRepeated,
)
from medt_gen.emitter.code import WIDTH, docstring, flat, laid_out, safe_text


def call(*arguments, function="f"):
    return PythonCall(function, arguments)


FLAT = {
    "x": "x",
    "f(x, y)": call("x", "y"),
    "f(x, name=y)": call("x", PythonKeyword("name", "y")),
    "(x, y)": call("x", "y", function=""),
    "(x,)": call("x", function=""),
    "()": call(function=""),
    "f(x)": call("x"),
    "f(*(g(x) for _ in range(3)))": call(PythonRepeated(call("x", function="g"), 3)),
    "a + b + c": PythonInfix("+", ("a", "b", "c")),
    "(a + b) * c": PythonInfix("*", (PythonInfix("+", ("a", "b")), "c")),
    "a * b + c": PythonInfix("+", (PythonInfix("*", ("a", "b")), "c")),
    "a + b + c ": PythonInfix("+", (PythonInfix("+", ("a", "b")), "c")),
    "a * b * c": PythonInfix("*", (PythonInfix("*", ("a", "b")), "c")),
}


@pytest.mark.parametrize("text", FLAT)
def test_an_expression_on_one_line_has_the_parentheses_that_it_needs(text):
    assert flat(FLAT[text]) == text.strip()


def long(letter, length):
    return letter * length


def test_what_fits_stays_on_one_line_to_the_last_column():
    # "    y = f(" and ")" take 11 columns.
    fits = call(long("a", WIDTH - 11))
    assert laid_out("y = ", fits, "", 1) == [f"    y = f({'a' * (WIDTH - 11)})"]
    longer = call(long("a", WIDTH - 10))
    assert laid_out("y = ", longer, "", 1) == [
        "    y = f(",
        f"        {'a' * (WIDTH - 10)}",
        "    )",
    ]


def test_the_suffix_counts():
    code = call(long("a", WIDTH - 8))
    assert len(laid_out("", code, "", 0)) == 1
    first, _, last = laid_out("", code, " -> None:", 0)
    assert (first, last) == ("f(", ") -> None:")


def test_arguments_share_a_line_while_they_fit_on_it():
    # Four columns of margin, and two between them.
    half = long("a", (WIDTH - 6) // 2)
    assert len(laid_out("", call(half, half), "", 0)) == 1
    lines = laid_out("name = ", call(half, half), "", 0)
    assert lines == ["name = f(", f"    {half}, {half}", ")"]
    more = half + "a"
    assert laid_out("name = ", call(half, more), "", 0) == [
        "name = f(",
        f"    {half},",
        f"    {more},",
        ")",
    ]


def test_a_broken_argument_is_broken_in_its_turn():
    inner = call(long("a", 60), long("b", 60), function="g")
    assert laid_out("y = ", call(PythonKeyword("name", inner)), "", 0) == [
        "y = f(",
        "    name=g(",
        f"        {'a' * 60},",
        f"        {'b' * 60},",
        "    ),",
        ")",
    ]


def test_a_tuple_of_one_keeps_its_comma_when_it_is_broken():
    assert laid_out("", call(long("a", WIDTH), function=""), "", 0) == [
        "(",
        f"    {'a' * WIDTH},",
        ")",
    ]
    only = call(long("a", 80), function="")
    assert laid_out("y = ", only, " + more", 0) == [
        "y = (",
        f"    {'a' * 80},",
        ") + more",
    ]


def test_a_repetition_is_broken_before_its_loop():
    once = call(long("a", 70), function="g")
    assert laid_out("y = ", call(PythonRepeated(once, 3)), "", 1) == [
        "    y = f(",
        "        *(",
        f"            g({'a' * 70})",
        "            for _ in range(3)",
        "        ),",
        "    )",
    ]


def test_a_short_repetition_in_a_broken_call_has_a_line_of_its_own():
    once = PythonRepeated("g()", 3)
    assert laid_out("", call("a" * 60, once), "", 0) == [
        "f(",
        f"    {'a' * 60},",
        "    *(g() for _ in range(3)),",
        ")",
    ]


def test_what_has_no_place_to_break_stays_whole():
    infix = PythonInfix("+", (long("a", 60), long("b", 60)))
    assert laid_out("y = ", infix, "", 1) == [f"    y = {'a' * 60} + {'b' * 60}"]
    assert laid_out("y = ", long("a", 100), "", 1) == [f"    y = {'a' * 100}"]


NAMES = st.sampled_from(["x", "self.module", "a_name_of_some_length" * 2])
CODE = st.recursive(
    NAMES,
    lambda inner: st.one_of(
        st.builds(
            PythonCall,
            st.sampled_from(["f", "torch.cat", ""]),
            st.lists(
                st.one_of(
                    inner,
                    st.builds(PythonRepeated, inner, st.integers(3, 5)),
                ),
                max_size=3,
            ).map(tuple),
        ),
        st.builds(
            PythonInfix,
            st.sampled_from(["+", "*"]),
            st.lists(inner, min_size=2, max_size=3).map(tuple),
        ),
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(code=CODE, indent=st.integers(0, 3))
def test_broken_or_not_it_is_the_same_expression(code, indent):
    """And a line is too long only where nothing in it could be broken."""
    lines = laid_out("y = ", code, "", indent)
    whole = ast.dump(ast.parse(f"y = {flat(code)}"))
    assert ast.dump(ast.parse(dedented(lines))) == whole
    for line in lines:
        if len(line) > WIDTH:
            text = line.strip().removesuffix(",").removeprefix("y = ")
            held = ast.parse(text, mode="eval").body
            assert not isinstance(held, ast.Call | ast.Tuple), line


def dedented(lines):
    margin = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[margin:] for line in lines)


def test_a_short_text_is_a_docstring_on_one_line_to_the_last_column():
    text = "a" * (WIDTH - 6 - 4)
    assert docstring(text, indent=1) == [f'    """{text}"""']
    assert docstring(text + "a", indent=1) == [f'    """{text}a', '    """']


def test_paragraphs_are_apart_and_wrapped_each_on_its_own():
    words = "word " * 30
    lines = docstring("Title.", words, indent=1)
    assert lines[0] == '    """Title.'
    assert (lines[1], lines[-1]) == ("", '    """')
    assert all(len(line) <= WIDTH for line in lines)
    # As many words to a line as there is room for.
    assert [line.split() for line in lines[2:-1]] == [["word"] * 17, ["word"] * 13]


def test_what_is_blank_is_no_paragraph():
    assert docstring("Title.", " \n", indent=0) == ['"""Title."""']
    assert docstring("One.", "", "Two.", indent=0) == ['"""One.', "", "Two.", '"""']


def test_long_words_and_hyphens_are_not_broken():
    word = "https://example.org/" + "a" * WIDTH
    assert docstring("See", word, indent=0)[2] == word
    hyphens = " ".join(["well-known"] * 12)
    wrapped = docstring(hyphens, indent=0)
    assert all("well-known" in line or line == '"""' for line in wrapped)
    assert not any(line.endswith("-") for line in wrapped)


def test_a_shape_breaks_after_its_commas_alone():
    shape = "[N, 2 * planes, (H - 1) // stride + 1, (W - 1) // stride + 1]"
    for before in range(20, 80):
        lines = docstring("x" * before + f" {shape} " + "y" * 30, indent=0)
        text = " ".join(lines)
        assert shape in text
        for line in lines[:-1]:
            inside = line.partition("[N,")[2]
            assert not inside or "]" in inside or line.endswith(",")


def test_a_text_is_one_line_without_quotes_and_escapes():
    assert safe_text("  two\n lines\t") == "two lines"
    assert safe_text('say "x" \\ y') == "say 'x' / y"
    assert safe_text("a\u202eb\x1b") == "a<U+202E>b<U+001B>"
    assert safe_text("\u00e4\u4e2d") == "\u00e4\u4e2d"
