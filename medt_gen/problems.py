"""Where the stages put what they find wrong, so that one run reports all of it."""

from __future__ import annotations

from medt_gen.diagnostics import Diagnostic, InvalidInput, Note, Place


class Problems:
    """Collects diagnostics; a stage goes on after an error where that makes sense."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []

    def error(
        self,
        code: str,
        message: str,
        place: Place | None,
        help: str | None = None,
        *notes: Note,
    ) -> None:
        """Add an error."""
        self._add(Diagnostic(code, message, place, help, notes))

    def warning(
        self, code: str, message: str, place: Place | None, help: str | None = None
    ) -> None:
        """Add a warning."""
        self._add(Diagnostic(code, message, place, help, severity="warning"))

    def _add(self, item: Diagnostic) -> None:
        # A block that is used ten times shows its one mistake ten times.
        if item not in self.found:
            self.found.append(item)

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
