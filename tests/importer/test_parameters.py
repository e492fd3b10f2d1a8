"""What differs between the uses of a block becomes a parameter, once."""

import pytest

from medt_gen.importer.parameters import ABSENT, Slot, shared_parameters

CHANNELS = Slot(("conv",), "out_channels")
FEATURES = Slot(("norm",), "num_features")
WIDER = Slot(("inner", "0"), "out_channels")


def decided(columns):
    """What is written, and how the parameters are declared."""
    shared = shared_parameters(columns)
    parameters = shared.parameters.items()
    return dict(shared.written), {name: item.declared for name, item in parameters}


def test_what_is_the_same_in_all_uses_stands_in_the_block():
    assert decided({CHANNELS: [8, 8]}) == ({CHANNELS: 8}, {})


def test_what_no_use_gives_is_not_written():
    assert decided({CHANNELS: [ABSENT, ABSENT]}) == ({}, {})


def test_columns_that_are_equal_or_a_multiple_share_a_parameter():
    written, declared = decided({CHANNELS: [8, 16], FEATURES: [8, 16], WIDER: [24, 48]})
    assert written == {
        CHANNELS: "$out_channels",
        FEATURES: "$out_channels",
        WIDER: "3 * $out_channels",
    }
    assert declared == {"out_channels": "int"}


@pytest.mark.parametrize("wider", [[12, 25], [4, 8], [0, 8], [True, False]])
def test_what_is_no_multiple_is_a_parameter_of_its_own(wider):
    written, declared = decided({CHANNELS: [8, 16], WIDER: wider})
    assert written[WIDER] == "$n0_out_channels"
    assert len(declared) == 2


@pytest.mark.parametrize("others", [[0, 10], [-5, -10]])
def test_only_positive_numbers_are_multiples(others):
    columns = {CHANNELS: [0, 5] if others[0] == 0 else [5, 10], WIDER: others}
    assert len(decided(columns)[1]) == 2


def test_a_number_is_not_its_text():
    assert len(decided({CHANNELS: [1, "1"]})[1]) == 1


def test_a_word_of_python_is_no_name():
    assert list(decided({Slot(("conv",), "lambda"): [1, 5]})[1]) == ["conv_lambda"]


def test_a_name_that_is_taken_gets_as_much_of_the_path_as_it_needs():
    deep = Slot(("a", "0", "conv"), "out_channels")
    columns = {
        CHANNELS: [1, 5],
        deep: [7, 2],
        Slot(("b", "conv"), "out_channels"): [9, 4],
    }
    assert list(decided(columns)[1]) == [
        "out_channels",
        "conv_out_channels",
        "b_conv_out_channels",
    ]


def test_a_name_that_the_language_keeps_is_not_taken():
    written, declared = decided({Slot(("conv",), "in_channels"): [3, 4]})
    assert list(declared) == ["channels"]
    assert list(written.values()) == ["$channels"]


@pytest.mark.parametrize(
    ("column", "declared"),
    [
        ([1, 2], "int"),
        ([True, False], "bool"),
        ([1, 0.5], "float"),
        ([[1, 2], [2, 1]], [1, 2]),
        (["zeros", "reflect"], "zeros"),
        ([1, "same"], None),
    ],
)
def test_a_parameter_is_declared_by_its_type_or_by_its_first_value(column, declared):
    assert decided({CHANNELS: column})[1] == {"out_channels": declared}
