"""Whether an output is the one that a page shows, cuts and changing numbers allowed."""

from __future__ import annotations

import re

from tools.docs.blocks import CUT

_MASKS = (
    (re.compile(r"\b\d+(\.\d+)?s\b"), "TIME"),
    (re.compile(r"\bin \d+\.\d+ ?seconds?\b"), "TIME"),
    (re.compile(r"\bmedt-gen \d+\.\d+\.\d+\b"), "medt-gen VERSION"),
    (re.compile(r"\btorch \d+\.\d+\.\d+(\+\w+)?"), "torch VERSION"),
    (re.compile(r"\bPython \d+\.\d+\.\d+"), "Python VERSION"),
    (re.compile(r"\b[0-9a-f]{16}\b"), "HASH"),
    (re.compile(r"\b0x[0-9a-f]+\b"), "ADDRESS"),
)
"""What differs from one machine, or version, to the next."""


def masked(text: str) -> list[str]:
    """The lines of a text without blanks at their ends, what changes masked."""
    for pattern, word in _MASKS:
        text = pattern.sub(word, text)
    lines = [line.rstrip() for line in text.splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def is_shown(expected: str, found: str) -> bool:
    """Whether a page may show `expected` for `found`: a cut is one line or more."""
    parts = _parts(masked(expected))
    lines = masked(found)
    first, *others = parts
    if lines[: len(first)] != first:
        return False
    if not others:
        return len(lines) == len(first)
    position = len(first)
    for part in others[:-1]:
        position = _after(part, lines, position + 1)
        if position < 0:
            return False
    last = others[-1]
    return len(lines) - len(last) > position and lines[len(lines) - len(last) :] == last


def _parts(lines: list[str]) -> list[list[str]]:
    """The lines between the cuts."""
    parts: list[list[str]] = [[]]
    for line in lines:
        if line.strip() == CUT:
            parts.append([])
        else:
            parts[-1].append(line)
    return parts


def _after(part: list[str], lines: list[str], start: int) -> int:
    """Where the lines go on behind the first `part` from `start` on; -1 without any."""
    for place in range(start, len(lines) - len(part) + 1):
        if lines[place : place + len(part)] == part:
            return place + len(part)
    return -1
