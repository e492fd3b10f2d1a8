"""A page of one network: the tree, the flow, and what is known of a module."""

from __future__ import annotations

import itertools

import pytest
from support import NAMES

import medt_gen
from browser.conftest import rows
from medt_gen.drawing.drawing import Drawing
from medt_gen.drawing.graphs import network_graphs
from medt_gen.drawing.points import scene_of

pytestmark = pytest.mark.desktop

IN_SIGHT = """
() => {
  const shown = (element) => {
    const box = element.getBoundingClientRect();
    return [box.left, box.top, box.right, box.bottom];
  };
  const pane = document.getElementById("flow");
  return {
    pane: shown(pane),
    scrolls: [pane.scrollWidth - pane.clientWidth, pane.scrollHeight - pane.clientHeight],
    boxes: [...document.querySelectorAll(".box")].map((box) => [box.dataset.address ||
        box.getAttribute("data-address"), ...shown(box)]),
    skips: [...document.querySelectorAll(".edge.skip")].map(shown),
    frames: [...document.querySelectorAll("#flow .frame")].map(shown),
    badge: document.querySelector("#flow .frame text").textContent,
    sizes: [...document.querySelectorAll("body *")]
      .filter((item) => [...item.childNodes].some((node) => node.nodeType === 3 &&
        node.textContent.trim()))
      .filter((item) => item.getClientRects().length)
      .map((item) => {
        const matrix = item.getScreenCTM ? item.getScreenCTM().a : 1;
        return parseFloat(getComputedStyle(item).fontSize) * matrix;
      }),
  };
}
"""


def test_medt_unopened_fits_without_scrolling(opened, medt):
    found = opened(medt).evaluate(IN_SIGHT)
    assert found["scrolls"] == [0, 0]
    left, top, right, bottom = found["pane"]
    shapes = [box[1:] for box in found["boxes"]] + found["skips"] + found["frames"]
    for box in shapes:
        assert left <= box[0] <= box[2] <= right
        assert top <= box[1] <= box[3] <= bottom
    assert min(found["sizes"]) >= 11
    assert len(found["boxes"]) == 18
    # Five sums with what an encoder gave, one in the first branch and four in the
    # other, and the sum of both branches.
    assert len(found["skips"]) == 6
    assert len(found["frames"]) == 1
    assert found["badge"] == "4 x 4 patches"


def test_branches_are_lanes_and_resolution_is_height(opened, medt):
    boxes = {address: box for address, *box in opened(medt).evaluate(IN_SIGHT)["boxes"]}
    scene = scene_of(Drawing(network_graphs(medt_gen.load("medt").usual)))
    patches = [str(box.address[0]) for box in scene.boxes if 6 <= box.address[0] <= 16]
    whole = [key for key in boxes if key not in patches and key != "17"]
    assert max(boxes[key][2] for key in whole) < min(boxes[key][0] for key in patches)
    by_size = {}
    for placed in scene.boxes:
        _, top, _, bottom = boxes[str(placed.address[0])]
        by_size.setdefault(placed.box.shape[1], []).append((top, bottom))
    sizes = sorted(by_size, reverse=True)
    assert sizes == [128, 64, 32, 16, 8, 4, 2]
    for larger, smaller in itertools.pairwise(sizes):
        highest = max(bottom for _, bottom in by_size[larger])
        assert highest < min(top for top, _ in by_size[smaller])


PLACED = """
() => {
  const svg = document.querySelector("#flow svg");
  return [...svg.querySelectorAll(".box")].map((group) => {
    const area = group.querySelector(".area").getBBox();
    return [group.getAttribute("data-address"), area.x, area.y, area.width, area.height];
  });
}
"""


@pytest.mark.parametrize("name", NAMES)
def test_the_page_places_boxes_as_a_figure_does(opened, name):
    tab = opened(medt_gen.view(name))
    drawing = Drawing(network_graphs(medt_gen.load(name).usual))
    for depth in (1, 2, 3):
        scene = scene_of(drawing, set(drawing.addresses(depth)))
        expected = {".".join(map(str, box.address)): box.at for box in scene.boxes}
        found = {address: place for address, *place in tab.evaluate(PLACED)}
        assert found.keys() == expected.keys()
        for address, at in expected.items():
            wanted = [at.x, at.y, at.width, at.height]
            assert found[address] == pytest.approx(wanted, abs=1)
        tab.click("#open")


LABELS = """
() => [...document.querySelectorAll(".box")].map((group) => {
  const area = group.querySelector(".area").getBBox();
  return [...group.querySelectorAll(".title, .detail")].map((text) => {
    const box = text.getBBox();
    return [box.x - area.x, area.x + area.width - box.x - box.width, text.textContent];
  });
}).flat()
"""


@pytest.mark.parametrize("name", [*NAMES, "specs/variants/attention_unet.yaml"])
def test_no_label_leaves_its_box(opened, name):
    tab = opened(medt_gen.view(name))
    tab.click("#open")
    tab.click("#open")
    for left, right, text in tab.evaluate(LABELS):
        assert left >= -0.5, text
        assert right >= -0.5, text


