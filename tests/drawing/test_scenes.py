"""What holds of every drawing: of the gallery's, and of random specs'."""

import itertools
import warnings

import pytest
from drawing.random_specs import flows
from hypothesis import HealthCheck, given, settings
from support import DRAFTS, GALLERY, SPECS

import medt_gen
from medt_gen.drawing.cells import size_rows
from medt_gen.drawing.drawing import Drawing
from medt_gen.drawing.graphs import network_graphs
from medt_gen.drawing.points import LABEL, scene_of
from medt_gen.drawing.sizes import SMALL_SIZE, TITLE_SIZE
from medt_gen.drawing.text import text_width

PATHS = (*sorted(SPECS.glob("*.yaml")), *GALLERY, *sorted(DRAFTS.glob("*.yaml")))
DEPTHS = (1, 2, 4)


def drawing_of(**what):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spec = medt_gen.load(**what)
    return Drawing(network_graphs(spec.usual))


def overlap(one, other):
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height


def inside(one, other):
    return (
        other.x <= one.x
        and other.y <= one.y
        and one.x + one.width <= other.x + other.width
        and one.y + one.height <= other.y + other.height
    )


def check_boxes(scene):
    for one, other in itertools.combinations(scene.boxes, 2):
        if other.address[: len(one.address)] == one.address:
            assert inside(other.at, one.at), (one.box.title, other.box.title)
        elif one.address[: len(other.address)] != other.address:
            assert not overlap(one.at, other.at), (one.box.title, other.box.title)


def on_border(point, at):
    x, y = point
    level = at.y <= y <= at.y + at.height and x in (at.x, at.x + at.width)
    upright = at.x <= x <= at.x + at.width and y in (at.y, at.y + at.height)
    return level or upright


def crosses(start, end, at):
    """Whether a line that is level or upright runs through the inside of a box."""
    left, right = sorted((start[0], end[0]))
    top, bottom = sorted((start[1], end[1]))
    across = left < at.x + at.width and at.x < right
    down = top < at.y + at.height and at.y < bottom
    if left == right:
        return at.x < left < at.x + at.width and down
    return at.y < top < at.y + at.height and across


def check_edges(scene):
    for edge in scene.edges:
        ends = [
            scene.box((*edge.around, index)).at
            for index in (edge.edge.source, edge.edge.target)
        ]
        assert on_border(edge.points[0], ends[0])
        assert on_border(edge.points[-1], ends[1])
        for start, end in itertools.pairwise(edge.points):
            assert start[0] == end[0] or start[1] == end[1], "no line is slanted"
            for box in scene.boxes:
                if box.address[:-1] == edge.around:
                    assert not crosses(start, end, box.at), box.box.title


def check_order(drawing):
    """A box is never left of, or in a graph that runs down above, what it takes."""
    for index, graph in enumerate(drawing.graphs.graphs):
        cells = drawing.grid(index).cells
        rows = size_rows(graph)
        for edge in graph.edges:
            source, target = cells[edge.source], cells[edge.target]
            if graph.by_size:
                same = source.row == target.row
                assert source.column + same <= target.column
                assert (source.row, target.row) == (
                    rows[edge.source],
                    rows[edge.target],
                )
            else:
                assert source.row < target.row


def on_one_line(one, other):
    for axis in (0, 1):
        values = {point[axis] for point in (*one, *other)}
        along = 1 - axis
        first = sorted(point[along] for point in one)
        second = sorted(point[along] for point in other)
        if len(values) == 1 and max(first[0], second[0]) < min(first[1], second[1]):
            return True
    return False


def check_apart(scene):
    """Two edges share a piece of their way only where they share an end."""
    pieces = [
        (edge.around, edge.edge, start, end)
        for edge in scene.edges
        for start, end in itertools.pairwise(edge.points)
    ]
    for (where, one, *first), (there, other, *second) in itertools.combinations(
        pieces, 2
    ):
        apart = one.source != other.source and one.target != other.target
        if where == there and apart:
            assert not on_one_line(first, second), (one, other)


def check_labels(scene):
    for placed in scene.boxes:
        room = placed.at.width
        assert text_width(placed.size.title, TITLE_SIZE) <= room
        if not placed.opened:
            assert text_width(placed.size.detail, SMALL_SIZE) <= room


def check_frames(scene):
    """A region's frame is around its boxes, and around no other."""
    for frame in scene.frames:
        for placed in scene.boxes:
            if len(placed.address) == 1:
                cell = placed.at
                assert inside(cell, frame.at) or not overlap(cell, frame.at)


def check(drawing):
    check_order(drawing)
    for depth in DEPTHS:
        scene = scene_of(drawing, set(drawing.addresses(depth)))
        check_boxes(scene)
        check_edges(scene)
        check_apart(scene)
        check_labels(scene)
        check_frames(scene)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_drawings_of_the_gallery(path):
    check(drawing_of(path=path))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flows())
def test_drawings_of_random_specs(text):
    check(drawing_of(text=text))


def test_a_label_has_its_strip_beside_the_box():
    scene = scene_of(drawing_of(path="medt"))
    by_title = {placed.box.title: placed for placed in scene.boxes}
    # An edge leaves it downwards; the others have one that comes from below.
    assert by_title["layer1"].label_above is False
    assert by_title["whole"].label_above is True
    assert by_title["up2"].label_above is True
    gap = by_title["up2"].at.y - (by_title["up1"].at.y + by_title["up1"].at.height)
    assert gap >= LABEL


NESTED = """
medt-gen: 1
class: Nested
input: {channels: 3, size: 64}
modules:
  a: {type: Conv2d, out_channels: 4, kernel_size: 1}
  b: {type: Conv2d, out_channels: 6, kernel_size: 1}
  c: {type: Conv2d, out_channels: 4, kernel_size: 1}
forward:
  first: x | a
  outer:
    patches: {of: first, grid: [2, 2], as: p}
    forward:
      one: p | b
      inner:
        patches: {of: one, grid: [4, 2], as: q}
        forward: {out: q | c}
      out: inner | relu()
  out: first | add(outer)
"""


def test_regions_inside_of_regions():
    drawing = drawing_of(text=NESTED)
    check(drawing)
    scene = scene_of(drawing)
    outer, inner = scene.frames
    assert (outer.frame.badge, inner.frame.badge) == ("2 x 2", "4 x 2")
    assert inside(inner.at, outer.at)


def test_what_leaves_a_region_is_put_together():
    graph = drawing_of(text=NESTED).graphs.root
    titles = [box.title for box in graph.boxes]
    edges = {(titles[e.source], titles[e.target]): e.shape for e in graph.edges}
    assert edges["c", "relu"] == (4, 32, 32)
    assert edges["relu", "add"] == (4, 64, 64)
    medt = drawing_of(path="medt").graphs.root
    last = next(edge for edge in medt.edges if edge.target == 17 and edge.further)
    assert last.shape == (16, 128, 128)
