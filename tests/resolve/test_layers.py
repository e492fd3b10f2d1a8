"""Layers: an error stands at the argument that causes it, and norms have what to norm."""

import pytest

import medt_gen
from medt_gen.messages.diagnostics import InvalidInput

HEAD = "medt-gen: 1\ninput: {channels: 8, size: 4}\n"


def only(text):
    with pytest.raises(InvalidInput) as caught:
        medt_gen.load(text=HEAD + text)
    (found,) = caught.value.diagnostics
    return found


ATTENTION = """params: {h: %s}
modules:
  a:
    type: AxialAttention
    axis: %s
    heads: %s
forward: {out: x | a}
"""


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (("2", "height", "3 * $h"), 8),
        (("3", "height", "$h"), 3),
        (("2", "height", "3"), 8),
        (("2", "depth", "$h"), 7),
    ],
)
def test_an_error_stands_where_what_causes_it_is_given(given, line):
    found = only(ATTENTION % given)
    assert (found.code, found.place.line) == ("shape-mismatch", line)


def test_without_an_argument_to_blame_it_stands_at_the_type():
    text = "modules:\n  a:\n    kernel_size: 7\n    type: MaxPool2d\nforward: {out: x | a}\n"
    found = only(text)
    assert (found.code, found.place.line) == ("shape-mismatch", 5)


NORM = "modules: {n: %s}\nforward:\n  out: x | %s\n"


@pytest.mark.parametrize(
    ("norm", "before", "wrong"),
    [
        ("InstanceNorm2d", "max_pool(4)", True),
        ("InstanceNorm2d", "max_pool(2)", False),
        ("InstanceNorm2d", "max_pool([4, 2])", False),
        ("BatchNorm2d", "max_pool(4)", False),
        ("{type: GroupNorm, num_groups: 2}", "max_pool(4)", False),
    ],
)
def test_an_image_of_one_value_has_no_statistics_of_its_own(norm, before, wrong):
    text = NORM % (norm, f"{before} | n")
    if wrong:
        found = only(text)
        assert found.code == "one-value-norm"
        assert "statistics: batch" not in found.help
    else:
        assert medt_gen.load(text=HEAD + text)


PATCHES = """modules: {n: BatchNorm2d}
forward:
  out:
    patches: {of: x, grid: [%s], as: p%s}
    forward: {out: p | n}
"""


def test_a_patch_of_one_value_has_statistics_with_the_others_alone():
    found = only(PATCHES % ("4, 4", ""))
    assert found.code == "one-value-norm"
    assert "statistics: batch" in found.help
    for given in (("4, 4", ", statistics: batch"), ("4, 2", ""), ("1, 1", "")):
        assert medt_gen.load(text=HEAD + PATCHES % given)
