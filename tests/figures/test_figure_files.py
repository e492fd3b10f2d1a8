"""PDF, PNG, TikZ and Mermaid, and what `draw` refuses."""

from __future__ import annotations

import builtins

import pytest
from support import NAMES, run

from medt_gen.drawing.drawing import Drawing
from medt_gen.drawing.graphs import network_graphs
from medt_gen.figures.themes import THEMES, TINTS


def test_a_pdf_has_its_font_in_it_and_texts_that_can_be_selected(tmp_path, capsys):
    import pypdfium2

    path = tmp_path / "figure.pdf"
    status, out, _ = run(capsys, "draw", "gated", "-o", path, "--width", "120mm")
    assert status == 0
    assert out.startswith(f"{path}: written, 120 x ")
    content = path.read_bytes()
    assert b"/FontFile2" in content
    assert b"/Helvetica" not in content
    document = pypdfium2.PdfDocument(content)
    assert len(document) == 1
    text = document[0].get_textpage().get_text_range()
    assert "layer1" in text
    assert "32 x 64 x 64" in text


def test_the_same_figure_is_the_same_file(tmp_path, capsys):
    first, second = tmp_path / "a.pdf", tmp_path / "b.pdf"
    for path in (first, second):
        assert run(capsys, "draw", "gated", "-o", path)[0] == 0
    assert first.read_bytes() == second.read_bytes()


def test_a_png_has_the_pixels_that_were_asked_for(tmp_path, capsys):
    from PIL import Image

    path = tmp_path / "figure.png"
    status, _, _ = run(
        capsys, "draw", "gated", "-o", path, "--dpi", "150", "--width", "100mm"
    )
    assert status == 0
    with Image.open(path) as image:
        assert image.width == pytest.approx(100 / 25.4 * 150, abs=2)
        assert image.info["dpi"][0] == pytest.approx(150, abs=0.5)
        assert len(image.convert("RGB").getcolors(1 << 24)) > 50
    assert run(capsys, "draw", "gated", "-o", path)[0] == 0


def test_letters_that_the_font_lacks_are_told(tmp_path, capsys):
    spec = tmp_path / "spec.yaml"
    spec.write_text(
        "medt-gen: 1\nclass: Net\ninput: {channels: 1, size: 8}\nblocks:\n"
        "  Own:\n    title: 网络\n    modules:\n"
        "      conv: {type: Conv2d, out_channels: 2, kernel_size: 1}\n"
        "    forward: {out: x | conv}\n"
        "modules: {own: Own}\nforward: {out: x | own}\n",
        encoding="utf-8",
    )
    path = tmp_path / "figure.pdf"
    status, _, told = run(capsys, "draw", spec, "-o", path)
    assert status == 0
    assert "left out: 2 letters that the font does not have (--font): 络网" in told
    status, _, told = run(capsys, "draw", spec, "-o", tmp_path / "figure.tex")
    assert "2 letters that LaTeX's usual fonts do not have" in told


def test_latex_means_nothing_in_names(tmp_path, capsys):
    spec = tmp_path / "spec.yaml"
    spec.write_text(
        'medt-gen: 1\nclass: Net\ntitle: "\\\\input{x} 50% é $a_b$"\n'
        "input: {channels: 1, size: 8}\n"
        "modules: {a_b: {type: Conv2d, out_channels: 2, kernel_size: 1}}\n"
        "forward: {out: x | a_b}\n"
    )
    path = tmp_path / "figure.tex"
    assert run(capsys, "draw", spec, "-o", path)[0] == 0
    text = path.read_text()
    assert "{a\\_b}" in text
    assert all(line.startswith("%") for line in text.splitlines() if "input{x}" in line)


def test_mermaid(tmp_path, capsys):
    path = tmp_path / "figure.mmd"
    assert run(capsys, "draw", "medt", "-o", path)[0] == 0
    lines = path.read_text().splitlines()
    assert lines[1] == "flowchart LR"
    assert '  subgraph r0["local: 4 x 4 patches"]' in lines
    assert '  b2 -.->|"32 x 64 x 64"| b4' in lines
    assert '  b1 -->|"8 x 64 x 64"| b2' in lines


