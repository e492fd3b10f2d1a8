"""A figure as SVG: groups named by module path, text as text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from medt_gen.drawing.points import Point
from medt_gen.figures.compose import NATURAL
from medt_gen.figures.shapes import Area, Curve, Figure, Group, Shape, Text
from medt_gen.version import __version__

MARK = "drawn by medt-gen"
"""What every file of ours says of itself, so that no other one is written over."""

FONTS = "'Liberation Sans', Arial, Helvetica, sans-serif"
_MM = 25.4 / 72
_DASHES = "4 3"
# What XML can't hold, escaped or not.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def svg_text(figure: Figure) -> str:
    """The figure as the text of an SVG file."""
    return "\n".join(_Writer(figure).lines()) + "\n"


class _Writer:
    """Counts ids, which have to differ."""

    def __init__(self, figure: Figure) -> None:
        self._figure = figure
        self._ids: Counter[str] = Counter()

    def lines(self) -> Iterator[str]:
        figure = self._figure
        yield (
            '<svg xmlns="http://www.w3.org/2000/svg" '
            'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
            f'width="{self._length(figure.width)}" '
            f'height="{self._length(figure.height)}" '
            f'viewBox="0 0 {number(figure.width)} {number(figure.height)}" '
            f'font-family="{FONTS}" role="img">'
        )
        yield f"<!-- {MARK} {__version__} -->"
        yield f"<title>{_text(figure.name)}</title>"
        yield f'<rect width="100%" height="100%" fill="{figure.background}"/>'
        for shape in figure.shapes:
            yield from self._shape(shape, "")
        yield "</svg>"

    def _length(self, px: float) -> str:
        """A length as the file has it: in px, or in mm where a width was asked for."""
        figure = self._figure
        if figure.point == NATURAL:
            return number(px)
        return f"{number(px * figure.point * _MM)}mm"

    def _shape(self, shape: Shape, indent: str) -> Iterator[str]:
        if isinstance(shape, Group):
            yield from self._group(shape, indent)
        elif isinstance(shape, Area):
            yield indent + _area(shape)
        elif isinstance(shape, Curve):
            yield indent + _curve(shape)
        elif shape.text:
            yield indent + _label(shape)

    def _group(self, group: Group, indent: str) -> Iterator[str]:
        name = quoteattr(_clean(group.name))
        yield (
            f'{indent}<g id="{self._id(group.name)}" class="{group.kind}" '
            f"inkscape:label={name}>"
        )
        if group.says:
            yield f"{indent}  <title>{_text(group.says)}</title>"
        for shape in group.shapes:
            yield from self._shape(shape, indent + "  ")
        yield f"{indent}</g>"

    def _id(self, name: str) -> str:
        """A name as an id: without white space, and once in the file."""
        wanted = re.sub(r"[^\w.:-]+", "-", name).strip("-") or "group"
        self._ids[wanted] += 1
        count = self._ids[wanted]
        return wanted if count == 1 else f"{wanted}--{count}"


def _area(area: Area) -> str:
    at = area.at
    return (
        f'<rect x="{number(at.x)}" y="{number(at.y)}" width="{number(at.width)}" '
        f'height="{number(at.height)}" rx="{number(area.radius)}" '
        f'fill="{area.fill or "none"}"{_stroke(area.stroke, area.line)}'
        f"{_dashes(dashed=area.dashed)}/>"
    )


def _curve(curve: Curve) -> str:
    way = [f"M{_point(curve.start)}"]
    for segment in curve.segments:
        if segment.controls is None:
            way.append(f"L{_point(segment.to)}")
        else:
            one, other = segment.controls
            way.append(f"C{_point(one)} {_point(other)} {_point(segment.to)}")
    return (
        f'<path d="{" ".join(way)}" fill="{curve.fill or "none"}"'
        f"{_stroke(curve.stroke, curve.line)}{_dashes(dashed=curve.dashed)}/>"
    )


def _label(text: Text) -> str:
    halo = ""
    if text.halo is not None:
        halo = f' stroke="{text.halo}" stroke-width="3" paint-order="stroke"'
    return (
        f'<text x="{number(text.at[0])}" y="{number(text.at[1])}" '
        f'font-size="{number(text.size)}" text-anchor="{text.anchor}" '
        f'fill="{text.colour}"{halo}>{_text(text.text)}</text>'
    )


def _stroke(colour: str | None, width: float) -> str:
    if colour is None:
        return ""
    return f' stroke="{colour}" stroke-width="{number(width)}"'


def _dashes(*, dashed: bool) -> str:
    return f' stroke-dasharray="{_DASHES}"' if dashed else ""


def _point(point: Point) -> str:
    return f"{number(point[0])},{number(point[1])}"


def number(value: float) -> str:
    """A number as short as it goes, to a hundredth."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _text(text: str) -> str:
    return escape(_clean(text))


def _clean(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
