"""The colours of figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from medt_gen.drawing.records import Family

_PALER = (0.0, 0.35, 0.6, 0.8)
TINTS = len(_PALER)
"""How many kinds of one family are told from each other."""

Colour = str
"""As in SVG: `#rrggbb`."""


@dataclass(frozen=True)
class Theme:
    """Colours by what they are for; `fills` are of boxes by their family.

    `ink` is of texts and lines, `skip` and `region` of skip connections and frames.
    """

    name: str
    background: Colour
    ink: Colour
    quiet: Colour
    skip: Colour
    region: Colour
    fills: Mapping[Family, Colour]

    @property
    def detail(self) -> Colour:
        """The colour of what stands in a box below its name."""
        return mixed(self.ink, self.background, 0.1)

    def fill(self, family: Family, tint: int = 0) -> Colour:
        """The colour of a family; of several kinds in one, each `tint` is paler."""
        return mixed(self.fills[family], self.background, _PALER[tint % TINTS])


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """A colour between two, `share` of it the other one."""
    pairs = (
        (int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)
    )
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _theme(name: str, inks: str, fills: str) -> Theme:
    families: tuple[Family, ...] = (
        "input",
        "attention",
        "convolution",
        "linear",
        "norm",
        "activation",
        "pooling",
        "resizing",
        "other",
        "operation",
    )
    colours = dict(zip(families, (f"#{item}" for item in fills.split()), strict=True))
    background, ink, quiet, skip, region = (f"#{item}" for item in inks.split())
    fixed = MappingProxyType(colours)
    return Theme(name, background, ink, quiet, skip, region, fixed)


_ALL = (
    _theme(
        "light",
        "ffffff 1f2328 57606a b3400e 3b5bb5",
        "e8ebef f5b8a8 b9cef5 d9c2f0 cfe8c9 f7e3a1 c5e3e6 c9e0d8 e3dccf f2f4f7",
    ),
    _theme(
        "dark",
        "16191d e6e8eb a3abb5 ffa36b 8fb0ff",
        "2b3036 7a3a2c 2d4a7d 573b78 2f5730 66561d 235a60 2c5648 4f4735 23272c",
    ),
    _theme(
        "print",
        "ffffff 000000 444444 000000 000000",
        "f4f4f4 bdbdbd dcdcdc cccccc ededed f4f4f4 e4e4e4 e4e4e4 eeeeee ffffff",
    ),
)

THEMES: Mapping[str, Theme] = {theme.name: theme for theme in _ALL}
"""The themes by name; `print` is in greys."""
