"""The printouts of a text, be it a log or a web page: found, named, chosen."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from medt_gen.messages.codes import Code
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, Note, Place, Source
from medt_gen.messages.wording import nearest
from medt_gen.printouts.grammar import Enclosing, Fault, Found, PrintoutError
from medt_gen.printouts.locate import NOISE, locate
from medt_gen.printouts.repair import COLOUR, original_column, repair
from medt_gen.printouts.tree import Node, postorder

_SECTION = re.compile(r"\s*(#{1,6}\s+\S|\d+(\.\d+)+\.?\s+\S)")
_FENCES = "`~"


@dataclass(frozen=True)
class Printout:
    """One printout found in a text.

    Attributes:
        tree: the root of what was printed.
        heading: the section heading, or else the line of prose, before it; may be "".
        line: the line (from 1) on which it starts.
        flattened: line breaks and indentation were lost; read by parentheses.
    """

    tree: Node
    heading: str
    line: int
    flattened: bool


def parse(text: str, name: str = "<text>") -> Node:
    """Read the one printout in a text.

    Raises:
        InvalidInput: there is none, or more than one, or it is cut off or ambiguous.
    """
    return pick(find(text, name)).tree


def find(text: str, name: str = "<text>") -> tuple[Printout, ...]:
    """Read every printout in a text, in order; there is at least one.

    Args:
        text: anything with printouts in it.
        name: what to call the text in diagnostics, such as its path.

    Raises:
        InvalidInput: a printout is cut off, broken or ambiguous, or there is none.
    """
    return _printouts(_best_attempt(text), Source(name, text))


@dataclass(frozen=True, order=True)
class Rank:
    """How much an attempt has found; the greater one is better."""

    printouts: int
    modules: int


@dataclass(frozen=True)
class Attempt:
    """What reading one form of a text has come to: printouts, or what is wrong."""

    text: str
    found: tuple[Found, ...] = ()
    fault: Fault | None = None

    @property
    def is_intact(self) -> bool:
        """Whether the text is one printout with its layout and nothing else."""
        return [(item.start, item.end, item.flattened) for item in self.found] == [
            (0, len(self.text), False)
        ]

    def rank(self, *, by_modules: bool) -> Rank:
        """By the printouts, and where as many are found also by their modules."""
        return Rank(len(self.found), _modules(self.found) if by_modules else 0)


def _modules(found: Sequence[Found]) -> int:
    return sum(node.is_module for item in found for node in postorder(item.tree))


def _best_attempt(text: str) -> Attempt:
    """The text as it is, or repaired where that finds more."""
    first = attempt(text)
    coloured = COLOUR in text
    if first.is_intact and not coloured:
        return first
    repaired = repair(text)
    if repaired == text:
        return first
    second = attempt(repaired)
    # Colour codes hide rows one by one; other damage hides whole printouts.
    ranks = [item.rank(by_modules=coloured) for item in (first, second)]
    return second if not first.found or ranks[1] > ranks[0] else first


def attempt(text: str) -> Attempt:
    """Read every printout in one form of a text."""
    try:
        return Attempt(text, tuple(locate(text)))
    except PrintoutError as error:
        return Attempt(text, fault=error.fault)


def _printouts(chosen: Attempt, source: Source) -> tuple[Printout, ...]:
    lines = _Lines(chosen.text)
    if chosen.fault is not None:
        raise InvalidInput(_diagnostic(chosen.fault, lines, source))
    if not chosen.found:
        raise InvalidInput(_nothing(source))
    ends = [0, *(item.end for item in chosen.found)]
    return tuple(
        Printout(
            item.tree,
            _heading(chosen.text[end : item.start]),
            lines.number(item.start) + 1,
            item.flattened,
        )
        for item, end in zip(chosen.found, ends, strict=False)
    )


def _nothing(source: Source) -> Diagnostic:
    return Diagnostic(
        code="printout-none",
        message=f"no printed module tree found in {source.name}",
        help="a printout starts like `Net(` and has rows like `(conv): Conv2d(...)`",
    )


class _Lines:
    """Offsets to lines, both from 0."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        lengths = accumulate((len(line) + 1 for line in self.lines), initial=0)
        self.starts = list(lengths)[:-1]

    def number(self, offset: int) -> int:
        return bisect_right(self.starts, offset) - 1


