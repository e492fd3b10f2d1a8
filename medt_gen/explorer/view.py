"""`medt_gen.view`: the page of anything, to be written or shown in a notebook."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from medt_gen.compare.comparison import Comparison, compare_descriptions
from medt_gen.compare.descriptions import describe_model, describe_spec
from medt_gen.explorer.both import explored_both
from medt_gen.explorer.describe import Side, explored, read_side
from medt_gen.explorer.notebook import notebook_html
from medt_gen.explorer.page import page_text
from medt_gen.explorer.records import Exploration
from medt_gen.files.writing import write_text
from medt_gen.loading.spec import Spec
from medt_gen.printouts.regression.live import Stateful

Viewed = str | os.PathLike[str] | Spec | Stateful
"""What can be looked at."""


@dataclass(frozen=True)
class Page:
    """A page, as one file of HTML that needs no other one and no network."""

    exploration: Exploration = field(repr=False)

    @property
    def text(self) -> str:
        """The text of the file."""
        return page_text(self.exploration)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the page in one step; raises UnreadableInput where that fails."""
        write_text(Path(path), self.text)

    def _repr_html_(self) -> str:
        return notebook_html(self.exploration)


def view(left: Viewed, right: Viewed | None = None, *, exact: bool = False) -> Page:
    """The page of one side, or of two that are compared."""
    if right is None:
        return Page(explored(_side(left)))
    one, other = _side(left), _side(right)
    found = compare_descriptions(one.description, other.description, exact=exact)
    return Page(explored_both(found, right_edited=other.edited))


def _side(side: Viewed) -> Side:
    if isinstance(side, str | os.PathLike):
        return read_side(side)
    if isinstance(side, Spec):
        return Side(describe_spec(side.label, "spec", side))
    return Side(describe_model(side))


def spec_html(spec: Spec) -> str:
    """A loaded spec as a notebook shows it."""
    return view(spec)._repr_html_()


def comparison_html(found: Comparison) -> str:
    """A comparison as a notebook shows it."""
    return Page(explored_both(found))._repr_html_()
