"""Plainer words for what the YAML parser says, and hints for this language's traps."""

from __future__ import annotations

from medt_gen.messages.diagnostics import Place
from medt_gen.messages.wording import shown
from medt_gen.spec.nodes import Node, ScalarNode


def calls_left_open(node: Node) -> int:
    """How many `(` of an unquoted value are still open at its end."""
    raw = (node.raw or "") if isinstance(node, ScalarNode) else ""
    return 0 if raw[:1] in {"'", '"'} else raw.count("(") - raw.count(")")


COMMA_HINT = "quote a pipe, or write it on a line without `{`; lists have `[` and `]`"
PLAINER = {
    "mapping values are not allowed in this context": "a `:` can't stand here",
    "did not find expected comment or line break": "a block of text starts at this "
    "`|` or `>`, and the rest of the line has to be empty",
}


def tag_text(tag: str) -> str:
    """A tag as it is written: `!!` stands for YAML's own."""
    return shown(tag.replace("tag:yaml.org,2002:", "!!", 1))


def syntax_hint(place: Place) -> str | None:
    lines = place.source.text.split("\n")
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "indent with spaces, not with tabs"
    before = line[: place.column - 1].rstrip()
    if before.endswith("|") and ":" in before:
        return "a pipe starts with a value: write `x | conv`, or put it in quotes"
    if ": " in before and line[place.column - 1 : place.column] == ":":
        return "quote the value, or write `name=value` inside an operation"
    return None
