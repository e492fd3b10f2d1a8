"""A page of two sides: what differs is told by sign, outline and colour."""

from __future__ import annotations

import pytest
from support import GOLDEN

import medt_gen
from browser.conftest import rows
from medt_gen.explorer.view import Page

pytestmark = pytest.mark.desktop

SPEC = """
medt-gen: 1
class: Net
input: {channels: 3, size: 32}
modules:
  stem: {type: Conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  down: {type: Conv2d, out_channels: 16, kernel_size: 3, stride: 2, padding: 1}
  up: {type: Conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  head: {type: Conv2d, out_channels: 2, kernel_size: 1}
forward:
  first: x | stem | relu()
  deep: first | down
  back: deep | up | upsample(2) | add(first)
  out: back | head
"""


@pytest.fixture
def changed():
    one = medt_gen.load(text=SPEC)
    text = (
        SPEC.replace("| add(first)", "")
        .replace("out_channels: 16", "out_channels: 32")
        .replace("  head:", "  norm: BatchNorm2d\n  head:")
        .replace("back | head", "back | norm | head")
    )
    return medt_gen.view(one, medt_gen.load(text=text))


def test_signs_and_states(opened, changed):
    tab = opened(changed)
    signs = tab.locator("#tree .row").evaluate_all(
        "rows => rows.map(row => [row.querySelector('b')?.textContent ?? '',"
        " row.querySelector('.sign').textContent])"
    )
    assert signs == [
        ["", ""],
        ["stem", ""],
        ["down", "~"],
        ["up", "~"],
        ["norm", "+"],
        ["head", ""],
    ]
    down = tab.locator("#tree .row.state-changed").first
    assert "out_channels: 16 \u2192 32" in down.text_content()
    assert "changed:" in down.text_content()
    assert down.locator(".module").get_attribute("title").count("\u2192") == 1


def test_the_flow_of_both(opened, changed):
    tab = opened(changed)
    states = tab.locator("#flow .box").evaluate_all(
        "boxes => Object.fromEntries(boxes.map(box =>"
        " [box.querySelector('.title').textContent, box.getAttribute('class')]))"
    )
    assert "state-changed" in states["~ down"] or "state-changed" in states["~ deep"]
    removed = tab.locator("#flow .edge.state-removed")
    assert removed.count() == 1
    assert removed.locator("title").text_content().startswith("first to back")
    outline = "path => getComputedStyle(path).strokeDasharray"
    assert removed.locator(".line").evaluate(outline) != "none"


def test_d_goes_through_the_differences(opened, changed):
    tab = opened(changed)
    heads = []
    for _ in range(4):
        tab.keyboard.press("d")
        heads.append(tab.locator("#details h2").inner_text().split(" Copy")[0])
    assert heads[0].startswith("~ changed: down")
    assert heads[1].startswith("~ changed: up")
    assert heads[2].startswith("+ added: norm")
    assert heads[3] == heads[0]
    text = tab.locator("#details").inner_text()
    assert "Conv2d(8, 16, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))" in text
    assert "Conv2d(8, 32, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))" in text


def test_arguments_have_their_old_values(opened):
    one = medt_gen.load("gated")
    page = medt_gen.view(one, medt_gen.load("gated", overrides=["params.heads=4"]))
    tab = opened(page, hash="#layer1.0.hight_block")
    row = tab.locator("#details tr", has_text="heads")
    assert "8 \u2192 4" in row.inner_text()
    assert row.locator("del").inner_text() == "8"


def test_what_changed_stands_on_top(opened, comparison):
    notes = opened(comparison).locator("#notes").inner_text()
    assert "AxialBlock_dynamic -> AxialBlock in 8 blocks" in notes
    assert "parameters 1,326,914 -> 1,326,850" in notes


def test_what_is_equal_is_folded(opened, comparison):
    tab = opened(comparison)
    unfolded = tab.locator('#tree .row[aria-expanded="true"] b').all_inner_texts()
    assert {"layer1", "layer2", "0"} <= set(unfolded)
    assert "downsample" not in unfolded


def test_a_difference_is_seen_without_colour(opened, changed):
    tab = opened(changed)
    tab.emulate_media(media="print")
    styles = {}
    for state in ("added", "removed", "changed"):
        swatch = tab.locator(f"#legend .swatch.state-{state}")
        styles[state] = swatch.evaluate("item => getComputedStyle(item).borderStyle")
    assert len(set(styles.values())) == 3


def test_equal_printouts_of_two_torch_versions_show_no_difference(opened, tmp_path):
    old, new = GOLDEN / "gated.repr.txt", tmp_path / "new.txt"
    new.write_text(str(medt_gen.build(medt_gen.load("gated"))))
    assert old.read_text().strip() != new.read_text().strip()
    assert medt_gen.diff(old, new).equal
    tab = opened(medt_gen.view(old, new))
    assert tab.locator(".row.state-changed").count() == 0
    assert "no difference" in tab.locator("#notes").inner_text()
    tab.keyboard.press("d")
    assert tab.locator("#said").text_content() == "nothing differs"


def test_the_page_of_diff_is_the_same(capsys, tmp_path):
    from medt_gen.cli import main

    path = tmp_path / "page.html"
    assert main(["view", "gated", "axialunet", "-o", str(path)]) == 0
    capsys.readouterr()
    assert main(["diff", "gated", "axialunet", "--format", "html"]) == 1
    assert capsys.readouterr().out == path.read_text()


def test_a_checkpoint_against_a_spec(opened, tmp_path):
    import torch

    model = medt_gen.build(medt_gen.load(text=SPEC))
    state = model.state_dict()
    state["up.weight"] = torch.zeros(8, 4, 3, 3)
    path = tmp_path / "weights.pt"
    torch.save(state, path)
    tab = opened(medt_gen.view(path, medt_gen.load(text=SPEC)))
    changed = tab.locator("#tree .row.state-changed b").all_inner_texts()
    assert changed == ["up"]
    assert len(rows(tab)) == 5
    tab.keyboard.press("d")
    assert "[8, 4, 3, 3]" in tab.locator("#details").inner_text()


def test_a_comparison_of_models_is_a_page_as_well(opened):
    from torch import nn

    one = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())
    other = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten())
    page = medt_gen.view(one, other)
    assert isinstance(page, Page)
    tab = opened(page)
    assert tab.locator(".row.state-changed").count() == 1
    assert tab.locator(".row.state-added").count() == 1
    assert "No flow" in tab.locator("#flow").inner_text()
