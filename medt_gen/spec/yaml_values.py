"""Slips in a value: pipes, quotes, modules on one line, characters that begin none."""

from __future__ import annotations

import re

from medt_gen.messages.diagnostics import Diagnostic
from medt_gen.spec.yaml_mask import BLANK
from medt_gen.spec.yaml_stopped import Stopped, nearest_first

_CALLED = re.compile(r"\w\([^()]*?([A-Za-z_]\w*)(:)\s+([^\s,()]+)")
_QUOTED_FIRST = re.compile(r":\s+([\"'])[^\"']*(\1)[ \t]*[^\s,}\]#]")
_BAR_FIRST = re.compile(r"(\s*(?:- +)?[\w.-]+:)\s*(\|)\s*([^\s|>+-].*)")
_IN_PARENTHESES = re.compile(r":\s+(\()(\s*[a-z_]+:\s[^()]*)\)?")
_UNBRACED = re.compile(r"(\s*(?:- +)?[\w.-]+:)\s+([a-z_]+:\s.*)")


def colon_in_a_call(stopped: Stopped) -> Diagnostic | None:
    """`upsample(factor: 2)`: in an operation it is `=`."""
    line = stopped.lines[stopped.line] if stopped.line < len(stopped.lines) else ""
    found = _CALLED.search(line)
    if found is None or "mapping values" not in stopped.problem:
        return None
    place = stopped.place(stopped.line, found.start(2), found.end(2))
    fix = f"write `{found[1]}={found[3]}`"
    text = "inside an operation, an argument is written with `=`"
    return stopped.said(text, place, fix)


def bar_first(stopped: Stopped) -> Diagnostic | None:
    """`out: | conv`, which begins a block of text."""
    for number in (stopped.began, stopped.line):
        line = stopped.lines[number] if number < len(stopped.lines) else ""
        found = _BAR_FIRST.match(line)
        if found is not None and "block scalar" in stopped.problem:
            place = stopped.place(number, found.start(2), found.end(2))
            fix = f"write `{found[1].strip()} x | {found[3].strip()}`"
            return stopped.said("a pipe starts with a value", place, fix)
    return None


def unbraced_module(stopped: Stopped) -> Diagnostic | None:
    """`conv1: type: Conv2d, kernel_size: 3`."""
    line = stopped.lines[stopped.line] if stopped.line < len(stopped.lines) else ""
    found = _UNBRACED.match(line)
    if found is None or "mapping values" not in stopped.problem:
        return None
    keys = found[2].strip(BLANK + " ")
    fix = f"write `{found[1].strip()} {{{keys.rstrip('}')}}}`"
    if keys.endswith("}"):
        at = stopped.place(stopped.line, found.start(2), found.start(2) + 1)
        return stopped.said("a `{` is missing here", at, fix)
    place = stopped.place(stopped.line, found.start(2), found.start(2) + len(keys))
    return stopped.said("several keys on one line stand in braces", place, fix)


def in_parentheses(stopped: Stopped) -> Diagnostic | None:
    """`(type: ReLU, inplace: true)`."""
    line = stopped.lines[stopped.line] if stopped.line < len(stopped.lines) else ""
    found = _IN_PARENTHESES.search(line)
    if found is None:
        return None
    place = stopped.place(stopped.line, found.start(1), found.start(1) + 1)
    fix = f"write `{{{found[2].strip(BLANK + ' ')}}}`"
    return stopped.said("keys stand in braces, not in parentheses", place, fix)


def behind_a_quote(stopped: Stopped) -> Diagnostic | None:
    """`"x" | conv1`: a quoted value ends with its quote."""
    raw = stopped.source.text.split("\n")
    line = raw[stopped.line] if stopped.line < len(raw) else ""
    found = _QUOTED_FIRST.search(line)
    if found is None:
        return None
    return stopped.said(
        "text follows the end of a quoted value",
        stopped.place(stopped.line, found.start(2), found.end(2)),
        "remove the quotes, or quote all of it",
    )


def comment_in_a_pipe(stopped: Stopped) -> Diagnostic | None:
    """`out: x | conv  # why`, and `| relu()` on the next line."""
    raw = stopped.source.text.split("\n")
    for number in nearest_first(stopped):
        line = raw[number] if number < len(raw) else ""
        if number == 0 or not line.lstrip().startswith("|"):
            continue
        above = stopped.lines[number - 1]
        at = len(above.rstrip(BLANK))
        if at < len(above) and raw[number - 1][at : at + 1] == "#":
            return stopped.said(
                "a comment ends the pipe here",
                stopped.place(number - 1, at, at + 1),
                "put the comment on a line of its own, above the pipe",
            )
    return None


def quote(stopped: Stopped) -> Diagnostic | None:
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


def forbidden_start(stopped: Stopped) -> Diagnostic | None:
    """`@`, a backtick or `%`, which YAML keeps for itself."""
    if "cannot start any token" not in stopped.problem:
        return None
    character = stopped.lines[stopped.line][stopped.column : stopped.column + 1]
    if not character.strip():
        return None
    place = stopped.place(stopped.line, stopped.column, stopped.column + 1)
    what = "a backtick" if character == "`" else f"`{character}`"
    return stopped.said(f"no value begins with {what}", place, "remove it")