def test_mermaid_means_nothing_in_names():
    from medt_gen.drawing.records import Box, Graph
    from medt_gen.figures.mermaid import mermaid_text

    box = Box("k", "layer", "other", 'a"]; click b "javascript:x"', "", (1, 2))
    line = mermaid_text("Net", Graph((box,), ())).splitlines()[2]
    inner = line.removeprefix('  b0["').removesuffix('"]')
    assert not set('"[]()') & set(inner)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "x.jpg"], "x.jpg has to end with .svg, .pdf, .png, .tex, .mmd"),
        (["-o", "x"], "x has to end with .svg"),
        (["-o", "x.svg", "--depth", "0"], "--depth takes a number from 1 to 64, not 0"),
        (["-o", "x.svg", "--depth", "two"], "--depth takes a number from 1 to 64"),
        (["-o", "x.svg", "--width", "84"], "--width takes a length such as 84mm"),
        (["-o", "x.svg", "--width", "0mm"], "--width 0mm is not from 20pt to 20,000pt"),
        (["-o", "x.svg", "--dpi", "300"], "--dpi is for .png, not for .svg"),
        (
            ["-o", "x.svg", "--font", "a.ttf"],
            "--font is for .pdf and .png, not for .svg",
        ),
        (["-o", "x.png", "--dpi", "9"], "--dpi takes a number from 10 to 2,400, not 9"),
        (["-o", "x.mmd", "--width", "84mm"], "--width is not for .mmd"),
        (["-o", "x.mmd", "--depth", "2"], "--depth is not for .mmd"),
        (["-o", "x.pdf", "--font", "none.ttf"], "--font none.ttf can't be used"),
        (["-o", "x.png", "--dpi", "2400", "--width", "2000mm"], "million pixels"),
        (
            ["-o", "x.tex", "--depth", "3", "--width", "4000mm"],
            "and .tex has room for 5,644 mm",
        ),
        (["-o", "no/x.svg"], "can't write no/x.svg: No such file or directory"),
    ],
)
def test_what_is_refused(tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    status, _, told = run(capsys, "draw", "gated", *arguments)
    assert status == 2
    assert message in told
    assert not list(tmp_path.iterdir())


def test_another_file_is_not_written_over(tmp_path, capsys):
    path = tmp_path / "figure.svg"
    path.write_text("<svg>mine</svg>")
    status, _, told = run(capsys, "draw", "gated", "-o", path)
    assert status == 1
    assert "is kept: it is no figure of ours" in told
    assert path.read_text() == "<svg>mine</svg>"
    assert run(capsys, "draw", "gated", "-o", path, "--force")[0] == 0
    assert run(capsys, "draw", "medt", "-o", path)[0] == 0


def test_without_the_libraries_a_pdf_says_what_to_install(
    tmp_path, capsys, monkeypatch
):
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("reportlab"):
            raise ImportError("none", name="reportlab")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    status, _, told = run(capsys, "draw", "gated", "-o", tmp_path / "x.pdf")
    assert status == 2
    assert "can't write a PDF without reportlab" in told
    assert 'pip install "medt-gen[figure]"' in told
    assert not list(tmp_path.iterdir())


def test_a_spec_without_a_flow_is_not_drawn(tmp_path, capsys):
    spec = tmp_path / "spec.yaml"
    spec.write_text(
        "medt-gen: 1\nclass: Net\ninput: {channels: 1, size: 8}\n"
        "modules: {conv: {type: Conv2d, in_channels: 1, out_channels: 2, kernel_size: 1}}\n"
    )
    status, _, told = run(capsys, "draw", spec, "-o", tmp_path / "x.svg")
    assert status == 2
    assert "has no `forward:`, and it is the flow that is drawn" in told


# --- colours --------------------------------------------------------------------------


def luminance(colour):
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", THEMES)
def test_texts_can_be_read_on_every_colour(name):
    theme = THEMES[name]
    for family in theme.fills:
        for tint in range(TINTS):
            assert contrast(theme.ink, theme.fill(family, tint)) >= 4.5
            assert contrast(theme.detail, theme.fill(family, tint)) >= 4.5
    for colour in (theme.quiet, theme.skip, theme.region):
        assert contrast(colour, theme.background) >= 4.5


@pytest.mark.parametrize("name", NAMES)
def test_every_box_of_every_network_has_a_colour(name):
    import medt_gen

    drawing = Drawing(network_graphs(medt_gen.load(name).usual))
    families = {box.family for graph in drawing.graphs.graphs for box in graph.boxes}
    assert families <= set(THEMES["light"].fills)
