"""Where a printout starts in a text, and which reader it is for.

A printout is found by the first row `(name): Type(` in it; the class around that row is
its root. It is read by its layout where it has one, else by its parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from medt_gen.printouts.flat import HEADER, read_flat
from medt_gen.printouts.grammar import TYPE, Fault, Found, PrintoutError
from medt_gen.printouts.layout import Line, lines_of, read_layout
from medt_gen.printouts.leaves import find_leaves
from medt_gen.printouts.shortened import check_whole
from medt_gen.printouts.tree import INDENT

NOISE = re.compile(r"\s*(>>>.*|\.\.\. .*|```.*|~~~.*|In ?\[\d+\]:.*)?")
"""A line that belongs to a prompt, a fence or nothing."""

_ROOT_BEFORE = re.compile(rf"(?<![\w.])({TYPE})\Z")
_SPACED_ROOT = re.compile(rf"(?<![\w.])({TYPE}) \Z")
_PYTHON = re.compile(r"(?:odict_|dict_)?keys\(|(?:OrderedD|defaultd|d)ict\(|tensor\(")
"""How Python's own containers print, which look like a module without rows."""

_LEAD = re.compile(r"[ \t>#|*]*")
_LEAD_OR_BREAK = re.compile(r"[\s>#|*]*")
_CALL = re.compile(rf"[ \t]*({TYPE})\(")
_CLOSING = re.compile(r"\s*\)")
_BRACKET = re.compile(r"[()]")
_DIGITS = re.compile(r"\d+")
_LONG_TYPE = 256
_LONG_REST = 4096


def locate(text: str) -> list[Found]:
    """Read every printout in a text, in order.

    Raises:
        PrintoutError: one of them is broken, cut off, shortened or ambiguous.
    """
    found = _located(text)
    for item in found:
        check_whole(text, item)
    return found


def _located(text: str) -> list[Found]:
    whole = _whole(text)
    if whole is not None:
        return [whole]
    found: list[Found] = []
    position = 0
    while match := HEADER.search(text, position):
        start = _root_before(text, position, match.start())
        if start is None:
            part = _read_part(text, match, position)
            found += [part] if part else []
            position = part.end if part else match.end()
            continue
        printout = _read(text, start, match.start(), position)
        found.append(printout)
        position = printout.end
    return found or _leaf(text) or find_leaves(text)


def _whole(text: str) -> Found | None:
    """The text where it is one intact printout and nothing else."""
    own = text.rstrip("\n")
    if _PYTHON.match(own):
        return None
    try:
        found = read_layout(lines_of(own))
    except PrintoutError:
        return None
    in_one_line = "\n" not in own
    if found.end < len(own) or (in_one_line and HEADER.search(text)):
        return None
    return replace(found, end=len(text))


def _leaf(text: str) -> list[Found]:
    """A module without rows, with nothing but prompts and fences around it."""
    lines = text.split("\n")
    kept = [i for i, line in enumerate(lines) if not NOISE.fullmatch(line)]
    if not kept:
        return []
    rows = lines[kept[0] : kept[-1] + 1]
    margin = len(rows[0]) - len(rows[0].lstrip())
    found = _whole("\n".join(row[margin:].rstrip() for row in rows))
    if found is None:
        return []
    start = sum(len(line) + 1 for line in lines[: kept[0]])
    return [replace(found, start=start, end=len(text))]


def _root_before(text: str, start: int, header: int) -> int | None:
    """The offset of the class name around the first row; None where there is none."""
    pending = _unclosed(text, start, header)
    if not pending:
        return None
    opening = pending[-1]
    plain = _class_before(text, start, opening)
    if plain is not None or text[opening + 1 : header].strip():
        return plain
    # torch before 0.4 wrote `Net (`.
    return _class_before(text, start, opening, _SPACED_ROOT)


def _unclosed(text: str, start: int, end: int) -> list[int]:
    """The offsets of the parentheses that are still open at `end`."""
    pending: list[int] = []
    for match in _BRACKET.finditer(text, start, end):
        if match[0] == "(":
            pending.append(match.start())
        elif pending:
            pending.pop()
    return pending


def _class_before(
    text: str, start: int, opening: int, name: re.Pattern[str] = _ROOT_BEFORE
) -> int | None:
    """The offset of the class name right before a parenthesis."""
    root = name.search(text, max(start, opening - _LONG_TYPE), opening)
    return root.start(1) if root else None


def _read_part(text: str, row: re.Match[str], after: int) -> Found | None:
    """Read a row without a root: a part that was pasted alone, or words in a sentence.

    Raises:
        PrintoutError: it is what is left of a printout whose beginning is missing.
    """
    line_start = max(text.rfind("\n", 0, row.start()) + 1, after)
    lead = _LEAD.match(text, line_start)
    as_torch = row[0].endswith(f"{row[3]}(") and "): " in row[0]
    if lead is None or lead.end() < row.start() or not as_torch:
        _check_alone(text, line_start, row.start())
        return None
    before = _Before(_numbers_vary(lead[0]), row.start() - line_start)
    found = _part(text, row, before)
    if not _CLOSING.match(text, _behind(text, found.end)):
        return found
    message = (
        f"the row `({row[1]}): {row[3]}(` belongs to no module: the beginning of "
        "the printout is missing"
    )
    raise PrintoutError(Fault("printout-cut-off", message, row.start()))


