"""A figure as TikZ: a LaTeX file of one page that stands alone."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator

from medt_gen.drawing.points import Point
from medt_gen.figures.shapes import Area, Curve, Figure, Group, Shape, Text, texts_of
from medt_gen.figures.svg import MARK, number
from medt_gen.version import __version__

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "…": r"\dots{}",
}
_UNKNOWN = "?"


def tikz_text(figure: Figure) -> str:
    """The figure as the text of a LaTeX file."""
    return "\n".join(_Writer(figure).lines()) + "\n"


def unknown_letters(figure: Figure) -> list[str]:
    """The letters of a figure that LaTeX's own fonts don't have."""
    found = Counter(
        letter
        for text in texts_of(figure.shapes)
        for letter in text.text
        if _letter(letter) == _UNKNOWN and letter != _UNKNOWN
    )
    return list(found)


class _Writer:
    def __init__(self, figure: Figure) -> None:
        self._figure = figure
        self._colours: dict[str, str] = {}

    def lines(self) -> Iterator[str]:
        figure = self._figure
        body = [line for shape in figure.shapes for line in self._shape(shape)]
        width, height = self._pt(figure.width), self._pt(figure.height)
        yield f"% {figure_name(figure)}, {MARK} {__version__}"
        yield "% For a paper of your own: \\usepackage{tikz}, the colours, the picture."
        yield "\\documentclass{article}"
        yield (
            f"\\usepackage[paperwidth={width}bp,paperheight={height}bp,"
            "margin=0pt,noheadfoot]{geometry}"
        )
        yield "\\usepackage{tikz}"
        yield "\\pagestyle{empty}"
        yield "\\parindent0pt \\topskip0pt \\parskip0pt \\lineskip0pt"
        for colour, name in self._colours.items():
            yield f"\\definecolor{{{name}}}{{HTML}}{{{colour[1:].upper()}}}"
        # Computer Modern Sans in any size, from its outlines.
        yield "\\DeclareFontFamily{OT1}{figure}{}"
        yield "\\DeclareFontShape{OT1}{figure}{m}{n}{<-> cmss10}{}"
        yield "\\begin{document}%"
        yield "\\fontencoding{OT1}\\fontfamily{figure}\\selectfont%"
        yield "\\begin{tikzpicture}[x=1bp, y=-1bp, inner sep=0pt, outer sep=0pt]"
        yield f"\\useasboundingbox (0,0) rectangle ({width},{height});"
        yield from body
        yield "\\end{tikzpicture}%"
        yield "\\end{document}"

    def _pt(self, px: float) -> str:
        return number(px * self._figure.point)

    def _shape(self, shape: Shape) -> Iterator[str]:
        if isinstance(shape, Group):
            yield f"% {_comment(shape.name)}"
            for inner in shape.shapes:
                yield from self._shape(inner)
        elif isinstance(shape, Area):
            yield self._area(shape)
        elif isinstance(shape, Curve):
            yield self._curve(shape)
        elif shape.text:
            yield self._text(shape)

    def _area(self, area: Area) -> str:
        at = area.at
        end = (at.x + at.width, at.y + at.height)
        style = self._style(area.fill, area.stroke, area.line, dashed=area.dashed)
        corners = f"rounded corners={self._pt(area.radius)}bp"
        return (
            f"\\path[{style}, {corners}] {self._point((at.x, at.y))} "
            f"rectangle {self._point(end)};"
        )

    def _curve(self, curve: Curve) -> str:
        way = [self._point(curve.start)]
        for segment in curve.segments:
            if segment.controls is None:
                way.append(f"-- {self._point(segment.to)}")
            else:
                one, other = (self._point(point) for point in segment.controls)
                end = self._point(segment.to)
                way.append(f".. controls {one} and {other} .. {end}")
        style = self._style(curve.fill, curve.stroke, curve.line, dashed=curve.dashed)
        return f"\\path[{style}] {' '.join(way)};"

    def _style(
        self, fill: str | None, stroke: str | None, line: float, *, dashed: bool
    ) -> str:
        style = [f"line width={self._pt(line)}bp"]
        style += [f"fill={self._colour(fill)}"] if fill else []
        style += [f"draw={self._colour(stroke)}"] if stroke else []
        if dashed:
            on, off = self._pt(4), self._pt(3)
            style.append(f"dash pattern=on {on}bp off {off}bp")
        return ", ".join(style)

    def _text(self, text: Text) -> str:
        anchor = "base" if text.anchor == "middle" else "base west"
        size = self._pt(text.size)
        font = f"\\fontsize{{{size}bp}}{{{size}bp}}\\selectfont"
        colour = self._colour(text.colour)
        halo = ""
        if text.halo is not None:
            halo = f", fill={self._colour(text.halo)}, inner ysep={self._pt(1)}bp"
        words = "".join(_letter(letter) for letter in text.text)
        return (
            f"\\node[anchor={anchor}, text={colour}, font={font}{halo}] "
            f"at {self._point(text.at)} {{{words}}};"
        )

    def _colour(self, colour: str) -> str:
        return self._colours.setdefault(colour, f"medt{_letters(len(self._colours))}")

    def _point(self, point: Point) -> str:
        return f"({self._pt(point[0])},{self._pt(point[1])})"


def figure_name(figure: Figure) -> str:
    """The name of a figure for a comment: one line."""
    return _comment(figure.name)


def _comment(text: str) -> str:
    return " ".join(text.encode("ascii", "replace").decode().split())


def _letters(number: int) -> str:
    """A name for a number: a to z, then ba and so on."""
    rest, last = divmod(number, 26)
    return (_letters(rest) if rest else "") + chr(ord("a") + last)


def _letter(letter: str) -> str:
    """A letter as LaTeX takes it; its fonts have those of western Europe."""
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if " " <= letter <= "~":
        return letter
    parts = unicodedata.normalize("NFD", letter)
    base, marks = parts[0], parts[1:]
    accents = {
        "\u0300": "`",
        "\u0301": "'",
        "\u0302": "^",
        "\u0303": "~",
        "\u0308": '"',
    }
    if marks in accents and base.isascii() and base.isalpha():
        return f"\\{accents[marks]}{{{base}}}"
    return _UNKNOWN