def _diagnostic(fault: Fault, lines: _Lines, source: Source) -> Diagnostic:
    """Offsets become places, and each module that was not closed a note."""
    notes = tuple(
        Note(_note(item), _place(lines, source, item.position))
        for item in reversed(fault.enclosing)
    )
    return Diagnostic(
        code=fault.code,
        message=fault.message,
        place=_place(lines, source, fault.position),
        help=_HELP.get(fault.code),
        notes=notes,
    )


_HELP: dict[Code, str] = {
    "printout-cut-off": "copy the printout again, down to its last `)`",
    "printout-broken": "copy the printout again, with its indentation",
    "printout-ambiguous": "copy the printout with its line breaks and indentation",
}


def _note(item: Enclosing) -> str:
    return f"{item.path or 'the root'} ({item.type}) was opened here"


def _place(lines: _Lines, source: Source, offset: int) -> Place:
    number = lines.number(offset)
    given = source.text.split("\n")[number]
    column = offset - lines.starts[number]
    if given != lines.lines[number]:
        column = original_column(given, column)
    return Place(source, number + 1, column + 1, number + 1, column + 2)


def _heading(before: str) -> str:
    """The last section heading, or else the last line that says something."""
    lines = [line for line in before.split("\n") if line.strip(" \t\r)" + _FENCES)]
    sections = [line for line in lines if _SECTION.match(line)]
    spoken = [line for line in lines if not NOISE.fullmatch(line)]
    chosen = (sections or spoken or [""])[-1]
    return chosen.strip().lstrip("#").strip()


def pick(
    printouts: Sequence[Printout],
    number: int | None = None,
    class_name: str | None = None,
) -> Printout:
    """Choose one printout: the only one, by number (from 1), or by its root's class.

    Raises:
        InvalidInput: no printout answers to that, or several do.
    """
    if number is not None:
        return _by_number(printouts, number)
    named = [item for item in printouts if class_name in (None, item.tree.type)]
    if len(named) == 1:
        return named[0]
    raise InvalidInput(_several(printouts, named, class_name))


def _by_number(printouts: Sequence[Printout], number: int) -> Printout:
    if 1 <= number <= len(printouts):
        return printouts[number - 1]
    raise InvalidInput(
        Diagnostic(
            code="printout-number",
            message=f"there is no printout {number}: the text has {len(printouts)}",
            help=f"the text has {listing(printouts)}",
        )
    )


def _several(
    printouts: Sequence[Printout], named: list[Printout], class_name: str | None
) -> Diagnostic:
    if named or class_name is None:
        of_class = f" of {class_name}" if class_name else ""
        message = f"the text has {len(named)} printouts{of_class}: say which by number"
        return Diagnostic(
            "printout-several", message, help=f"it has {listing(printouts)}"
        )
    types = [item.tree.type for item in printouts]
    message = f"no printout of {class_name} in the text"
    close = nearest(class_name, types)
    hint = f"did you mean `{close[0]}`? " if close else ""
    known = f"{hint}the text has {listing(printouts)}"
    return Diagnostic("printout-class", message, help=known)


def listing(printouts: Sequence[Printout]) -> str:
    """`1: Net (line 3, heading); 2: ...`, for messages."""
    return "; ".join(
        f"{i}: {item.tree.type} (line {item.line}{_in_words(item.heading)})"
        for i, item in enumerate(printouts, 1)
    )


def _in_words(heading: str) -> str:
    return f", {heading}" if heading else ""
