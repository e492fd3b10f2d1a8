"""YAML as a person would write it: one line for each module."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from medt_gen.spec.scalars import BadNumber, yaml_value

_PLAIN = re.compile(
    r"[A-Za-z0-9_$.][A-Za-z0-9_$.+*/()-]*( [A-Za-z0-9_$.+*/()-]+)*", re.ASCII
)


def scalar(value: Any) -> str:
    """A number, a boolean, null or a string."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if _stands_for_itself(value) else _quoted(value)
    return repr(value)


def _stands_for_itself(text: str) -> bool:
    if not _PLAIN.fullmatch(text):
        return False
    try:
        return yaml_value(text) == text
    except BadNumber:
        return False


def _quoted(text: str) -> str:
    """A double-quoted YAML string: JSON's escapes, and YAML's for the invisible."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)


def inline(value: Any) -> str:
    """Any value on one line."""
    if isinstance(value, Mapping):
        items = (f"{scalar(key)}: {inline(item)}" for key, item in value.items())
        return "{" + ", ".join(items) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(inline(item) for item in value) + "]"
    return scalar(value)


def comment(text: str) -> str:
    """`text` as it may stand behind a `#`: one line, nothing invisible in it."""
    return "".join(c if c.isprintable() else " " for c in text)
