"""What the YAML parser complains of, in plainer words and with a hint for our traps."""

from __future__ import annotations

import yaml

from medt_gen.messages.diagnostics import Diagnostic, Place, Source
from medt_gen.messages.wording import shown
from medt_gen.spec.yaml_places import span, start_of_text
from medt_gen.spec.yaml_traps import trap

_PLAINER = {
    "mapping values are not allowed in this context": "a `:` can't stand here",
    "did not find expected comment or line break": "a block of text starts at this "
    "`|` or `>`, and the rest of the line has to be empty",
}


def syntax_error(source: Source, error: yaml.MarkedYAMLError) -> Diagnostic:
    """What was likely done there; else the parser's complaint, in plainer words."""
    mark = error.problem_mark or error.context_mark
    place = span(source, mark, mark) if mark else start_of_text(source)
    lines = source.text.split("\n")
    if place.line > len(lines):
        # The text ends where more was expected, and no line comes after it.
        line, column = len(lines), len(lines[-1]) + 1
        place = Place(source, line, column, line, column)
    problem = error.problem or "the text is not YAML"
    message = f"{error.context}: {problem}" if error.context else problem
    began = error.context_mark.line if error.context_mark else place.line - 1
    likely = trap(source, message, began, place.line - 1, place.column - 1)
    if likely is not None:
        return likely
    message = _PLAINER.get(problem, message)
    return Diagnostic("yaml-syntax", message, place, _hint(place))


def _hint(place: Place) -> str | None:
    lines = place.source.text.split("\n")
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    before = line[: place.column - 1].rstrip()
    if before.endswith("|") and ":" in before:
        return "a pipe starts with a value: write `x | conv`, or put it in quotes"
    if ": " in before and line[place.column - 1 : place.column] == ":":
        return "quote the value, or write `name=value` inside an operation"
    return None


def character_error(source: Source) -> Diagnostic:
    """A character that YAML forbids; the C parser does not say where."""
    for number, line in enumerate(source.text.split("\n"), 1):
        for column, character in enumerate(line, 1):
            if not character.isprintable() and character not in "\t\r\x85\ufeff":
                place = Place(source, number, column, number, column + 1)
                text = f"the character {shown(character)} is not allowed in YAML"
                return Diagnostic("yaml-syntax", text, place, "remove it")
    return Diagnostic("yaml-syntax", "the text is not YAML", start_of_text(source))
