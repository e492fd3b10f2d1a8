"""axe-core finds nothing at AA, and a notebook's frame works without its rights."""

from __future__ import annotations

from pathlib import Path

import pytest

import medt_gen

pytestmark = pytest.mark.desktop

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
RUN = """
async () => {
  const found = await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
  });
  return found.violations.map((item) =>
    [item.id, item.nodes.slice(0, 3).map((node) => node.html.slice(0, 200))]);
}
"""


def violations(tab):
    # The page's policy stops every script but its own: axe goes around it, not through.
    tab.evaluate(AXE.read_text())
    return tab.evaluate(RUN)


def test_light(opened, medt):
    assert violations(opened(medt)) == []


def test_dark(opened, medt):
    assert violations(opened(medt, color_scheme="dark")) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_comparison(opened, comparison, scheme):
    tab = opened(comparison, color_scheme=scheme)
    tab.keyboard.press("d")
    assert violations(tab) == []


def test_opened(opened, medt):
    tab = opened(medt, hash="#layer1.0.hight_block")
    tab.click("#open")
    tab.click("#open")
    tab.click("#unfold")
    assert violations(tab) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_narrow(opened, medt, scheme):
    tab = opened(medt, width=360, height=740, hash="#layer1.0", color_scheme=scheme)
    assert violations(tab) == []
    wide = tab.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360


def test_without_a_flow(opened, tmp_path):
    path = tmp_path / "printout.txt"
    path.write_text("Net(\n  (conv): Conv2d(1, 2, kernel_size=(3, 3))\n)\n")
    assert violations(opened(medt_gen.view(path))) == []


def test_a_notebook_has_the_page_over_a_table(opened):
    html = medt_gen.load("gated")._repr_html_()
    tab = opened(None, text=f"<!doctype html><body>{html}</body>")
    frame = tab.frames[1]
    frame.wait_for_selector(".box")
    frame.locator('[data-address="2"] .title').click()
    frame.wait_for_selector('#tree .row[aria-selected="true"]')
    assert "layer1" in frame.locator("#details h2").inner_text()
    frame.click(".copy")
    frame.wait_for_function("document.getElementById('said').textContent !== ''")
    assert "conv1" in tab.locator("table").inner_text()


def test_what_is_left_where_frames_are_taken_away():
    html = medt_gen.load("medt")._repr_html_()
    static, _, frame = html.partition("<iframe")
    assert len(static.encode()) < 20_000
    assert "<script" not in static
    assert "layer1_p" in static
    assert "srcdoc" in frame
