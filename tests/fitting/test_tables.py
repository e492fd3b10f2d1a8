"""Tables of positions at other lengths, first layers for other channels."""

from __future__ import annotations

import pytest
import torch

from medt_gen.fitting.tables import adapted, resized


@pytest.mark.parametrize(
    ("old", "new"), [(127, 255), (255, 127), (63, 127), (5, 7), (3, 101)]
)
def test_a_relative_table_that_is_linear_stays_linear(old, new):
    slopes = torch.tensor([[2.0], [-1.0], [0.5], [0.0]], dtype=torch.float64)
    table = slopes * torch.linspace(-1, 1, old, dtype=torch.float64) + slopes**2
    found = resized(table, (4, new))
    expected = slopes * torch.linspace(-1, 1, new, dtype=torch.float64) + slopes**2
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-14)


def test_the_ends_and_the_middle_stay_to_the_bit():
    table = torch.randn(4, 127)
    found = resized(table, (4, 255))
    for old, new in ((0, 0), (63, 127), (126, 254)):
        assert torch.equal(found[:, new], table[:, old])
    assert found.dtype == table.dtype


def test_a_grid_is_carried_along_each_axis():
    y, x = torch.meshgrid(
        torch.linspace(0, 1, 8), torch.linspace(0, 2, 8), indexing="ij"
    )
    grid = (3 * y - x)[None, None].to(torch.float64)
    found = resized(grid, (1, 1, 16, 32))
    y, x = torch.meshgrid(
        torch.linspace(0, 1, 16), torch.linspace(0, 2, 32), indexing="ij"
    )
    torch.testing.assert_close(
        found[0, 0], (3 * y - x).to(torch.float64), rtol=0, atol=1e-6
    )


def test_tokens_before_a_grid_stay():
    tokens = torch.randn(1, 1 + 14 * 14, 6)
    found = resized(tokens, (1, 1 + 24 * 24, 6))
    assert torch.equal(found[:, 0], tokens[:, 0])
    corners = found[0, 1:].reshape(24, 24, 6)
    given = tokens[0, 1:].reshape(14, 14, 6)
    for k in (0, -1):
        assert torch.equal(corners[k, k], given[k, k])


def test_a_window_bias_is_a_grid():
    bias = torch.randn(7 * 7, 3)
    found = resized(bias, (13 * 13, 3))
    assert torch.equal(found.reshape(13, 13, 3)[6, 6], bias.reshape(7, 7, 3)[3, 3])


@pytest.mark.parametrize(
    ("table", "shape"),
    [
        (torch.zeros(4, 7), (4, 7, 1)),
        (torch.zeros(4, 7), (4, 7)),
        (torch.zeros(4, dtype=torch.int64), (7,)),
    ],
)
def test_what_is_no_matter_of_lengths_is_not_touched(table, shape):
    assert resized(table, shape) is None


def test_a_gray_image_has_the_same_answer():
    weight = torch.randn(5, 3, 3, 3, dtype=torch.float64)
    gray = torch.randn(2, 1, 9, 9, dtype=torch.float64)
    conv = torch.nn.functional.conv2d
    torch.testing.assert_close(
        conv(gray.repeat(1, 3, 1, 1), weight), conv(gray, adapted(weight, 1))
    )
    back = adapted(adapted(weight, 1), 3)
    torch.testing.assert_close(
        conv(gray.repeat(1, 3, 1, 1), back), conv(gray, adapted(weight, 1))
    )
    assert adapted(weight, 4) is None
