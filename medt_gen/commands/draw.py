"""`medt-gen draw`: the figure of a network for a paper, or as text for a README."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from medt_gen.commands.options import add_spec_options, load_spec
from medt_gen.commands.shown import show_warnings
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.wording import counted, did_you_mean, shown

if TYPE_CHECKING:
    from medt_gen.drawing.drawing import Drawing
    from medt_gen.figures.shapes import Figure
    from medt_gen.loading.spec import Spec

_ENDINGS = (".svg", ".pdf", ".png", ".tex", ".mmd")
_THEMES = ("light", "dark", "print")
_UNITS = {"mm": 72 / 25.4, "cm": 720 / 25.4, "in": 72.0, "pt": 72 / 72.27, "px": 0.75}
_WIDTH = re.compile(r"(\d{1,5}(?:\.\d+)?)\s*([a-z]{2})")
_WIDTHS = (20.0, 20_000.0)
_DPI = (10, 2_400)
_USUAL_DPI = 300
_DEEPEST = 64
_LARGEST = {".pdf": 14_400, ".png": 14_400, ".tex": 16_000}
"""The longest side that a format has room for, in points; a PNG is drawn as a PDF."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_spec_options(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        required=True,
        help=f"where to write; the ending says what: {', '.join(_ENDINGS)} (Mermaid)",
    )
    parser.add_argument(
        "--depth",
        metavar="N",
        default="1",
        help="how many levels are drawn: 1, the usual one, has the flow alone, 2 what "
        "its boxes hold, and so on",
    )
    parser.add_argument(
        "--theme", choices=_THEMES, default="light", help="`print` is in greys"
    )
    parser.add_argument(
        "--width",
        metavar="LENGTH",
        help="how wide it is on paper, as in 84mm, 17.5cm, 3.3in, 240pt or 800px; text "
        "stays at 5 points or more, and what does not fit is left out",
    )
    parser.add_argument(
        "--dpi",
        metavar="N",
        help=f"pixels per inch of a PNG, {_USUAL_DPI} without it",
    )
    parser.add_argument(
        "--font",
        metavar="FILE",
        help="a TrueType font for a PDF or PNG, for letters that the usual one lacks",
    )
    parser.add_argument(
        "--force", action="store_true", help="replace a file that is no figure of ours"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the figure, and say what did not fit."""
    path = Path(arguments.output)
    ending = _ending(path)
    depth = _number("--depth", arguments.depth, (1, _DEEPEST))
    width = _width(arguments.width)
    dpi = _number("--dpi", arguments.dpi or str(_USUAL_DPI), _DPI)
    font = Path(arguments.font) if arguments.font is not None else None
    _refuse_useless(arguments, ending)
    spec = load_spec(arguments, arguments.spec)
    show_warnings(spec)
    drawing = _drawing(spec)
    from medt_gen.files.writing import existing

    _keep_others(path, existing(path), force=arguments.force)
    if ending == ".mmd":
        _write_mermaid(path, spec, drawing)
        return 0
    from medt_gen.figures.network import network_figure

    figure = network_figure(
        spec.usual, drawing, depth=depth, theme=arguments.theme, width=width
    )
    _refuse_too_large(figure, ending)
    left_out = [*figure.left_out, *_write(path, ending, figure, dpi, font)]
    print(f"{path}: written, {_size(figure)}")
    for line in left_out:
        print(f"left out: {line}", file=sys.stderr)
    return 0


# --- options --------------------------------------------------------------------------


def _ending(path: Path) -> str:
    if path.suffix in _ENDINGS:
        return path.suffix
    message = f"{shown(str(path), 200)} has to end with {', '.join(_ENDINGS)}"
    near = did_you_mean(path.suffix, _ENDINGS) if path.suffix else None
    raise UnreadableInput(Diagnostic("usage", message, help=near))


def _number(option: str, text: str, ends: tuple[int, int]) -> int:
    digits = text.isascii() and text.isdecimal() and len(text) < 10
    if digits and ends[0] <= int(text) <= ends[1]:
        return int(text)
    message = f"{option} takes a number from {ends[0]} to {ends[1]:,}"
    raise UnreadableInput(Diagnostic("usage", f"{message}, not {shown(text)}"))


def _width(text: str | None) -> float | None:
    """The width in points of 1/72 inch, as PDF and SVG have them."""
    if text is None:
        return None
    found = _WIDTH.fullmatch(text.strip())
    if found is None or found[2] not in _UNITS:
        message = f"--width takes a length such as 84mm, not {shown(text)}"
        help = f"units: {', '.join(_UNITS)}"
        raise UnreadableInput(Diagnostic("usage", message, help=help))
    points = float(found[1]) * _UNITS[found[2]]
    least, most = _WIDTHS
    if least <= points <= most:
        return points
    message = f"--width {shown(text)} is not from {least:.0f}pt to {most:,.0f}pt"
    raise UnreadableInput(Diagnostic("usage", message))


def _refuse_useless(arguments: argparse.Namespace, ending: str) -> None:
    """An option that changes nothing is a mistake, and is said."""
    only = {"dpi": (".png",), "font": (".pdf", ".png")}
    for name, endings in only.items():
        if getattr(arguments, name) is not None and ending not in endings:
            message = f"--{name} is for {' and '.join(endings)}, not for {ending}"
            raise UnreadableInput(Diagnostic("usage", message))
    if ending == ".mmd" and (arguments.width or arguments.depth != "1"):
        option = "--width" if arguments.width else "--depth"
        message = f"{option} is not for .mmd: what draws it decides"
        raise UnreadableInput(Diagnostic("usage", message))


def _refuse_too_large(figure: Figure, ending: str) -> None:
    """No page of PDF or LaTeX is larger than its format allows."""
    most = _LARGEST.get(ending)
    side = max(figure.width, figure.height) * figure.point
    if most is not None and side > most:
        message = (
            f"this figure is {_size(figure)}, and {ending} has room for "
            f"{most / 72 * 25.4:,.0f} mm"
        )
        help = "draw it narrower with --width, or less of it with --depth"
        raise UnreadableInput(Diagnostic("usage", message, help=help))


# --- drawing --------------------------------------------------------------------------


def _drawing(spec: Spec) -> Drawing:
    from medt_gen.drawing.drawing import Drawing
    from medt_gen.drawing.graphs import network_graphs

    graphs = network_graphs(spec.usual)
    if graphs is None:
        message = f"{spec.label} has no `forward:`, and it is the flow that is drawn"
        help = "`medt-gen view` shows its tree"
        raise UnreadableInput(Diagnostic("usage", message, help=help))
    return Drawing(graphs)


def _size(figure: Figure) -> str:
    millimetres = (
        side * figure.point * 25.4 / 72 for side in (figure.width, figure.height)
    )
    return " x ".join(f"{side:.0f}" for side in millimetres) + " mm"


# --- writing --------------------------------------------------------------------------


def _keep_others(path: Path, before: str | None, *, force: bool) -> None:
    from medt_gen.figures.svg import MARK
    from medt_gen.files.writing import OTHER_OUTPUT, not_overwritten

    if before and MARK not in before and not force:
        raise not_overwritten(path, "it is no figure of ours", OTHER_OUTPUT)


def _write_mermaid(path: Path, spec: Spec, drawing: Drawing) -> None:
    from medt_gen.figures.mermaid import mermaid_text
    from medt_gen.files.writing import write_text

    write_text(path, mermaid_text(spec.title, drawing.graphs.root))
    print(f"{path}: written")


def _write(
    path: Path, ending: str, figure: Figure, dpi: int, font: Path | None
) -> list[str]:
    """Write the figure; what is told are the letters that are not in it."""
    from medt_gen.files.writing import write_text, write_with

    if ending == ".svg":
        from medt_gen.figures.svg import svg_text

        write_text(path, svg_text(figure))
        return []
    if ending == ".tex":
        from medt_gen.figures import tikz

        write_text(path, tikz.tikz_text(figure))
        return _letters(tikz.unknown_letters(figure), "LaTeX's usual fonts do not have")
    from medt_gen.figures import pdf

    if ending == ".pdf":
        content = pdf.pdf_bytes(figure, font)
    else:
        content = pdf.png_bytes(figure, dpi, font)
    write_with(path, _putting(content))
    return _letters(
        pdf.unknown_letters(figure, font), "the font does not have (--font)"
    )


def _putting(content: bytes) -> Callable[[str], object]:
    return lambda name: Path(name).write_bytes(content)


def _letters(unknown: list[str], lacking: str) -> list[str]:
    if not unknown:
        return []
    some = shown("".join(unknown[:20]))
    return [f"{counted(len(unknown), 'letter')} that {lacking}: {some}"]
