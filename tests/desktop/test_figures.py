"""Figures by the programs of others: LaTeX compiles them, and fonts are in PDFs."""

from __future__ import annotations

import re
import subprocess

import pytest
from support import DRAFTS, GALLERY, SPECS, run

pytestmark = pytest.mark.desktop

PATHS = (*sorted(SPECS.glob("*.yaml")), *GALLERY, *sorted(DRAFTS.glob("*.yaml")))


def output(*command, cwd):
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, errors="replace"
    )
    assert done.returncode == 0, done.stdout[-2000:]
    return done.stdout


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_latex_compiles_every_figure_to_one_page(tmp_path, capsys, path):
    for depth, width in (("1", ("--width", "120mm")), ("3", ())):
        figure = tmp_path / "figure.tex"
        arguments = ("-o", figure, "--depth", depth, *width)
        assert run(capsys, "draw", path, *arguments)[0] == 0
        output(
            "pdflatex",
            "-interaction=nonstopmode",
            "-halt-on-error",
            "figure.tex",
            cwd=tmp_path,
        )
        log = (tmp_path / "figure.log").read_text(errors="replace")
        assert "Overfull" not in log
        assert re.search(r"Output written on figure\.pdf \(1 page", log)
        fonts = output("pdffonts", "figure.pdf", cwd=tmp_path).splitlines()[2:]
        assert all("Type 1" in line and " yes yes yes " in line for line in fonts)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_font_of_a_pdf_is_in_it(tmp_path, capsys, path):
    assert run(capsys, "draw", path, "-o", tmp_path / "figure.pdf")[0] == 0
    fonts = output("pdffonts", "figure.pdf", cwd=tmp_path).splitlines()[2:]
    assert len(fonts) == 1
    assert re.search(r"\+SourceSansPro-Regular +TrueType +\S+ +yes yes yes", fonts[0])
    text = output("pdftotext", "figure.pdf", "-", cwd=tmp_path)
    assert "x" in text.split()
