"""A grid tiles the value that it cuts, and patches are images when they are laid back."""

import pytest

import medt_gen
from medt_gen.messages.diagnostics import InvalidInput

# Not all that is declared is used.
pytestmark = pytest.mark.filterwarnings("ignore::medt_gen.SpecWarning")

HEAD = """medt-gen: 1
input: {channels: 4, size: %s}
modules:
  c: {type: %s, out_channels: 6, kernel_size: 1}
forward:
  features: x | mean()
  cut:
    patches: {of: %s, grid: %s, as: p}
    forward:
      out: %s
  out: cut
"""


def load(grid, inner="p | c", size="[12, 8]", of="x", conv="Conv2d"):
    return medt_gen.load(text=HEAD % (size, conv, of, grid, inner))


def shape(*given, **options):
    return load(*given, **options).network.root.output.numbers


def refused(*given, **options):
    with pytest.raises(InvalidInput) as caught:
        load(*given, **options)
    return [item for item in caught.value.diagnostics if item.severity == "error"]


def test_patches_are_laid_back_along_each_axis():
    assert shape("[3, 2]") == (6, 12, 8)
    assert shape("[3, 2]", "p | c | max_pool(2)") == (6, 6, 4)
    assert shape("[2, 1]", "p | c | upsample([1, 2])") == (6, 12, 16)
    assert shape("[2, 3, 4]", size="[4, 6, 8]", conv="Conv3d") == (6, 4, 6, 8)


def test_the_flow_inside_has_the_shape_of_a_patch():
    step = load("[3, 2]").network.root.flow.steps[1]
    assert step.grid == (3, 2)
    assert [item.numbers for item in step.shapes] == [(4, 12, 8), (6, 12, 8)]
    assert [item.numbers for item in step.inner.steps[0].shapes] == [
        (4, 4, 4),
        (6, 4, 4),
    ]


@pytest.mark.parametrize(
    ("grid", "axis"), [("[5, 2]", "height"), ("[3, 3]", "width"), ("[24, 2]", "height")]
)
def test_a_grid_that_does_not_divide_an_axis_is_refused_by_that_axis(grid, axis):
    (only,) = refused(grid)
    assert only.code == "patch-grid"
    assert axis in only.message
    assert only.place.line == 8


@pytest.mark.parametrize("grid", ["[3]", "[3, 2, 1]", "3", "3x2"])
def test_a_grid_has_a_count_for_each_axis(grid):
    (only,) = refused(grid)
    assert only.code == "patch-grid"
    assert ("3, 2" in only.help) == (grid == "3x2")


@pytest.mark.parametrize("grid", ["[0, 2]", "[3, -1]", "[1.5, 2]", "[a, 2]"])
def test_a_count_is_a_positive_integer(grid):
    assert [item.code for item in refused(grid)] == ["wrong-value"]


def test_features_have_no_patches():
    (only,) = refused("[3, 2]", of="features")
    assert only.code == "patch-grid"
    assert [note.place.line for note in only.notes] == [6]


def test_a_patch_that_is_no_image_any_more_can_not_be_laid_back():
    (only,) = refused("[3, 2]", "p | c | mean()")
    assert only.code == "shape-mismatch"
    assert only.place.line == 8


def test_norms_know_how_many_patches_share_a_call():
    def patches(statistics):
        text = (
            "medt-gen: 1\ninput: {channels: 4, size: [12, 8]}\n"
            "blocks: {B: {modules: {n: BatchNorm2d}, forward: {out: x | n}}}\n"
            "modules: {n: BatchNorm2d, r: ReLU, b: B}\nforward:\n  out:\n"
            f"    patches: {{of: x, grid: [3, 2], as: p{statistics}}}\n"
            "    forward:\n      out:\n"
            "        patches: {of: p, grid: [2, 2], as: q}\n"
            "        forward: {out: q | n | r | b}\n"
        )
        root = medt_gen.load(text=text).network.root
        bodies = [module.body for module in root.modules]
        inner = bodies[2].instance
        return [
            bodies[0].patches,
            bodies[1].patches,
            inner.patches,
            inner.modules[0].body.patches,
        ]

    assert patches("") == [24, 1, 24, 24]
    assert patches(", statistics: batch") == [4, 1, 4, 4]
