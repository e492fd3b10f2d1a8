"""Pieces of a pipe are packed into statements, as many to a line as read well."""

from medt_gen.algebra.python import PythonCall, PythonInfix
from medt_gen.emitter.code import flat
from medt_gen.emitter.statements import Piece, packed

ROOM = 80


def module(name, **traits):
    return Piece(
        lambda code: PythonCall(f"self.{name}", (code,)),
        f"[{name}]",
        calls=name,
        **traits,
    )


def added(other):
    return Piece(lambda code: PythonInfix("+", (code, other)), "[sum]")


def optional(name):
    return Piece(
        lambda code: (
            f"{flat(code)} if self.{name} is None else self.{name}({flat(code)})"
        ),
        f"[{name}]",
        alone=True,
        calls=name,
    )


def texts(pieces, room=ROOM):
    return [
        f"{s.target} = {flat(s.code)}" for s in packed("y", "x", "[x]", pieces, room)
    ]


def test_what_fits_is_one_statement():
    assert texts([module("conv", weighty=True), module("norm"), module("relu")]) == [
        "y = self.relu(self.norm(self.conv(x)))"
    ]


def test_a_statement_has_one_weighty_piece():
    pieces = [module("a", weighty=True), module("b"), module("c", weighty=True)]
    assert texts(pieces) == ["y = self.b(self.a(x))", "y = self.c(y)"]


def test_a_statement_ends_where_the_line_would_get_too_long():
    long = [module("a" * 20), module("b" * 20), module("c" * 20)]
    assert texts(long, room=70) == [
        f"y = self.{'b' * 20}(self.{'a' * 20}(x))",
        f"y = self.{'c' * 20}(y)",
    ]


def test_a_piece_that_is_too_long_by_itself_is_written_all_the_same():
    assert texts([module("a" * 90)]) == [f"y = self.{'a' * 90}(x)"]


def test_a_module_that_may_be_missing_stands_alone():
    pieces = [module("a"), optional("b"), module("c")]
    assert texts(pieces) == [
        "y = self.a(x)",
        "y = y if self.b is None else self.b(y)",
        "y = self.c(y)",
    ]


def test_it_reads_the_first_value_itself_where_nothing_comes_before():
    assert texts([optional("b")]) == ["y = x if self.b is None else self.b(x)"]


def test_a_pipe_without_steps_is_another_name_for_its_value():
    (only,) = packed("y", "x", "[x]", [], ROOM)
    assert (only.target, flat(only.code), only.shape) == ("y", "x", "[x]")


def test_a_statement_has_the_shape_of_its_last_piece_and_the_modules_it_calls():
    pieces = [module("a", weighty=True), module("b", weighty=True), added("skip")]
    first, second = packed("y", "x", "[x]", pieces, ROOM)
    assert (first.shape, first.calls) == ("[a]", ("a",))
    assert (second.shape, second.calls) == ("[sum]", ("b",))
    assert flat(second.code) == "self.b(y) + skip"
