"""Where the parser gives up, and what was likely done: the character to change.

The parser says where it could not go on, which is often a line later. Here the text is
looked at as people write it: by lines, by indentation, by brackets.
"""

from __future__ import annotations

from collections.abc import Callable

from medt_gen.messages.diagnostics import Diagnostic, Source
from medt_gen.spec.lookalikes import lookalike
from medt_gen.spec.yaml_brackets import brackets
from medt_gen.spec.yaml_lines import (
    glued_colon,
    missing_colon,
    missing_dash,
    superfluous_dash,
    tab,
    wrong_indentation,
)
from medt_gen.spec.yaml_mask import BLANK, masked
from medt_gen.spec.yaml_stopped import Stopped, nearest_first
from medt_gen.spec.yaml_values import (
    bar_first,
    behind_a_quote,
    colon_in_a_call,
    comment_in_a_pipe,
    forbidden_start,
    in_parentheses,
    quote,
    unbraced_module,
)


def trap(
    source: Source, problem: str, began: int, line: int, column: int
) -> Diagnostic | None:
    """What was likely done where the parser stopped; None where nothing is known."""
    # Blanked as far as the parser came: behind it anything may stand.
    upto = "\n".join(source.text.split("\n")[: line + 1])
    if max(began, line) > upto.count("\n"):
        # The parser knows line breaks that no editor shows as such, as a lone "\r".
        return None
    stopped = Stopped(source, masked(upto).split("\n"), problem, line, column, began)
    for look in _LOOKS:
        found = look(stopped)
        if found is not None:
            return found
    return None


def _lookalike(stopped: Stopped) -> Diagnostic | None:
    for number in nearest_first(stopped):
        found = lookalike(stopped.lines[number].replace(BLANK, " "))
        if found is not None:
            place = stopped.place(number, found.offset, found.end)
            return stopped.said(found.message, place, found.help)
    return None


_LOOKS: tuple[Callable[[Stopped], Diagnostic | None], ...] = (
    _lookalike,
    tab,
    quote,
    forbidden_start,
    bar_first,
    in_parentheses,
    colon_in_a_call,
    unbraced_module,
    behind_a_quote,
    comment_in_a_pipe,
    glued_colon,
    brackets,
    superfluous_dash,
    missing_dash,
    missing_colon,
    wrong_indentation,
)
"""From the surest to the least sure."""
