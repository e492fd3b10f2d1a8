"""The printouts of a text, be it a log or a web page: found, named, chosen."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from medt_gen.messages.codes import Code
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, Note, Place, Source
from medt_gen.messages.wording import nearest
from medt_gen.printouts.attempts import Attempt, best_attempt
from medt_gen.printouts.foreign import what_it_is
from medt_gen.printouts.grammar import Enclosing, Fault
from medt_gen.printouts.locate import NOISE
from medt_gen.printouts.notebooks import Cell, empty_notebook, notebook_cells
from medt_gen.printouts.traced import traced_code
from medt_gen.printouts.tree import Node

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
        code: the Python that a traced graph prints behind its tree; may be "".
        cell: the cell of a notebook that shows it; may be "".
    """

    tree: Node
    heading: str
    line: int
    flattened: bool
    code: str = ""
    cell: str = ""


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
    cells = notebook_cells(text)
    if cells is None:
        return _found(text, name)
    return _in_notebook(cells, name)


def _found(text: str, name: str) -> tuple[Printout, ...]:
    return _printouts(best_attempt(text), Source(name, text))


def _in_notebook(cells: Sequence[Cell], name: str) -> tuple[Printout, ...]:
    """The printouts in the outputs of a notebook, each with its cell."""
    found: list[Printout] = []
    for cell in cells:
        source = Source(f"{name}, {cell.label}", cell.text)
        chosen = best_attempt(cell.text)
        if chosen.is_silent:
            continue
        found += (replace(item, cell=cell.label) for item in _printouts(chosen, source))
    if not found:
        raise InvalidInput(empty_notebook(name, cells))
    return tuple(found)


def _printouts(chosen: Attempt, source: Source) -> tuple[Printout, ...]:
    places = _Places(chosen, source)
    if chosen.fault is not None:
        raise InvalidInput(_diagnostic(chosen.fault, places))
    if not chosen.found:
        raise InvalidInput(_nothing(chosen, places))
    text = chosen.form.text
    starts = [*(item.start for item in chosen.found[1:]), len(text)]
    ends = [0, *(item.end for item in chosen.found)]
    return tuple(
        Printout(
            item.tree,
            _heading(text[end : item.start]),
            places.line(item.start),
            item.flattened,
            traced_code(text[item.end : following]),
        )
        for item, end, following in zip(chosen.found, ends, starts, strict=False)
    )


def _nothing(chosen: Attempt, places: _Places) -> Diagnostic:
    seen = what_it_is(chosen.form.text, places.source.name)
    place = None if seen.offset is None else places.place(seen.offset)
    return Diagnostic(seen.code, seen.message, place, help=seen.help)


class _Places:
    """Offsets of an attempt to places in the text that was given."""

    def __init__(self, attempt: Attempt, source: Source) -> None:
        self.attempt = attempt
        self.source = source
        lengths = (len(line) + 1 for line in source.text.split("\n"))
        self.starts = list(accumulate(lengths, initial=0))[:-1]

    def line(self, offset: int) -> int:
        """The line, from 1."""
        return bisect_right(self.starts, self.attempt.form.original(offset))

    def place(self, offset: int) -> Place:
        """The one character there."""
        line = self.line(offset)
        column = self.attempt.form.original(offset) - self.starts[line - 1] + 1
        return Place(self.source, line, column, line, column + 1)


def _diagnostic(fault: Fault, places: _Places) -> Diagnostic:
    """Offsets become places, and each module that was not closed a note."""
    notes = tuple(
        Note(_note(item), places.place(item.position))
        for item in reversed(fault.enclosing)
    )
    return Diagnostic(
        code=fault.code,
        message=fault.message,
        place=places.place(fault.position),
        help=_HELP.get(fault.code),
        notes=notes,
    )


_HELP: dict[Code, str] = {
    "printout-cut-off": "copy the whole printout again, from `Net(` to its last `)`",
    "printout-broken": "copy the printout again, with its indentation",
    "printout-shortened": "print the whole model: `print(model)` leaves nothing out",
    "printout-ambiguous": "copy the printout with its line breaks and indentation",
}


def _note(item: Enclosing) -> str:
    return f"{item.path or 'the root'} ({item.type}) was opened here"


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
        f"{i}: {item.tree.type} ({where(item)}{_in_words(item.heading)})"
        for i, item in enumerate(printouts, 1)
    )


def where(item: Printout) -> str:
    """`line 3`, or `cell [7], line 3`."""
    return f"{item.cell}, line {item.line}" if item.cell else f"line {item.line}"


def _in_words(heading: str) -> str:
    return f", {heading}" if heading else ""
