"""What a notebook shows of a spec or a comparison: the front door says who draws it.

A spec is made long before the room that draws it; neither may import the other way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

Kind = Literal["spec", "comparison"]
_DRAWN_BY: dict[Kind, Callable[[Any], str]] = {}


def drawn_by(kind: Kind, draw: Callable[[Any], str]) -> None:
    """Have things of this kind drawn by `draw`, which gives HTML."""
    _DRAWN_BY[kind] = draw


def drawn(kind: Kind, thing: object) -> str:
    """The HTML of a thing."""
    return _DRAWN_BY[kind](thing)