def test_the_file_is_small(medt):
    assert len(medt.text.encode()) < 300_000


def test_a_stage_opens_into_blocks_and_a_block_into_layers(opened, medt):
    tab = opened(medt)
    layer2 = tab.locator('[data-address="3"]')
    assert layer2.get_attribute("aria-expanded") == "false"
    layer2.locator(".toggle").click()
    assert tab.locator('[data-address="3.0"] .title').text_content() == "0"
    tab.locator('[data-address="3.0"] .toggle').click()
    titles = tab.locator('[data-address^="3.0."] .title').all_text_contents()
    assert "hight_block" in titles
    assert "downsample" in titles
    tab.click("#close")
    assert tab.locator(".box").count() == 18


def test_a_repeated_module_is_one_box_with_its_count(opened, medt):
    tab = opened(medt)
    tab.locator('[data-address="10"] .toggle').click()
    titles = tab.locator('[data-address^="10."] .title').all_text_contents()
    assert titles == ["0", "1 to 3, 3 times"]


def test_selecting_shows_arguments_lines_and_both_panes(opened, medt):
    tab = opened(medt, hash="#layer2.0.hight_block")
    details = tab.locator("#details")
    text = details.inner_text()
    assert "layer2.0.hight_block" in text
    assert "AxialAttention_dynamic" in text
    assert "from relu" in text
    assert "the spec: $heads" in text
    assert "AxialBlock_dynamic.yaml, line" in text
    assert "made in medt.py, as `emit` writes it, line" in text
    assert "called in medt.py, as `emit` writes it, line" in text
    chosen = tab.locator('#tree .row[aria-selected="true"]')
    assert chosen.locator("b").inner_text() == "hight_block"
    assert tab.locator(".box.selected").get_attribute("data-address") == "3"


def test_a_shared_class_shows_its_own_lines_and_the_call(opened, medt):
    text = opened(medt, hash="#layer1.0").locator("#details").inner_text()
    assert "its class in medt.py" in text
    assert "class AxialBlock_dynamic(nn.Module):" in text
    assert "called in medt.py" in text


def test_clicking_a_box_selects_its_row(opened, medt):
    tab = opened(medt)
    tab.locator('[data-address="2"] .title').click()
    assert tab.evaluate("location.hash") == "#layer1"
    chosen = tab.locator('#tree .row[aria-selected="true"]')
    assert chosen.locator("b").inner_text() == "layer1"
    # A chain is several modules: its hash is its place in the flow.
    tab.locator('[data-address="1"] .title').click()
    assert tab.evaluate("location.hash") == "#@1"
    assert "goes through conv1, bn1, relu" in tab.locator("#details").inner_text()


def test_back_and_forward_and_a_link_into_the_page(opened, medt):
    tab = opened(medt, hash="#layer3_p.1")
    assert "layer3_p.1" in tab.locator("#details h2").inner_text()
    tab.locator('[data-address="2"] .title').click()
    tab.locator('[data-address="3"] .title').click()
    tab.go_back()
    assert tab.locator("#details h2").inner_text().startswith("layer1 ")
    tab.go_back()
    assert tab.locator("#details h2").inner_text().startswith("layer3_p.1 ")
    tab.go_forward()
    assert tab.locator("#details h2").inner_text().startswith("layer1 ")


def test_a_hash_that_names_nothing_is_told(opened, medt):
    tab = opened(medt, hash="#no.such.module")
    assert tab.locator("#said").text_content() == "there is no module no.such.module"


def test_searching(opened, medt):
    tab = opened(medt)
    tab.keyboard.press("/")
    tab.keyboard.type("width_block qkv_transform")
    assert tab.locator("#matches").inner_text() == "11 found"
    tab.keyboard.press("Enter")
    assert (
        "layer1.0.width_block.qkv_transform" in tab.locator("#details h2").inner_text()
    )
    tab.keyboard.press("Enter")
    assert (
        "layer2.0.width_block.qkv_transform" in tab.locator("#details h2").inner_text()
    )
    tab.keyboard.press("Escape")
    assert tab.locator("#matches").inner_text() == ""
    assert tab.evaluate("document.activeElement.id") == "tree"


def test_the_tree_by_keys(opened, medt):
    tab = opened(medt)
    tab.locator("#tree").focus()

    def active():
        row = tab.evaluate(
            "document.getElementById('tree').getAttribute('aria-activedescendant')"
        )
        return tab.locator(f"#{row} .module").inner_text().strip()

    assert active().endswith("medt_net")
    for _ in range(8):
        tab.keyboard.press("ArrowDown")
    assert "layer1" in active()
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("ArrowRight")
    assert "AxialBlock_dynamic" in active()
    tab.keyboard.press("ArrowLeft")
    assert "layer1" in active()
    tab.keyboard.press("Enter")
    assert tab.evaluate("location.hash") == "#layer1"
    tab.keyboard.press("ArrowLeft")
    tab.keyboard.press("End")
    assert "soft_p" in active()
    tab.keyboard.press("Home")
    assert active().endswith("medt_net")
    tab.keyboard.press("ArrowLeft")
    assert len(rows(tab)) == 1


