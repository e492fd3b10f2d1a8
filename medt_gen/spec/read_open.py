"""Keys of an open module: a class of which no more is known than what it prints."""

from __future__ import annotations

import re

from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.wording import shown
from medt_gen.spec.declarations import TypeReference
from medt_gen.spec.expect import expect_text
from medt_gen.spec.fragments import TEXT
from medt_gen.spec.keys import KeyContext, KeyEntry, KeyTable, as_written
from medt_gen.spec.nodes import Node


def _read_open(node: Node, context: KeyContext) -> TypeReference | Faulty:
    text = expect_text(node, "the name of a class", context.problems)
    if text is FAULTY:
        return FAULTY
    # Some rows show no class at all.
    if text and not _CLASS.fullmatch(text):
        context.problems.error(
            "bad-name",
            f"`{shown(text)}` can't be the name of a class that a printout shows",
            node.place,
            "write the class as it is printed, and its text as `prints:`",
        )
        return FAULTY
    return TypeReference(text, node.place, context.key.former, open=True)


# What a printout can show as a class: one name, or several joined by dots.
_CLASS = re.compile(r"(?!None$)[^\W\d][\w.]*")


OPEN: KeyEntry[TypeReference | Faulty] = KeyEntry(
    name="open",
    says="In place of `type:`, the printed class of a module that is in no catalog: it "
    "can be printed and compared, with the text that it `prints:` and the `modules:` "
    "that it holds, and not be called or built; empty where the row shows no class.",
    example="open: ParametrizedConv1d",
    schema=TEXT,
    read=_read_open,
    absent=FAULTY,
)
PRINTS: KeyEntry[Node | None] = KeyEntry(
    name="prints",
    says="The text that it prints between its parentheses, as it is.",
    example='prints: "1, 32, kernel_size=(7,), stride=(1,)"',
    schema=TEXT,
    read=as_written,
    absent=None,
)
OPEN_KEYS = KeyTable("an `open:` module", (PRINTS,))
