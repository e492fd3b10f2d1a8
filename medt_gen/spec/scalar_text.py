"""The source text of a scalar, and the place of each stretch of it."""

from __future__ import annotations

from bisect import bisect_right

from medt_gen.messages.diagnostics import Place
from medt_gen.spec.nodes import ScalarNode


class ScalarText:
    """The characters of a scalar with the place of each of them."""

    def __init__(self, scalar: ScalarNode) -> None:
        self.scalar = scalar
        raw = scalar.raw or ""
        value = str(scalar.value)
        self.text, self.base, self.exact = value, 0, True
        if raw[:1] in {"|", ">"} and "\n" in raw:
            self.base = raw.index("\n") + 1
            self.text = raw[self.base :]
        elif raw[:1] in {"'", '"'}:
            # Escapes shift what follows them: then only the whole can be shown.
            self.base, self.exact = 1, raw[1:-1] == value
        elif raw:
            self.text = raw
        self.raw = raw
        self._line_starts = _line_starts(raw)

    def place(self, start: int, end: int) -> Place:
        """The place of `text[start:end]` in the file."""
        if not self.exact or not self.raw:
            return self.scalar.place
        first, last = self.base + start, self.base + end
        return Place(
            self.scalar.place.source,
            self._line(first),
            self._column(first),
            self._line(last),
            self._column(last),
        )

    def _lines_before(self, offset: int) -> int:
        return bisect_right(self._line_starts, offset) - 1

    def _line(self, offset: int) -> int:
        return self.scalar.place.line + self._lines_before(offset)

    def _column(self, offset: int) -> int:
        """From 1; only the first line starts where the scalar does."""
        index = self._lines_before(offset)
        before = self.scalar.place.column if index == 0 else 1
        return before + offset - self._line_starts[index]


def _line_starts(text: str) -> list[int]:
    starts = [0]
    while (end := text.find("\n", starts[-1])) >= 0:
        starts.append(end + 1)
    return starts
