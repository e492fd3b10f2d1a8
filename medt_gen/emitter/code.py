"""Python expressions laid out as ruff and black would write them."""

from __future__ import annotations

import re

from medt_gen.algebra.python import (
    PythonCall,
    PythonCode,
    PythonDict,
    PythonIndexed,
    PythonInfix,
    PythonKeyword,
    PythonRepeated,
)

WIDTH = 88
_INDENT = "    "


def flat(code: PythonCode) -> str:
    """The expression on one line."""
    if isinstance(code, str):
        return code
    if isinstance(code, PythonKeyword):
        return f"{code.name}={flat(code.value)}"
    if isinstance(code, PythonRepeated):
        return f"*({flat(code.value)} for _ in range({code.count}))"
    if isinstance(code, PythonIndexed):
        return f"{flat(code.value)}[{code.index}]"
    if isinstance(code, PythonDict):
        pairs = ", ".join(f"{key}: {flat(value)}" for key, value in code.items)
        return f"{{{pairs}}}"
    if isinstance(code, PythonInfix):
        return f" {code.operator} ".join(
            _operand(item, code.operator) for item in code.operands
        )
    inner = ", ".join(flat(item) for item in code.arguments)
    if not code.function and len(code.arguments) == 1:
        inner += ","
    return f"{code.function}({inner})"


def _operand(code: PythonCode, operator: str) -> str:
    sums = isinstance(code, PythonInfix) and code.operator in ("+", "-")
    loose = sums and operator == "*"
    return f"({flat(code)})" if loose else flat(code)


def laid_out(prefix: str, code: PythonCode, suffix: str, indent: int) -> list[str]:
    """`prefix code suffix` as lines at `indent` levels, broken where it is too long."""
    margin = _INDENT * indent
    line = f"{margin}{prefix}{flat(code)}{suffix}"
    if len(line) <= WIDTH or isinstance(code, str | PythonInfix):
        return [line]
    if isinstance(code, PythonKeyword):
        return laid_out(f"{prefix}{code.name}=", code.value, suffix, indent)
    if isinstance(code, PythonIndexed):
        return laid_out(prefix, code.value, f"[{code.index}]{suffix}", indent)
    if isinstance(code, PythonRepeated):
        return _broken_repeat(prefix, code, suffix, indent)
    if isinstance(code, PythonDict):
        return _broken_dict(prefix, code, suffix, indent)
    return _broken_call(prefix, code, suffix, indent)


def _broken_dict(prefix: str, code: PythonDict, suffix: str, indent: int) -> list[str]:
    margin = _INDENT * indent
    lines = [f"{margin}{prefix}{{"]
    for key, value in code.items:
        lines += laid_out(f"{key}: ", value, ",", indent + 1)
    return [*lines, f"{margin}}}{suffix}"]


def _broken_call(prefix: str, code: PythonCall, suffix: str, indent: int) -> list[str]:
    margin = _INDENT * indent
    first = f"{margin}{prefix}{code.function}("
    last = f"{margin}){suffix}"
    inner = margin + _INDENT + ", ".join(flat(item) for item in code.arguments)
    single = not code.function and len(code.arguments) == 1
    starred = any(isinstance(item, PythonRepeated) for item in code.arguments)
    if len(inner) <= WIDTH and not single and not starred:
        return [first, inner, last]
    lines = [first]
    for item in code.arguments:
        lines += laid_out("", item, ",", indent + 1)
    return [*lines, last]


def _broken_repeat(
    prefix: str, code: PythonRepeated, suffix: str, indent: int
) -> list[str]:
    margin = _INDENT * indent
    body = laid_out("", code.value, "", indent + 1)
    tail = f"{margin}{_INDENT}for _ in range({code.count})"
    return [f"{margin}{prefix}*(", *body, tail, f"{margin}){suffix}"]


_SHAPE = re.compile(r"\[N, (?:[^\[\]]|\[\d+\])*\]")
# Stands for a blank that no line may break at; no text has it that is made safe.
_TIE = "\0"


def _tied(shape: re.Match[str]) -> str:
    """A shape that may break after its commas alone, not inside of a term."""
    return re.sub(r"(?<!,) ", _TIE, shape[0])


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
            ('"""' if number == 0 else "") + _SHAPE.sub(_tied, text),
            room,
            break_long_words=False,
            break_on_hyphens=False,
        )
        whole = [line.replace(_TIE, " ") for line in wrapped]
        lines += ([""] if number else []) + [margin + line for line in whole]
    return [*lines, f'{margin}"""']


def safe_text(text: str) -> str:
    """`text` for the inside of a docstring or comment: one line, nothing special."""
    folded = " ".join(text.split())
    # Double quotes could end the docstring, and what is not printable could hide in it.
    plain = folded.replace("\\", "/").replace('"', "'")
    return "".join(
        char if char.isprintable() else f"<U+{ord(char):04X}>" for char in plain
    )
