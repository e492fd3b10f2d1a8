"""The Python that a graph of torch.fx prints behind its tree of modules."""

from __future__ import annotations

import re

_CODE = re.compile(
    r"\s*\n(def forward\(self.*?:[^\n]*\n(?:(?:[ \t][^\n]*)?(?:\n|\Z))*)"
)


def traced_code(behind: str) -> str:
    """The code at the beginning of what stands behind a tree; empty where none does."""
    match = _CODE.match(behind)
    return (
        "\n".join(line.rstrip() for line in match[1].rstrip().split("\n"))
        if match
        else ""
    )
