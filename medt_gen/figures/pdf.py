"""A figure as PDF with its font in it, and as PNG from that.

The libraries come with the extra `figure`, and are imported where they are used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from medt_gen.drawing.points import Point
from medt_gen.drawing.text import text_width
from medt_gen.figures.shapes import Area, Curve, Figure, Group, Shape, Text, texts_of
from medt_gen.figures.svg import MARK
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.wording import shown
from medt_gen.version import __version__

_EXTRA = 'pip install "medt-gen[figure]"'
_MOST_PIXELS = 100_000_000
_POINTS_PER_INCH = 72
_DASHES = (4, 3)
_HALO = 3


def pdf_bytes(figure: Figure, font: Path | None = None) -> bytes:
    """The figure as a PDF of one page; `font` is a TrueType file in place of ours.

    Raises UnreadableInput where the libraries are not there, or the font can't be used.
    """
    with _libraries("a PDF"):
        from reportlab.pdfgen.canvas import Canvas
    stream = BytesIO()
    size = (figure.width * figure.point, figure.height * figure.point)
    name = _registered(font)
    canvas = Canvas(stream, pagesize=size, invariant=1, initialFontName=name)
    canvas.setTitle(figure.name)
    canvas.setCreator(f"{MARK} {__version__}")
    _Painter(canvas, figure, name).paint()
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


def png_bytes(figure: Figure, dpi: int, font: Path | None = None) -> bytes:
    """The figure as a PNG of so many pixels per inch; raises UnreadableInput."""
    with _libraries("a PNG"):
        from PIL.PngImagePlugin import PngInfo
        from pypdfium2 import PdfDocument
    scale = dpi / _POINTS_PER_INCH
    pixels = figure.width * figure.height * (figure.point * scale) ** 2
    if pixels > _MOST_PIXELS:
        message = f"--dpi {dpi} makes {pixels / 1e6:,.0f} million pixels of this figure"
        help = f"at most {_MOST_PIXELS // 10**6} million are drawn"
        raise UnreadableInput(Diagnostic("usage", message, help=help))
    document = PdfDocument(pdf_bytes(figure, font))
    image = document[0].render(scale=scale).to_pil()
    information = PngInfo()
    information.add_text("Software", f"{MARK} {__version__}")
    stream = BytesIO()
    image.save(stream, "PNG", dpi=(dpi, dpi), optimize=True, pnginfo=information)
    return stream.getvalue()


def unknown_letters(figure: Figure, font: Path | None = None) -> list[str]:
    """The letters of a figure that the font does not have."""
    known = _face(_registered(font)).charToGlyph
    letters = {letter for text in texts_of(figure.shapes) for letter in text.text}
    return sorted(letter for letter in letters if ord(letter) not in known)


@contextmanager
def _libraries(what: str) -> Iterator[None]:
    """Say how to install what is not there."""
    try:
        yield
    except ImportError as error:
        message = f"can't write {what} without {error.name}"
        raise UnreadableInput(Diagnostic("unwritable", message, help=_EXTRA)) from None


# --- fonts ----------------------------------------------------------------------------


def _registered(font: Path | None) -> str:
    """The name under which a font is known to the library."""
    with _libraries("a PDF"):
        import font_source_sans_pro
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.ttfonts import TTFError, TTFont
    path = font or Path(font_source_sans_pro.font_files_ttf["SourceSansPro"])
    name = f"medt-gen {path}"
    if name not in pdfmetrics.getRegisteredFontNames():
        try:
            pdfmetrics.registerFont(TTFont(name, str(path)))
        except (TTFError, OSError, ValueError) as error:
            message = f"--font {shown(str(path), 200)} can't be used: {error}"
            help = "a TrueType file has the ending .ttf"
            raise UnreadableInput(Diagnostic("usage", message, help=help)) from None
    return name


def _face(font: str) -> Any:
    from reportlab.pdfbase import pdfmetrics

    return pdfmetrics.getFont(font).face


# --- painting -------------------------------------------------------------------------


class _Painter:
    """Paints shapes on a page, whose y grows upwards, in points."""

    def __init__(self, canvas: Any, figure: Figure, font: str) -> None:
        self._canvas = canvas
        self._figure = figure
        self._font = font

    def paint(self) -> None:
        figure = self._figure
        self._canvas.scale(figure.point, figure.point)
        self._canvas.setFillColor(figure.background)
        self._canvas.rect(0, 0, figure.width, figure.height, stroke=0, fill=1)
        for shape in figure.shapes:
            self._shape(shape)

    def _shape(self, shape: Shape) -> None:
        if isinstance(shape, Group):
            for inner in shape.shapes:
                self._shape(inner)
        elif isinstance(shape, Area):
            self._area(shape)
        elif isinstance(shape, Curve):
            self._curve(shape)
        elif shape.text:
            self._text(shape)

    def _up(self, point: Point) -> Point:
        return (point[0], self._figure.height - point[1])

    def _area(self, area: Area) -> None:
        at = area.at
        x, y = self._up((at.x, at.y + at.height))
        self._style(area.fill, area.stroke, area.line, dashed=area.dashed)
        self._canvas.roundRect(
            x,
            y,
            at.width,
            at.height,
            min(area.radius, at.width / 2, at.height / 2),
            stroke=int(area.stroke is not None),
            fill=int(area.fill is not None),
        )

    def _curve(self, curve: Curve) -> None:
        path = self._canvas.beginPath()
        path.moveTo(*self._up(curve.start))
        for segment in curve.segments:
            if segment.controls is None:
                path.lineTo(*self._up(segment.to))
            else:
                one, other = segment.controls
                path.curveTo(*self._up(one), *self._up(other), *self._up(segment.to))
        self._style(curve.fill, curve.stroke, curve.line, dashed=curve.dashed)
        self._canvas.drawPath(
            path,
            stroke=int(curve.stroke is not None),
            fill=int(curve.fill is not None),
        )

    def _style(
        self, fill: str | None, stroke: str | None, line: float, *, dashed: bool
    ) -> None:
        self._canvas.setDash(*(_DASHES if dashed else ()))
        self._canvas.setLineWidth(line)
        if fill is not None:
            self._canvas.setFillColor(fill)
        if stroke is not None:
            self._canvas.setStrokeColor(stroke)

    def _text(self, text: Text) -> None:
        """The text in the room that it was given: wider fonts are drawn narrower."""
        from reportlab.pdfbase import pdfmetrics

        room = text_width(text.text, text.size)
        wide = pdfmetrics.stringWidth(text.text, self._font, text.size)
        narrower = min(1.0, room / wide) if wide else 1.0
        x, y = self._up(text.at)
        start = x - wide * narrower / 2 if text.anchor == "middle" else x
        if text.halo is not None:
            self._halo(text, (start, y), narrower)
        self._words(text, (start, y), narrower, text.colour)

    def _words(self, text: Text, at: Point, narrower: float, colour: str) -> None:
        words = self._canvas.beginText(*at)
        words.setFont(self._font, text.size)
        words.setHorizScale(100 * narrower)
        words.setFillColor(colour)
        words.textOut(text.text)
        self._canvas.drawText(words)

    def _halo(self, text: Text, at: Point, narrower: float) -> None:
        """What is behind the text, so that no line runs through it; it is no text."""
        from reportlab.pdfbase import pdfmetrics

        wide = pdfmetrics.stringWidth(text.text, self._font, text.size) * narrower
        self._canvas.setFillColor(text.halo)
        self._canvas.rect(
            at[0] - 1, at[1] - text.size * 0.2, wide + 2, text.size, stroke=0, fill=1
        )
