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
        line, column = self._position(self.base + start)
        end_line, end_column = self._position(self.base + end)
        return Place(self.scalar.place.source, line, column, end_line, end_column)

    def _position(self, offset: int) -> tuple[int, int]:
        origin = self.scalar.place
        index = bisect_right(self._line_starts, offset) - 1
        if index == 0:
            return origin.line, origin.column + offset
        return origin.line + index, offset - self._line_starts[index] + 1


def _line_starts(text: str) -> list[int]:
    starts = [0]
    while (end := text.find("\n", starts[-1])) >= 0:
        starts.append(end + 1)
    return starts
