"""Python expressions and how they are laid out: as ruff and black would write them."""

from __future__ import annotations

import json
from dataclasses import dataclass

WIDTH = 88
_INDENT = "    "


@dataclass(frozen=True)
class Call:
    """`function(positional, keyword=value)`, or a tuple where there is no function."""

    function: str
    arguments: tuple[Code, ...]


@dataclass(frozen=True)
class Keyword:
    """`name=value` in a call."""

    name: str
    value: Code


@dataclass(frozen=True)
class Repeated:
    """`*(value for _ in range(count))` in a call."""

    value: Code
    count: int


@dataclass(frozen=True)
class Infix:
    """`left + right + ...`."""

    operator: str
    operands: tuple[Code, ...]


Code = str | Call | Keyword | Repeated | Infix


def flat(code: Code) -> str:
    """The expression on one line."""
    if isinstance(code, str):
        return code
    if isinstance(code, Keyword):
        return f"{code.name}={flat(code.value)}"
    if isinstance(code, Repeated):
        return f"*({flat(code.value)} for _ in range({code.count}))"
    if isinstance(code, Infix):
        return f" {code.operator} ".join(
            _operand(item, code.operator) for item in code.operands
        )
    inner = ", ".join(flat(item) for item in code.arguments)
    if not code.function and len(code.arguments) == 1:
        inner += ","
    return f"{code.function}({inner})"


def _operand(code: Code, operator: str) -> str:
    loose = isinstance(code, Infix) and operator == "*" and code.operator == "+"
    return f"({flat(code)})" if loose else flat(code)


def laid_out(prefix: str, code: Code, suffix: str, indent: int) -> list[str]:
    """`prefix code suffix` as lines at `indent` levels, broken where it is too long."""
    margin = _INDENT * indent
    line = f"{margin}{prefix}{flat(code)}{suffix}"
    if len(line) <= WIDTH or isinstance(code, str | Infix):
        return [line]
    if isinstance(code, Keyword):
        return laid_out(f"{prefix}{code.name}=", code.value, suffix, indent)
    if isinstance(code, Repeated):
        return _broken_repeat(prefix, code, suffix, indent)
    return _broken_call(prefix, code, suffix, indent)


def _broken_call(prefix: str, code: Call, suffix: str, indent: int) -> list[str]:
    margin = _INDENT * indent
    first = f"{margin}{prefix}{code.function}("
    last = f"{margin}){suffix}"
    inner = margin + _INDENT + ", ".join(flat(item) for item in code.arguments)
    single = not code.function and len(code.arguments) == 1
    starred = any(isinstance(item, Repeated) for item in code.arguments)
    if len(inner) <= WIDTH and not single and not starred:
        return [first, inner, last]
    lines = [first]
    for item in code.arguments:
        lines += laid_out("", item, ",", indent + 1)
    return [*lines, last]


def _broken_repeat(prefix: str, code: Repeated, suffix: str, indent: int) -> list[str]:
    margin = _INDENT * indent
    body = laid_out("", code.value, "", indent + 1)
    tail = f"{margin}{_INDENT}for _ in range({code.count})"
    return [f"{margin}{prefix}*(", *body, tail, f"{margin}){suffix}"]


def literal(value: object) -> str:
    """A plain value as a Python literal."""
    if isinstance(value, str):
        safe = value.isascii() and value.isprintable()
        return json.dumps(value) if safe else ascii(value)
    if isinstance(value, list | tuple):
        items = ", ".join(literal(item) for item in value)
        return f"({items},)" if len(value) == 1 else f"({items})"
    return repr(value)


def docstring(*paragraphs: str, indent: int) -> list[str]:
    """A docstring from texts that may hold anything; each is wrapped on its own."""
    import textwrap

    margin = _INDENT * indent
    room = WIDTH - len(margin)
    texts = [safe_text(text) for text in paragraphs if text.strip()]
    if len(texts) == 1 and len(texts[0]) + 6 <= room:
        return [f'{margin}"""{texts[0]}"""']
    lines: list[str] = []
    for number, text in enumerate(texts):
        wrapped = textwrap.wrap(
            ('"""' if number == 0 else "") + text,
            room,
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines += ([""] if number else []) + [margin + line for line in wrapped]
    return [*lines, f'{margin}"""']


def safe_text(text: str) -> str:
    """`text` for the inside of a docstring or comment: one line, nothing special."""
    folded = " ".join(text.split())
    # Double quotes could end the docstring, and what is not printable could hide in it.
    plain = folded.replace("\\", "/").replace('"', "'")
    return "".join(
        char if char.isprintable() else f"<U+{ord(char):04X}>" for char in plain
    )
