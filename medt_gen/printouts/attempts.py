"""Reading a text as it is, and in the forms that undo what has happened to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from medt_gen.printouts.grammar import Fault, Found, PrintoutError
from medt_gen.printouts.locate import locate
from medt_gen.printouts.repair import (
    COLOUR,
    Repaired,
    repair,
    unescape,
    without_carriage_returns,
)
from medt_gen.printouts.tree import postorder


@dataclass(frozen=True, order=True)
class Rank:
    """How much an attempt has found; the greater one is better."""

    printouts: int
    laid_out: int
    modules: int


@dataclass(frozen=True)
class Attempt:
    """What reading one form of a text has come to: printouts, or what is wrong.

    `form` is the text that was read; every offset is one in it.
    """

    form: Repaired
    found: tuple[Found, ...] = ()
    fault: Fault | None = None

    @property
    def is_intact(self) -> bool:
        """Whether the text is one printout with its layout and nothing else."""
        return [(item.start, item.end, item.flattened) for item in self.found] == [
            (0, len(self.form.text), False)
        ]

    @property
    def is_silent(self) -> bool:
        """Whether nothing was found, not even what is wrong."""
        return not self.found and self.fault is None

    def rank(self, *, by_modules: bool) -> Rank:
        """By the printouts, and where as many are found also by their modules."""
        laid_out = sum(not item.flattened for item in self.found)
        modules = _modules(self.found) if by_modules else 0
        return Rank(len(self.found), laid_out, modules)


def _modules(found: Sequence[Found]) -> int:
    return sum(node.is_module for item in found for node in postorder(item.tree))


def attempt(text: str) -> Attempt:
    """Read every printout in one form of a text."""
    return _attempt(Repaired(text))


def _attempt(form: Repaired) -> Attempt:
    try:
        return Attempt(form, tuple(locate(form.text)))
    except PrintoutError as error:
        return Attempt(form, fault=error.fault)


def best_attempt(text: str) -> Attempt:
    """The text as it is, or in the form that shows most."""
    coloured = COLOUR in text
    # These hide rows one by one; other damage hides whole printouts.
    by_modules = coloured or any(sign in text for sign in ("<span", "\\(", "\\_"))
    given = without_carriage_returns(text)
    best = _attempt(given)
    if best.is_intact and not by_modules:
        return best
    if coloured and not best.is_intact:
        # What is left between colour codes is never more than a part.
        best = Attempt(given)
    for form in _forms(given):
        other = _attempt(form)
        better = other.rank(by_modules=by_modules) > best.rank(by_modules=by_modules)
        told = not best.found and other.fault is not None and form.of is given
        if better or told or (best.is_silent and not other.is_silent):
            best = other
    return best


def _forms(given: Repaired) -> Iterator[Repaired]:
    """The repaired forms of a text that differ from it, simple ones first."""
    repaired = repair(given)
    if repaired is not given:
        yield repaired
    plain = unescape(repaired)
    if plain is not repaired:
        yield plain