def _part(text: str, row: re.Match[str], before: _Before) -> Found:
    try:
        found = read_layout(_lines_behind(before, text, row.start()))
    except PrintoutError as by_layout:
        try:
            return read_flat(text, row.start())
        except PrintoutError:
            raise by_layout from None
    in_one_line = "\n" not in text[found.start : found.end]
    if in_one_line and HEADER.search(text, row.end(), found.end):
        return read_flat(text, row.start())
    return found


def _behind(text: str, end: int) -> int:
    """The offset of the next thing that is said behind an offset."""
    lead = _LEAD_OR_BREAK.match(text, end)
    return lead.end() if lead else end


def _read(text: str, start: int, header: int, after: int) -> Found:
    """Read the printout at `start`: by layout if its first row has its own line."""
    line_start = text.rfind("\n", 0, start) + 1
    if "\n" not in text[start:header]:
        return _read_flat(text, start, after)
    before = _what_stands_before(text, line_start, start, header)
    try:
        return read_layout(_lines_behind(before, text, start))
    except PrintoutError as by_layout:
        try:
            return _read_flat(text, start, after)
        except PrintoutError as by_parentheses:
            if _laid_out(text, header, before.margin):
                raise by_layout from by_parentheses
            raise


def _read_flat(text: str, start: int, after: int) -> Found:
    line_start = max(text.rfind("\n", 0, start) + 1, after)
    before = text[line_start:start]
    _check_alone(text, line_start, start)
    found = read_flat(text, start)
    surplus = before.count("(") - before.count(")")
    if _closes_more(text, found.end, max(surplus, 0)) or HEADER.match(text, found.end):
        message = (
            f"{found.tree.type} is closed here, yet its text goes on: a parenthesis in "
            "it has no partner"
        )
        raise PrintoutError(Fault("printout-broken", message, found.end - 1))
    return found


def _closes_more(text: str, end: int, surplus: int) -> bool:
    """Whether the line behind a printout closes more parentheses than are open."""
    line_end = min(_line_end(text, end), end + _LONG_REST)
    if surplus == 0 and _CLOSING.match(text, end):
        return True
    for match in _BRACKET.finditer(text, end, line_end):
        if HEADER.match(text, match.start()) and _root_before(text, end, match.start()):
            return False  # the next printout, which is checked by itself
        surplus += 1 if match[0] == "(" else -1
        if surplus < 0:
            return True
    return False


def _check_alone(text: str, line_start: int, start: int) -> None:
    """Refuse a root in or behind another class's parentheses: that may be the root."""
    openings = _unclosed(text, line_start, start)
    outer = [_class_before(text, line_start, opening) for opening in openings]
    first = _CALL.match(text, line_start)
    if first and first.start(1) < start:
        outer.append(first.start(1))
    for place in outer:
        if place is not None and not text.startswith("print(", place):
            message = "the root may be this, or the class behind it with rows in it"
            raise PrintoutError(Fault("printout-ambiguous", message, place))


def _laid_out(text: str, header: int, margin: int) -> bool:
    line_start = text.rfind("\n", 0, header) + 1
    return header - line_start == margin + len(INDENT)


@dataclass(frozen=True)
class _Before:
    """What stands before each line of a printout, `margin` characters wide.

    That is white space, a quotation mark, a comment sign or a logger's prefix, in which
    only digits may change; a prefix before the first line alone is dropped as well.
    """

    pattern: re.Pattern[str]
    margin: int


def _what_stands_before(text: str, line_start: int, start: int, header: int) -> _Before:
    """By the line of the root at `start`, and that of the first row below it."""
    row_start = text.rfind("\n", 0, header) + 1
    lead = text[row_start:header]
    if lead.endswith(INDENT) and lead.strip():
        prefix = lead[: -len(INDENT)]
        return _Before(_numbers_vary(prefix), len(prefix))
    space = len(lead) - len(lead.lstrip(" "))
    margin = max(space - len(INDENT), 0)
    return _Before(re.compile(" " * margin), margin)


def _numbers_vary(prefix: str) -> re.Pattern[str]:
    """What stands before each line: the same but for its digits, as those of a time."""
    return re.compile(_DIGITS.sub(r"\\d+", re.escape(prefix).replace("\\ ", " ")))


def _lines_behind(before: _Before, text: str, start: int) -> Iterator[Line]:
    """The lines of the printout at `start`, without what stands before them."""
    end = _line_end(text, start)
    yield Line(start, text[start:end])
    while end < len(text):
        begin = end + 1
        end = _line_end(text, begin)
        match = before.pattern.match(text, begin, end)
        own = text[match.end() if match else begin : end]
        if match or not own.strip():
            yield Line(end - len(own), own)
        else:
            # without the prefix it is outside of the printout: no row can start so
            yield Line(begin, own.lstrip(" "))


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end
