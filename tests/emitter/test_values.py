"""Which expression stands for a value: the shortest that is right in every instance."""

import pytest

from medt_gen.algebra.expressions import Constant, Operation, Parameter, python_text
from medt_gen.algebra.terms import Shape, Term, constant
from medt_gen.emitter.values import Owner, expression_text, fitting, shape_text

PLANES, STRIDE = Parameter("planes"), Parameter("stride")
DOUBLE = Operation("*", (Constant(2), PLANES))
OWNER = Owner(({"planes": 4, "stride": 1}, {"planes": 8, "stride": 2}))


def found(*terms, present=(0, 1), owner=OWNER):
    expression = fitting(terms, present, owner)
    return None if expression is None else python_text(expression)


def test_an_expression_that_is_right_everywhere_is_taken():
    assert found(Term(8, DOUBLE), Term(16, DOUBLE)) == "2 * planes"


def test_one_that_is_wrong_in_an_instance_is_not():
    assert found(Term(8, DOUBLE), Term(8, PLANES)) == "8"
    assert found(Term(8, DOUBLE), Term(9, DOUBLE)) is None


def test_the_shorter_of_two_is_taken():
    assert (
        found(Term(4, Operation("+", (STRIDE, Constant(3)))), Term(8, PLANES))
        == "planes"
    )


def test_it_has_to_be_right_where_the_module_is():
    assert found(Term(16, DOUBLE), present=(1,)) == "2 * planes"
    assert found(Term(16, DOUBLE), present=(0,)) == "16"


def test_equal_values_are_a_number_and_others_are_none():
    assert found(Term(3), Term(3)) == "3"
    assert found(Term(3), Term(4)) is None
    assert found(Term(None), Term(None)) is None
    assert found(Term(1), Term(True)) is None


def test_an_expression_that_has_no_value_is_not_right():
    unknown = Parameter("nowhere")
    assert found(Term(3, unknown), Term(3, unknown)) == "3"
    divided = Operation("//", (Constant(8), Operation("-", (STRIDE, Constant(1)))))
    assert found(Term(8, divided), Term(8, divided)) == "8"


def test_names_that_a_class_has_not_are_written_as_what_they_are():
    owner = Owner(({"heads": 8},), {"planes": Constant(4)})
    assert found(Term(8, DOUBLE), present=(0,), owner=owner) == "8"
    both = Operation("*", (Parameter("heads"), PLANES))
    assert found(Term(32, both), present=(0,), owner=owner) == "heads * 4"


@pytest.mark.parametrize(
    ("value", "text"), [(3, "3"), (True, "True"), ("same", '"same"'), (0.5, "0.5")]
)
def test_a_constant_is_a_literal(value, text):
    assert expression_text(Constant(value)) == text
    assert expression_text(PLANES) == "planes"


def test_a_shape_has_letters_for_axes_and_a_mark_for_what_is_not_known():
    height, width = Parameter("height"), Parameter("width")
    owner = Owner(
        ({"planes": 4, "height": 8, "width": 6}, {"planes": 8, "height": 4, "width": 2})
    )
    first = Shape(Term(4, PLANES), (Term(8, height), Term(3, half(width))))
    second = Shape(Term(8, PLANES), (Term(4, height), Term(1, half(width))))
    assert shape_text([first, second], owner) == "[N, planes, H, W // 2]"
    other = Shape(Term(8, PLANES), (Term(5), Term(1, half(width))))
    assert shape_text([first, other], owner) == "[N, planes, ?, W // 2]"
    assert shape_text([Shape(constant(3), ())], owner) == "[N, 3]"


def half(expression):
    return Operation("//", (expression, Constant(2)))
