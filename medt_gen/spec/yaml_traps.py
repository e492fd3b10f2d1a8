"""Where the parser gives up, and what was likely done: the character to change.

The parser says where it could not go on, which is often a line later. Here the text is
looked at as people write it: by lines, by indentation, by brackets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from medt_gen.messages.diagnostics import Diagnostic, Note, Place, Source
from medt_gen.spec.lookalikes import lookalike
from medt_gen.spec.yaml_mask import BLANK, indentation, masked

_OPENING = {"}": "{", "]": "["}
_GLUED_COLON = re.compile(r"[A-Za-z_$][\w-]*:(?=[^\s:/\x00])")
_BARE_KEY = re.compile(r"\s*(?:- +)?[A-Za-z_][\w-]*\s*\Z")
_KEY = re.compile(r"\s*(?:- +)?[^\s:#\x00][^:#\x00]*:(?:\s|\Z)")
_WITHOUT_COMMA = re.compile(r"[^\s,\[{:]([ \t]+)([\w$-]+)\Z")
_FAR_UP = 200


@dataclass(frozen=True)
class Stopped:
    """Where the parser stopped: lines count from 0, as do columns.

    `began` is the line where what it was reading began.
    """

    source: Source
    lines: list[str]
    problem: str
    line: int
    column: int
    began: int

    def place(self, line: int, start: int, end: int) -> Place:
        """A stretch of a line."""
        return Place(self.source, line + 1, start + 1, line + 1, end + 1)

    def said(
        self, message: str, place: Place, help: str | None, *notes: Note
    ) -> Diagnostic:
        """What is wrong with the text."""
        return Diagnostic("yaml-syntax", message, place, help, notes)

    @property
    def window(self) -> range:
        """The lines of what was being read."""
        return range(max(self.began, self.line - _FAR_UP), self.line + 1)


def trap(
    source: Source, problem: str, began: int, line: int, column: int
) -> Diagnostic | None:
    """What was likely done where the parser stopped; None where nothing is known."""
    # Blanked as far as the parser came: behind it anything may stand.
    upto = "\n".join(source.text.split("\n")[: line + 1])
    stopped = Stopped(source, masked(upto).split("\n"), problem, line, column, began)
    for look in _LOOKS:
        found = look(stopped)
        if found is not None:
            return found
    return None


def _lookalike(stopped: Stopped) -> Diagnostic | None:
    for number in _nearest_first(stopped):
        found = lookalike(stopped.lines[number].replace(BLANK, " "))
        if found is not None:
            place = stopped.place(number, found.offset, found.offset + 1)
            return stopped.said(found.message, place, found.help)
    return None


def _nearest_first(stopped: Stopped) -> Iterator[int]:
    """The lines that were being read, and the one before, from the last one up."""
    first = max(stopped.window.start - 1, 0)
    last = min(stopped.line, len(stopped.lines) - 1)
    yield from range(last, first - 1, -1)


def _tab(stopped: Stopped) -> Diagnostic | None:
    for number in _nearest_first(stopped):
        line = stopped.lines[number]
        start = line[: len(line) - len(line.lstrip(" \t"))]
        if "\t" in start and line.strip():
            at = start.index("\t")
            place = stopped.place(number, at, len(start.rstrip(" ")))
            return stopped.said(
                "a line can't be indented with tabs", place, "indent it with spaces"
            )
    return None


def _glued_colon(stopped: Stopped) -> Diagnostic | None:
    """`bn1:BatchNorm2d`, which YAML takes for one word."""
    for number in _nearest_first(stopped):
        found = _GLUED_COLON.search(stopped.lines[number])
        if found is not None:
            place = stopped.place(number, found.end() - 1, found.end())
            key = found[0]
            return stopped.said(
                "a space is missing after this `:`", place, f"write `{key} ...`"
            )
    return None


def _missing_colon(stopped: Stopped) -> Diagnostic | None:
    """`modules` alone on its line, with what it should hold below."""
    for number in _nearest_first(stopped):
        if number + 1 >= len(stopped.lines):
            continue
        line, below = stopped.lines[number], stopped.lines[number + 1]
        if _BARE_KEY.match(line) and indentation(below) > indentation(line):
            end = len(line.rstrip())
            word = line.strip().removeprefix("- ")
            place = stopped.place(number, end, end)
            return stopped.said(
                f"a `:` is missing behind `{word}`", place, f"write `{word}:`"
            )
    return None


def _missing_dash(stopped: Stopped) -> Diagnostic | None:
    """An item among others, without its dash."""
    for number in _nearest_first(stopped):
        line = stopped.lines[number]
        indent = indentation(line)
        if not line.strip() or line.lstrip().startswith("- "):
            continue
        sibling = _dashed_sibling(stopped, number, indent)
        if sibling is None or (number == stopped.line and _KEY.match(line)):
            continue
        dash = stopped.place(sibling, indent, indent + 1)
        return stopped.said(
            "a `-` is missing before this item of a list",
            stopped.place(number, indent, len(line.rstrip())),
            "write `- ` before it",
            Note("as before this one", dash),
        )
    return None


def _dashed_sibling(stopped: Stopped, number: int, indent: int) -> int | None:
    """The item of a list before this line, or the one where the parser stopped."""
    above = _line_above(stopped, number, indent)
    for line in (above, stopped.line):
        if line is None or not number - _FAR_UP < line < len(stopped.lines):
            continue
        text = stopped.lines[line]
        if indentation(text) == indent and text.lstrip().startswith("- "):
            return line
    return None


def _line_above(stopped: Stopped, number: int, indent: int) -> int | None:
    """The nearest line above that is indented by `indent`, with none less between."""
    for above in range(number - 1, max(-1, number - _FAR_UP), -1):
        line = stopped.lines[above]
        if not line.strip(" " + BLANK):
            continue
        if indentation(line) <= indent:
            return above if indentation(line) == indent else None
    return None


@dataclass(frozen=True)
class _Bracket:
    """A bracket, and where it stands."""

    character: str
    line: int
    column: int


def _brackets(stopped: Stopped) -> Diagnostic | None:
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
    place = stopped.place(stopped.line, found.start(1), found.end(1))
    return stopped.said(
        f"a `,` is missing before `{found[2]}`", place, f"write `, {found[2]}`"
    )


def _closed_later(stopped: Stopped, opening: _Bracket) -> bool:
    """Whether its partner comes before a line that is indented no deeper."""
    closing = "}" if opening.character == "{" else "]"
    rest = stopped.source.text.split("\n")[stopped.line :]
    own = indentation(stopped.lines[opening.line])
    for line in rest[:_FAR_UP]:
        if line.strip() and indentation(line) <= own:
            return False
        if closing in line:
            return True
    return False


def _indentation(stopped: Stopped) -> Diagnostic | None:
    """A line that stands between the levels of the lines above it."""
    if stopped.line >= len(stopped.lines):
        return None
    line = stopped.lines[stopped.line]
    own = indentation(line)
    levels = _levels(stopped)
    if not line.strip() or not levels or own in levels:
        return None
    wanted = min(levels, key=lambda level: (abs(level - own), -level))
    start, end = (wanted, own) if own > wanted else (own, own)
    word = "space" if wanted == 1 else "spaces"
    return stopped.said(
        f"this line is indented by {own}, and no line above it that it could belong to",
        stopped.place(stopped.line, start, end),
        f"indent it by {wanted} {word}",
    )


def _levels(stopped: Stopped) -> list[int]:
    """The indentations that the line may have, from those of the lines above it."""
    levels: list[int] = []
    for number in range(stopped.line):
        line = stopped.lines[number]
        if not line.strip(" " + BLANK):
            continue
        indent = indentation(line)
        levels = [level for level in levels if level < indent] + [indent]
        dash = re.match(r" *((?:- +)+)(?=\S)", line)
        if dash is not None:
            levels.append(dash.end())
    return levels


def _quote(stopped: Stopped) -> Diagnostic | None:
    if "quoted scalar" not in stopped.problem:
        return None
    line = stopped.source.text.split("\n")[stopped.began]
    for column, character in enumerate(line):
        rest = stopped.lines[stopped.began][column:]
        if character in "\"'" and not rest.strip(BLANK):
            place = stopped.place(stopped.began, column, column + 1)
            text = f"this `{character}` opens a text that is not closed"
            return stopped.said(text, place, f"close it with another `{character}`")
    return None


def _forbidden_start(stopped: Stopped) -> Diagnostic | None:
    """`@`, a backtick or `%`, which YAML keeps for itself."""
    if "cannot start any token" not in stopped.problem:
        return None
    character = stopped.lines[stopped.line][stopped.column : stopped.column + 1]
    if not character.strip():
        return None
    place = stopped.place(stopped.line, stopped.column, stopped.column + 1)
    what = "a backtick" if character == "`" else f"`{character}`"
    return stopped.said(
        f"no value begins with {what}", place, "remove it, or quote the value"
    )


_LOOKS: tuple[Callable[[Stopped], Diagnostic | None], ...] = (
    _lookalike,
    _tab,
    _quote,
    _forbidden_start,
    _glued_colon,
    _brackets,
    _missing_dash,
    _missing_colon,
    _indentation,
)
"""From the surest to the least sure."""
