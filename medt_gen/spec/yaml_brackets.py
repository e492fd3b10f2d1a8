"""Brackets that are not closed or close nothing, and commas that lack between them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from medt_gen.messages.diagnostics import Diagnostic, Note
from medt_gen.spec.yaml_mask import indentation
from medt_gen.spec.yaml_stopped import FAR_UP, Stopped

_OPENING = {"}": "{", "]": "["}
_WITHOUT_COMMA = re.compile(r"[^\s,\[{:]([ \t]+)([\w$-]+)\Z")


@dataclass(frozen=True)
class _Bracket:
    """A bracket, and where it stands."""

    character: str
    line: int
    column: int


def brackets(stopped: Stopped) -> Diagnostic | None:
    """A bracket that is not closed, at its opening; or one that closes nothing."""
    pending: list[_Bracket] = []
    for number, line in enumerate(stopped.lines):
        last = stopped.column + 1 if number == stopped.line else len(line)
        for column, character in enumerate(line[:last]):
            if character in "[{" and _begins(pending, line, column):
                pending.append(_Bracket(character, number, column))
            elif character in "]}":
                here = _Bracket(character, number, column)
                if not pending:
                    if number == stopped.line and column == stopped.column:
                        return _closes_nothing(stopped, here)
                    continue
                if pending[-1].character != _OPENING[character]:
                    return _not_closed(stopped, pending[-1], here)
                pending.pop()
    if not pending or "flow" not in stopped.problem:
        return None
    opening = pending[-1]
    comma = _missing_comma(stopped, opening)
    return comma or _not_closed(stopped, opening, None)


def _begins(pending: list[_Bracket], line: str, column: int) -> bool:
    """Whether a bracket begins a value here: inside a plain one it is a letter."""
    before = line[:column].rstrip()
    return bool(pending) or not before or before[-1] in ":-,[{="


def _closes_nothing(stopped: Stopped, bracket: _Bracket) -> Diagnostic:
    place = stopped.place(bracket.line, bracket.column, bracket.column + 1)
    return stopped.said(
        f"this `{bracket.character}` closes nothing", place, "remove it"
    )


def _not_closed(
    stopped: Stopped, opening: _Bracket, other: _Bracket | None
) -> Diagnostic:
    closing = "}" if opening.character == "{" else "]"
    place = stopped.place(opening.line, opening.column, opening.column + 1)
    notes = []
    if other is not None:
        here = stopped.place(other.line, other.column, other.column + 1)
        notes = [Note(f"this `{other.character}` can't close it", here)]
    return stopped.said(
        f"this `{opening.character}` is not closed",
        place,
        f"add a `{closing}` where it ends",
        *notes,
    )


def _missing_comma(stopped: Stopped, opening: _Bracket) -> Diagnostic | None:
    """`16 kernel_size: 3`, on the line of its bracket or deeper than that line."""
    line = stopped.lines[stopped.line]
    same = stopped.line == opening.line
    if not same and indentation(line) <= indentation(stopped.lines[opening.line]):
        return None
    if not same and not _closed_later(stopped, opening):
        return None
    found = _WITHOUT_COMMA.search(line[: stopped.column])
    if found is None:
        return None
    if line[found.start(1) - 1] == ";":
        mark = stopped.place(stopped.line, found.start(1) - 1, found.start(1))
        return stopped.said("a `;` separates nothing here", mark, "write a `,`")
    place = stopped.place(stopped.line, found.start(1), found.end(1))
    return stopped.said(
        f"a `,` is missing before `{found[2]}`", place, f"write `, {found[2]}`"
    )


def _closed_later(stopped: Stopped, opening: _Bracket) -> bool:
    """Whether its partner comes before a line that is indented no deeper."""
    closing = "}" if opening.character == "{" else "]"
    rest = stopped.source.text.split("\n")[stopped.line :]
    own = indentation(stopped.lines[opening.line])
    for line in rest[:FAR_UP]:
        if line.strip() and indentation(line) <= own:
            return False
        if closing in line:
            return True
    return False