def test_the_flow_by_keys(opened, medt):
    tab = opened(medt)
    tab.locator('.box[tabindex="0"]').focus()

    def focused():
        return tab.evaluate("document.activeElement.getAttribute('data-address')")

    assert focused() == "0"
    tab.keyboard.press("ArrowDown")
    assert focused() == "1"
    tab.keyboard.press("ArrowRight")
    assert focused() == "2"
    tab.keyboard.press("Enter")
    assert tab.locator('[data-address="2.0"]').count() == 1
    tab.keyboard.press(" ")
    assert tab.evaluate("location.hash") == "#layer1"
    tab.keyboard.press("]")
    assert focused() == "2.0"
    tab.keyboard.press("End")
    assert focused() == "17"


def test_tab_goes_through_all_and_is_caught_nowhere(opened, medt):
    tab = opened(medt, hash="#layer1.0.conv_down")
    where = """() => {
      const at = document.activeElement;
      return at.id || at.getAttribute('data-address') || at.tagName;
    }"""
    seen = []
    for _ in range(30):
        tab.keyboard.press("Tab")
        seen.append(tab.evaluate(where))
        if seen[-1] == "BODY":
            break
    expected = ["search", "unfold", "fold", "open", "close", "smaller", "larger", "fit"]
    assert seen[:8] == expected
    assert seen[8:12] == ["tree", "flow", "2", "details"]
    assert "BODY" in seen[12:] or seen[-1] == "search", seen
    tab.locator("#details").focus()
    for wanted in ("2", "flow", "tree"):
        tab.keyboard.press("Shift+Tab")
        assert tab.evaluate(where) == wanted


def test_zooming(opened, medt):
    tab = opened(medt)
    width = "document.querySelector('#flow svg').getBoundingClientRect().width"
    before = tab.evaluate(width)
    tab.click("#larger")
    assert tab.evaluate(width) == pytest.approx(before * 1.25, rel=0.01)
    tab.keyboard.press("0")
    assert tab.evaluate(width) == pytest.approx(before, rel=0.01)
    tab.click("#larger")
    tab.click("#larger")
    pane = tab.locator("#flow")
    place = pane.bounding_box()
    tab.mouse.move(place["x"] + 5, place["y"] + 300)
    tab.mouse.down()
    tab.mouse.move(place["x"] - 95, place["y"] + 250)
    tab.mouse.up()
    assert pane.evaluate("pane => [pane.scrollLeft, pane.scrollTop]") == [100, 50]


def test_copying_a_path(opened, medt):
    tab = opened(
        medt, hash="#layer1.0", permissions=["clipboard-read", "clipboard-write"]
    )
    tab.click(".copy")
    assert tab.evaluate("navigator.clipboard.readText()") == "layer1.0"
    assert tab.locator("#said").text_content() == "copied layer1.0"


def test_numbers_are_those_of_summary(opened, medt):
    from medt_gen.network.summary import summarize

    spec = medt_gen.load("medt")
    known = {row.path: row for row in summarize(spec.network, spec.usual).modules}
    tab = opened(medt, hash="#layer3_p")
    text = tab.locator("#details").inner_text()
    assert f"{known['layer3_p'].parameters:,} parameters" in text
    assert f"{known['layer3_p'].multiply_adds:,} multiply-adds" in text
    assert f"{known['layer3_p'].output_bytes:,} bytes of outputs" in text


def test_an_edited_file_says_so_in_place_of_lines(opened, tmp_path):
    path = tmp_path / "gated.py"
    source = medt_gen.emit(medt_gen.load("gated"))
    path.write_text(source)
    whole = opened(medt_gen.view(path), hash="#layer1").locator("#details")
    assert f"made in {path}, line" in whole.inner_text()
    path.write_text(source.replace("import torch\n", "import torch  # mine\n", 1))
    edited = opened(medt_gen.view(path), hash="#layer1").locator("#details")
    assert "was edited since it was emitted: no lines of it" in edited.inner_text()
    assert "made in" not in edited.inner_text()


def test_without_a_flow_the_page_says_so_and_names_import(opened, tmp_path):
    path = tmp_path / "printout.txt"
    path.write_text("Net(\n  (conv): Conv2d(1, 2, kernel_size=(3, 3))\n)\n")
    tab = opened(medt_gen.view(path), hash="#conv")
    text = tab.locator("#flow").inner_text()
    assert text.startswith("No flow: a printout tells which modules there are")
    assert "medt-gen import" in text
    assert tab.locator("#open").is_hidden()
    assert "Conv2d" in tab.locator("#details").inner_text()


def test_dark(opened, medt):
    colour = "getComputedStyle(document.body).backgroundColor"
    assert opened(medt).evaluate(colour) == "rgb(255, 255, 255)"
    assert opened(medt, color_scheme="dark").evaluate(colour) == "rgb(22, 25, 29)"
