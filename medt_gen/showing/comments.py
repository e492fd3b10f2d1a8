"""The comments of a YAML text, by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from medt_gen.messages.diagnostics import Place, Source
from medt_gen.spec.yaml_mask import BLANK, masked

BETWEEN = "; "
"""What stands between several remarks in one comment."""

_MOST_SOURCES = 16


@dataclass(frozen=True)
class Comments:
    """What is said of a key: in the lines above it, and behind it."""

    above: tuple[str, ...] = ()
    behind: str = ""


NO_COMMENTS = Comments()


def comments_of(place: Place, last_line: int) -> Comments:
    """The comments of a key at `place` whose value ends in `last_line`.

    Those in the lines right above belong to it, and those behind any of its own lines.
    """
    lines = _lines(place.source)
    first = place.line - 1
    if not 0 <= first < len(lines):
        return NO_COMMENTS
    above: list[str] = []
    for line in reversed(lines[:first]):
        if line.comment is None or line.has_content:
            break
        above.insert(0, line.comment)
    behind = [line.comment for line in lines[first:last_line] if line.comment]
    if lines[first].text[: place.column - 1].strip(" -"):
        # Comments above are of the key that the line begins with.
        above = []
    return Comments(tuple(above), BETWEEN.join(behind))


@dataclass(frozen=True)
class _Line:
    text: str
    comment: str | None
    has_content: bool


@lru_cache(maxsize=_MOST_SOURCES)
def _lines(source: Source) -> tuple[_Line, ...]:
    text = source.text.replace("\r\n", "\n")
    shown = masked(text).split("\n")
    return tuple(_read(*pair) for pair in zip(text.split("\n"), shown, strict=True))


def _read(line: str, shown: str) -> _Line:
    """A line whose comment is the stretch at its end that the mask has blanked."""
    start = len(shown.rstrip(BLANK))
    # What is quoted is blanked out, too: a comment begins with its sign.
    if start == len(line) or line[start] != "#":
        return _Line(line, None, bool(line.strip()))
    return _Line(line, line[start + 1 :].strip(), bool(line[:start].strip()))


def joined(*remarks: str) -> str:
    """Remarks in one comment, what it says already left out."""
    return BETWEEN.join(_new(remarks))


def _new(remarks: tuple[str, ...]) -> Iterator[str]:
    said: set[str] = set()
    for remark in remarks:
        if remark and remark not in said:
            yield remark
        said |= {remark, *remark.split(BETWEEN)}
