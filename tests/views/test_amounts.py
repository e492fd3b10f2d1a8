"""Large numbers: always three digits, whatever they are rounded to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medt_gen.views.amounts import short, short_bytes


@given(st.integers(1_000, 10**20))
def test_three_digits_and_a_unit_are_near_the_number(number):
    value, unit = short(number).split(" ")
    assert len(value.replace(".", "")) == 3
    steps = {"k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
    assert float(value) * 10 ** steps[unit] == pytest.approx(number, rel=0.006)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1.00 k"),
        (9_999_000, "10.0 M"),
        (999_499, "999 k"),
        (999_500, "1.00 M"),
        (24_600_000, "24.6 M"),
    ],
)
def test_where_a_number_is_rounded_up(number, text):
    assert short(number) == text


def test_bytes_below_a_thousand_have_their_unit_too():
    assert [short_bytes(512), short_bytes(57_100_000)] == ["512 B", "57.1 MB"]
