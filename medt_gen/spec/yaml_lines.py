"""Slips in how lines stand: their indentation, colons and dashes."""

from __future__ import annotations

import re

from medt_gen.messages.diagnostics import Diagnostic, Note
from medt_gen.spec.yaml_mask import BLANK, indentation
from medt_gen.spec.yaml_stopped import FAR_UP, Stopped, nearest_first

_GLUED_COLON = re.compile(r"[A-Za-z_$][\w-]*:(?=[^\s:/\x00])")
_BARE_KEY = re.compile(r"\s*(?:- +)?[A-Za-z_][\w-]*\s*\Z")
_KEY = re.compile(r"\s*(?:- +)?[^\s:#\x00{\[][^:#\x00]*:(?:\s|\Z)")


def tab(stopped: Stopped) -> Diagnostic | None:
    for number in nearest_first(stopped):
        line = stopped.lines[number]
        start = line[: len(line) - len(line.lstrip(" \t"))]
        if "\t" in start and line.strip():
            at = start.index("\t")
            place = stopped.place(number, at, len(start.rstrip(" ")))
            return stopped.said(
                "a line can't be indented with tabs", place, "indent it with spaces"
            )
    return None


def glued_colon(stopped: Stopped) -> Diagnostic | None:
    """`bn1:BatchNorm2d`, which YAML takes for one word."""
    for number in nearest_first(stopped):
        found = _GLUED_COLON.search(stopped.lines[number])
        if found is not None:
            place = stopped.place(number, found.end() - 1, found.end())
            key = found[0]
            return stopped.said(
                "a space is missing after this `:`", place, f"write `{key} ...`"
            )
    return None


def missing_colon(stopped: Stopped) -> Diagnostic | None:
    """`modules` alone on its line, with what it should hold below or other keys."""
    for number in nearest_first(stopped):
        if number + 1 >= len(stopped.lines):
            continue
        line, below = stopped.lines[number], stopped.lines[number + 1]
        deeper = indentation(below) > indentation(line)
        beside = indentation(below) == indentation(line) and _KEY.match(below)
        if _BARE_KEY.match(line) and (deeper or beside):
            end = len(line.rstrip())
            word = line.strip().removeprefix("- ")
            place = stopped.place(number, end, end)
            return stopped.said(
                f"a `:` is missing behind `{word}`", place, f"write `{word}:`"
            )
    return None


def missing_dash(stopped: Stopped) -> Diagnostic | None:
    """An item among others, without its dash."""
    for number in nearest_first(stopped):
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
    below = None if _KEY.match(stopped.lines[number]) else stopped.line
    for line in (above, below):
        if line is None or not number - FAR_UP < line < len(stopped.lines):
            continue
        text = stopped.lines[line]
        if indentation(text) == indent and text.lstrip().startswith("- "):
            return line
    return None


def superfluous_dash(stopped: Stopped) -> Diagnostic | None:
    """An item of a list among keys: `- out: x | conv`."""
    line = stopped.lines[stopped.line] if stopped.line < len(stopped.lines) else ""
    indent = indentation(line)
    above = _line_above(stopped, stopped.line, indent)
    if not line.lstrip().startswith("- ") or above is None:
        return None
    if not _KEY.match(stopped.lines[above]) or stopped.lines[above].lstrip()[:1] == "-":
        return None
    return stopped.said(
        "this `-` begins an item of a list, and stands among keys",
        stopped.place(stopped.line, indent, indent + 1),
        "remove the dash",
    )


def _line_above(stopped: Stopped, number: int, indent: int) -> int | None:
    """The nearest line above that is indented by `indent`, with none less between."""
    for above in range(number - 1, max(-1, number - FAR_UP), -1):
        line = stopped.lines[above]
        if not line.strip(" " + BLANK):
            continue
        if indentation(line) <= indent:
            return above if indentation(line) == indent else None
    return None


def wrong_indentation(stopped: Stopped) -> Diagnostic | None:
    """A line that stands between the levels of the lines above it."""
    if stopped.line >= len(stopped.lines):
        return None
    line = stopped.lines[stopped.line]
    own = indentation(line)
    levels = _levels(stopped)
    first = bool(levels) and own > levels[-1] and _opens(stopped)
    if not line.strip() or not levels or own in levels or first:
        return None
    wanted = min(levels, key=lambda level: (abs(level - own), -level))
    start, end = (wanted, own) if own > wanted else (own, own)
    word = "space" if wanted == 1 else "spaces"
    return stopped.said(
        f"this line is indented by {own}, and fits no line above",
        stopped.place(stopped.line, start, end),
        f"indent it by {wanted} {word}",
    )


def _opens(stopped: Stopped) -> bool:
    """Whether the line above is a key without a value: then any depth will do."""
    for number in range(stopped.line - 1, -1, -1):
        line = stopped.lines[number].rstrip(" " + BLANK)
        if line.strip():
            return line.endswith((":", "-"))
    return False


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
