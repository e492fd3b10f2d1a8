"""What each diagnostic code means, from `errors.yaml`: for `explain` and the docs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from medt_gen.messages.codes import Code

_FILE = Path(__file__).parent / "errors.yaml"
_INTRODUCTION = """\
# Errors and warnings

Every message of medt-gen has a code: `specs/x.yaml:14:33: error[patch-grid]: ...`.
This page has a paragraph for each, with a wrong and a right example;
`medt-gen explain patch-grid` prints the same. Commands exit with 1 where the content
is wrong, and with 2 where it could not be read.

This page is written by `medt-gen explain --all`.
"""


@dataclass(frozen=True)
class Explanation:
    """A code in a sentence and in a paragraph, with two examples."""

    code: Code
    says: str
    why: str
    wrong: str
    right: str


@cache
def explanations() -> dict[str, Explanation]:
    """Every code with its explanation, in the order of the page."""
    # Our own file: its places are nobody's to mend, so PyYAML's loader will do.
    entries = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {code: Explanation(code, **entry) for code, entry in entries.items()}


def as_text(item: Explanation) -> str:
    """For a terminal."""
    parts = [f"{item.code}: {item.says}", item.why]
    parts += ["wrong:", _indented(item.wrong), "right:", _indented(item.right)]
    return "\n\n".join(parts)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def page() -> str:
    """The reference page of all codes, as Markdown."""
    return "\n".join([_INTRODUCTION, *map(_section, explanations().values())])


def _section(item: Explanation) -> str:
    kind = "text" if item.code.startswith("printout") else _language(item.wrong)
    return "\n".join(
        [
            f"## `{item.code}`",
            "",
            f"{item.says} {item.why}",
            "",
            "Wrong:",
            "",
            f"```{kind}\n{item.wrong}\n```",
            "",
            "Right:",
            "",
            f"```{kind}\n{item.right}\n```",
            "",
        ]
    )


def _language(example: str) -> str:
    return "sh" if example.startswith("medt-gen ") else "yaml"
