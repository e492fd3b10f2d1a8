"""Where the stages put what they find wrong, so that one run reports all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass

from medt_gen.messages.codes import Code
from medt_gen.messages.diagnostics import (
    Diagnostic,
    InvalidInput,
    Note,
    Place,
    Severity,
)

MOST_PROBLEMS = 100


@dataclass(frozen=True)
class BlockUsed:
    """A use of a block, inside of which something may be wrong."""

    module: str
    block: str
    place: Place

    @property
    def text(self) -> str:
        """As a message has it."""
        return f"in `{self.module}`, a use of `{self.block}`"

    @property
    def note(self) -> Note:
        """As a note of its own."""
        return Note(f"{self.text}, here", self.place)


class Problems:
    """Collects diagnostics; a stage goes on after an error where that makes sense.

    After `most` errors it gives up and raises InvalidInput with all of them: 0 asks
    only whether there is any. `pedantic` lets remarks through: true, harmless, and for
    those who asked.
    """

    def __init__(self, *, pedantic: bool = False, most: int = MOST_PROBLEMS) -> None:
        self.pedantic = pedantic
        self.most = most
        self.found: list[Diagnostic] = []
        self._seen: set[tuple[Code, str, Place | None]] = set()
        self._counts: Counter[Severity] = Counter()
        self._uses: tuple[BlockUsed, ...] = ()

    def error(
        self,
        code: Code,
        message: str,
        place: Place | None,
        help: str | None = None,
        *notes: Note,
        cause: Place | None = None,
    ) -> None:
        """Add an error.

        It stands at `cause`, the line of the user that leads to it, where that is known
        and another than the place where it shows. In a shipped text, which nobody can
        mend, it stands at the innermost use of it.
        """
        if cause is None and place is not None and place.source.shipped:
            cause = self._use_to_mend()
        if cause is not None and cause != place:
            notes = (Note(self._shows(cause), place), *notes)
            place = cause
        uses = (use.note for use in self._uses if use.place != place)
        self.add(Diagnostic(code, message, place, help, (*notes, *uses)))

    def _use_to_mend(self) -> Place | None:
        """The innermost use in a text that did not come with the package."""
        places = (use.place for use in self._uses)
        return next((place for place in places if not place.source.shipped), None)

    def _shows(self, cause: Place) -> str:
        """The use is named where it is the cause, and so has no note of its own."""
        causes = [use for use in self._uses if use.place == cause]
        return f"it shows here, {causes[0].text}" if causes else "it shows here"

    def warning(
        self, code: Code, message: str, place: Place | None, help: str | None = None
    ) -> None:
        """Add a warning."""
        notes = tuple(use.note for use in self._uses)
        self.add(Diagnostic(code, message, place, help, notes, severity="warning"))

    def remark(
        self, code: Code, message: str, place: Place | None, help: str | None = None
    ) -> None:
        """Add a warning that only a pedantic run shows."""
        if self.pedantic:
            self.warning(code, message, place, help)

    def inside(self, use: BlockUsed) -> Problems:
        """The same collection, as seen from inside a use of a block.

        What is found through it has the uses that lead there as notes, innermost first.
        """
        inner = copy(self)
        inner._uses = (use, *self._uses)
        return inner

    def extend(self, items: Iterable[Diagnostic]) -> None:
        """Add diagnostics that were made elsewhere."""
        for item in items:
            self.add(item)

    def add(self, item: Diagnostic) -> None:
        """Add a diagnostic, unless the same is known.

        A block that is used ten times shows its one mistake ten times.
        """
        key = (item.code, item.message, item.place)
        if key in self._seen:
            return
        self._seen.add(key)
        self._counts[item.severity] += 1
        if self._counts[item.severity] <= self.most:
            self.found.append(item)
        elif item.severity == "error":
            raise InvalidInput(*self.in_order(), _too_many("error", self.most))
        elif self._counts[item.severity] == self.most + 1:
            self.found.append(_too_many("warning", self.most))

    @property
    def errors(self) -> list[Diagnostic]:
        """The errors, in the order of their places."""
        return [item for item in in_order(self.found) if item.severity == "error"]

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """The warnings, in the order of their places."""
        return tuple(x for x in in_order(self.found) if x.severity == "warning")

    def stop_on_errors(self) -> None:
        """Raise InvalidInput with all diagnostics when one is an error."""
        if self.errors:
            raise InvalidInput(*self.in_order())

    def in_order(self) -> list[Diagnostic]:
        """All diagnostics, in the order of their places."""
        return in_order(self.found)


def _too_many(severity: Severity, most: int) -> Diagnostic:
    return Diagnostic(
        "too-many-problems",
        f"there are more than {most} {severity}s, and the rest is not shown",
        help="fix these first: they may have one cause",
        severity=severity,
    )


def in_order(items: list[Diagnostic]) -> list[Diagnostic]:
    """Diagnostics file by file, from top to bottom."""
    files: dict[str, int] = {}
    for item in items:
        if item.place is not None:
            files.setdefault(item.place.source.name, len(files))

    def key(item: Diagnostic) -> tuple[int, int, int]:
        if item.place is None:
            return (-1, 0, 0)
        return files[item.place.source.name], item.place.line, item.place.column

    return sorted(items, key=key)
