"""Texts made to harm: they are answered or refused, without recursion or blow-up.

Nothing is timed here: a quadratic reader would take minutes for these, not moments.
"""

from __future__ import annotations

import pytest

from medt_gen.messages.diagnostics import InvalidInput
from medt_gen.printout import find

MANY = 60_000

TEXTS = {
    "open parentheses": "(" * MANY,
    "open classes": "A(" * MANY,
    "rows without class": "A(" + "(x): " * MANY,
    "open names": "(a" * MANY,
    "closing parentheses": ")" * MANY,
    "printouts on one line": "A((a): B()) " * (MANY // 10),
    "rows without root": "x (a): B( " * (MANY // 5),
    "nested names": "A(" + "((a)(b)) " * (MANY // 5),
    "quotes": "A(" + "'(" * MANY,
    "long own text": "A(" + "x=(1, 2), " * MANY + "(a): B())",
    "spaces": ("A(" + " " * 500) * 400,
    "long class": "A" * MANY + "((a): B())",
    "rows never closed": "Net(\n" + "  (a): B(\n" * MANY,
    "blank lines": "Net(\n  (a): B()\n" + "\n" * MANY,
    "opaque rows": "Net(\n  (a): B()\n" + "  text\n" * MANY + ")",
    "a name full of rows": "Net(\n  (a" + "): B(" * MANY + ")\n)",
    "entities": "&lt;" * MANY + "A((a): B())",
    "numbers in a prefix": "[1" * 500 + " Net(\n  (a): B()\n)",
    "deep own text": "A(" + "x=1(a): A(" * MANY + ")" * (MANY + 1),
    "a number too long": f"A((0-{'9' * 30}): 1{'0' * 30} x B())",
    "overridden reprs inside each other": "\n".join(
        [
            "A(",
            *("  " * depth + "(x): A(" for depth in range(1, 600)),
            "  " * 700 + ")" * 599,
            ")",
        ]
    ),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_hostile_text_is_read_or_refused(text: str) -> None:
    try:
        found = find(text)
    except InvalidInput as refusal:
        assert len(str(refusal)) < 2000
    else:
        assert found
