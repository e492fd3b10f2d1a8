"""Large pages, hostile names, and what a page may do."""

from __future__ import annotations

import pytest

import medt_gen

pytestmark = pytest.mark.desktop

HOSTILE = "</script><img src=x onerror=alert(1)>"
MANY = 100_000


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    lines = ["Net("]
    for stage in range(MANY // 100):
        lines.append(f"  (stage{stage}): Block(")
        lines += [
            f"    (conv{layer}): Conv2d({layer}, {stage}, kernel_size=(3, 3))"
            for layer in range(99)
        ]
        lines.append("  )")
    lines.append(")")
    path = tmp_path_factory.mktemp("large") / "printout.txt"
    path.write_text("\n".join(lines))
    return medt_gen.view(path)


def test_a_hundred_thousand_modules(opened, large):
    assert len(large.text.encode()) < 10_000_000
    tab = opened(large)
    assert tab.locator("#tree .row").count() < 500
    tab.click("#unfold")
    assert tab.locator("#tree").get_attribute("aria-rowcount") == str(MANY + 1)
    tab.locator("#tree").focus()
    tab.keyboard.press("End")
    last = tab.locator("#tree .row.active")
    assert last.get_attribute("aria-level") == "3"
    assert last.get_attribute("aria-posinset") == "99"
    assert last.get_attribute("aria-setsize") == "99"
    assert tab.locator("#tree .row").count() < 500
    assert tab.evaluate("document.querySelectorAll('*').length") < 4000


def test_searching_goes_through_all(opened, large):
    tab = opened(large)
    tab.keyboard.press("/")
    tab.keyboard.type("stage977 conv42")
    assert tab.locator("#matches").inner_text() == "1 found"
    tab.keyboard.press("Enter")
    assert "stage977.conv42" in tab.locator("#details h2").inner_text()


def test_printing_says_what_it_leaves_out(opened, large):
    tab = opened(large)
    tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    paper = tab.locator("#paper").text_content().split("\n")
    assert len(paper) == 1 + MANY // 100 + 1
    assert paper[1] == "  (stage0): Block()"
    assert paper[-1] == "... 99,000 rows are folded"
    tab.click("#unfold")
    tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    paper = tab.locator("#paper").text_content().split("\n")
    assert len(paper) == 2000 + 1
    assert paper[-1] == "... 98,001 unfolded rows are left out"
    tab.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert tab.locator("#paper").text_content() == ""


def test_on_paper_there_are_the_rows_and_the_flow(opened, medt):
    tab = opened(medt)
    tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    tab.emulate_media(media="print")
    assert tab.locator("#paper").is_visible()
    assert tab.locator("#flow svg").is_visible()
    assert not tab.locator(".tools").is_visible()
    content = tab.pdf()
    assert content.startswith(b"%PDF")


def test_hostile_names_are_text(opened, tmp_path):
    path = tmp_path / "printout.txt"
    path.write_text(f"Net(\n  ({HOSTILE}): Conv2d({HOSTILE})\n  (b): {HOSTILE}()\n)\n")
    page = medt_gen.view(path)
    tab = opened(page)
    assert tab.evaluate("document.images.length") == 0
    assert tab.evaluate("document.scripts.length") == 2
    assert HOSTILE in tab.locator("#tree").text_content()
    tab.keyboard.press("ArrowDown")
    tab.locator("#tree .row").nth(1).click()
    assert HOSTILE in tab.locator("#details").text_content()
    assert tab.evaluate("document.images.length") == 0


def test_hostile_titles_of_specs_are_text(opened):
    text = f"""
medt-gen: 1
class: Net
title: "{HOSTILE}"
input: {{channels: 1, size: 8}}
modules:
  conv: {{type: Conv2d, out_channels: 2, kernel_size: 1}}  # {HOSTILE}
forward:
  out: x | conv
"""
    tab = opened(medt_gen.view(medt_gen.load(text=text)), hash="#conv")
    assert tab.title().startswith(HOSTILE)
    assert HOSTILE in tab.locator("#details pre").first.text_content()
    assert tab.evaluate("document.images.length") == 0


def test_names_in_other_scripts_and_directions(opened, tmp_path):
    path = tmp_path / "printout.txt"
    path.write_text(
        "Net(\n  (编码器): Conv2d(1, 2)\n  (שלום): ReLU()\n)\n", encoding="utf-8"
    )
    tab = opened(medt_gen.view(path))
    assert tab.locator("#tree b").all_inner_texts() == ["编码器", "שלום"]
    tab.goto(tab.url + "#%E7%BC%96%E7%A0%81%E5%99%A8")
    assert "编码器" in tab.locator("#details h2").inner_text()


def test_the_policy_lets_nothing_else_run(opened, medt):
    tab = opened(medt, stops=["violates the following Content Security Policy"])
    policy = tab.locator("meta[http-equiv]").get_attribute("content")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    stopped = tab.evaluate(
        """() => new Promise((resolve) => {
          document.addEventListener("securitypolicyviolation",
            (event) => resolve(event.violatedDirective));
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.body.append(script);
        })"""
    )
    assert stopped.startswith("script-src")
    assert tab.evaluate("window.ran") is None


def test_nothing_is_stored(opened, medt):
    tab = opened(medt, hash="#layer1")
    tab.click("#open")
    tab.click("#larger")
    kept = tab.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
    assert kept == [0, 0, ""]


def test_a_deep_tree_and_a_run_of_a_billion(opened, tmp_path):
    depth = 400
    lines = ["  " * level + f"(m{level}): Block(" for level in range(1, depth)]
    lines += ["  " * level + ")" for level in range(depth - 1, 0, -1)]
    path = tmp_path / "printout.txt"
    many = "  (many): ModuleList(\n    (0-999999999): 1000000000 x ReLU()\n  )"
    path.write_text("\n".join(["Net(", *lines, many, ")"]))
    tab = opened(medt_gen.view(path))
    tab.click("#unfold")
    assert "1000000000 x ReLU" in tab.evaluate(
        "(() => { const tree = document.getElementById('tree');"
        " tree.scrollTop = tree.scrollHeight; return new Promise(resolve =>"
        " setTimeout(() => resolve(tree.textContent), 200)); })()"
    )
