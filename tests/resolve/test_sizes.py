"""Input sizes that work: the nearest on both sides, in the same proportions."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medt_gen.resolve.sizes import working_sizes


def multiples(*numbers):
    """Whether each axis is a multiple of its number."""

    def works(size):
        wanted = numbers * len(size) if len(numbers) == 1 else numbers
        return all(axis % n == 0 for axis, n in zip(size, wanted, strict=True))

    return works


SIZES = {
    "of 32": ((100, 100), multiples(32), [(96, 96), (128, 128)]),
    "of 8": ((100, 100), multiples(8), [(96, 96), (104, 104)]),
    "of a divisor of what is tried first": (
        (101, 101),
        multiples(2),
        [(100, 100), (102, 102)],
    ),
    "of 48, which is no step": ((100, 100), multiples(48), [(96, 96), (144, 144)]),
    "next to it": ((100, 100), lambda size: size[0] != 100, [(99, 99), (101, 101)]),
    "one axis": ((100,), multiples(64), [(64,), (128,)]),
    "a volume": ((20, 40, 40), multiples(16), [(16, 32, 32), (32, 64, 64)]),
    "proportions": ((100, 200), multiples(32), [(96, 192), (128, 256)]),
    "proportions of 8": ((96, 104), multiples(16), [(192, 208)]),
    "no proportions below 8": ((91, 98), multiples(8), [(88, 96), (96, 104)]),
    "an axis that is right already": ((96, 101), multiples(32), [(96, 96), (96, 128)]),
    "none below": ((20, 20), multiples(32), [(32, 32)]),
    "none above": ((100, 100), lambda size: size[0] < 80, [(64, 64)]),
    "none": ((100, 100), lambda size: False, []),
    "the largest step": ((600,), multiples(512), [(512,), (1024,)]),
    "no axes": ((), lambda size: True, []),
    "the largest input": ((16_384,), multiples(5), [(16_380,), (16_385,)]),
    "an input that is too large": ((16_385, 1), lambda size: True, []),
}


@pytest.mark.parametrize(("size", "works", "found"), SIZES.values(), ids=SIZES)
def test_sizes_that_work(size, works, found):
    assert working_sizes(size, works) == found


STEPS = (8, 16, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 384, 448, 512)


def tried(size, works):
    """The sizes that are tried, in order."""
    seen = []

    def noted(candidate):
        seen.append(candidate)
        return works(candidate)

    working_sizes(size, noted)
    return seen


def test_multiples_of_round_numbers_are_tried_first_below_and_then_above():
    below = [(1_001 // step * step,) for step in STEPS]
    above = [((1_000 // step + 1) * step,) for step in STEPS]
    every = dict.fromkeys([*below, *above])
    assert tried((1_001,), lambda candidate: False) == list(every)


@pytest.mark.parametrize("step", STEPS)
def test_wherever_a_size_is_found_few_are_tried(step):
    for size in ((997, 997), (997, 1_009), (4_096, 2_048)):
        found = {
            tuple(a // step * step for a in size),
            tuple(-(-a // step) * step for a in size),
        }
        assert len(tried(size, lambda candidate, right=found: candidate in right)) <= 60


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    size=st.lists(st.integers(1, 400), min_size=1, max_size=3).map(tuple),
    number=st.integers(1, 64),
)
def test_what_is_found_works_and_lies_on_either_side(size, number):
    tried = []

    def works(candidate):
        tried.append(candidate)
        return multiples(number)(candidate)

    found = working_sizes(size, works)
    assert all(multiples(number)(item) for item in found)
    assert size not in tried
    assert len(tried) == len({*tried})
    assert all(min(item) > 0 for item in tried)
    for item in found:
        below = all(a <= b for a, b in zip(item, size, strict=True))
        above = all(a >= b for a, b in zip(item, size, strict=True))
        assert below != above
    assert found == sorted(found)
    assert len(found) <= 2
