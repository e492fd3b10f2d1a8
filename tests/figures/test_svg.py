"""SVG figures: their structure is kept, and they are clean."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from support import DRAFTS, GALLERY, NAMES, ROOT, run

import medt_gen
from medt_gen.cli import main
from medt_gen.network.walk import walk_network
from medt_gen.paths.keys import join
from tools.refresh.figures import SVG, structure

KEPT = ROOT / "tests" / "figures" / "structure"


def drawn(tmp_path, *arguments):
    path = tmp_path / "figure.svg"
    assert main(["draw", *map(str, arguments), "-o", str(path)]) == 0
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("depth", [1, 3])
def test_the_structure_is_as_it_was(tmp_path, name, depth):
    kept = (KEPT / f"{name}-{depth}.txt").read_text(encoding="utf-8")
    assert structure(drawn(tmp_path, name, "--depth", depth)) == kept


@pytest.mark.parametrize(
    "path", [*GALLERY, *sorted(DRAFTS.glob("*.yaml"))], ids=lambda path: path.stem
)
def test_groups_are_named_by_module_paths_and_ids_are_unique(tmp_path, path):
    root = ElementTree.fromstring(drawn(tmp_path, path, "--depth", 9))
    groups = list(root.iter(f"{SVG}g"))
    ids = [group.get("id") for group in groups]
    assert len(ids) == len(set(ids))
    assert all(ids)
    label = "{http://www.inkscape.org/namespaces/inkscape}label"
    named = {group.get(label) for group in groups if group.get("class") == "module"}
    network = medt_gen.load(path).usual
    known = {item for item, module in walk_network(network) if module.body is not None}
    assert named <= known


def test_a_module_that_holds_others_has_them_inside(tmp_path):
    root = ElementTree.fromstring(drawn(tmp_path, "gated", "--depth", 3))
    ids = {group.get("id"): group for group in root.iter(f"{SVG}g")}
    block = ids[join("layer1", "0")]
    inside = {group.get("id") for group in block.iter(f"{SVG}g")}
    assert join("layer1.0", "hight_block") in inside


def test_hostile_texts_are_texts(tmp_path):
    hostile = "</text><script>alert(1)</script>"
    path = tmp_path / "spec.yaml"
    path.write_text(
        f"""medt-gen: 1
class: Net
title: "{hostile} \\x01 & 网络"
input: {{channels: 1, size: 8}}
modules:
  conv: {{type: Conv2d, out_channels: 2, kernel_size: 1}}
forward:
  out: x | conv
""",
        encoding="utf-8",
    )
    root = ElementTree.fromstring(drawn(tmp_path, path))
    assert root.find(f"{SVG}title").text.startswith(hostile)
    assert not list(root.iter(f"{SVG}script"))


def test_the_width_is_the_width(tmp_path, capsys):
    text = drawn(tmp_path, "medt", "--width", "84mm")
    root = ElementTree.fromstring(text)
    assert root.get("width") == "84mm"
    wide = float(root.get("viewBox").split()[2])
    smallest = min(float(item.get("font-size")) for item in root.iter(f"{SVG}text"))
    points = smallest * 84 / 25.4 * 72 / wide
    assert points == pytest.approx(5, abs=0.01)
    told = capsys.readouterr().err
    assert "left out: the size of what a box gives, " in told


def test_what_does_not_fit_is_left_out_in_a_fixed_order(tmp_path, capsys):
    counts = []
    for width in ("200mm", "84mm", "50mm", "20mm"):
        text = drawn(tmp_path, "medt", "--width", width)
        counts.append(sum(1 for _ in ElementTree.fromstring(text).iter(f"{SVG}text")))
        capsys.readouterr()
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]
    status, _, told = run(
        capsys, "draw", "medt", "--width", "40mm", "-o", tmp_path / "x.svg"
    )
    assert status == 0
    kinds = [line.split(",")[0] for line in told.splitlines()]
    order = [
        "left out: what a box holds",
        "left out: the size of what a box gives",
        "left out: the name of a box",
        "left out: the grid of a frame",
    ]
    assert kinds == [kind for kind in order if kind in kinds]
