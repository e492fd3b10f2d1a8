"""A little of Python, read as text: people write specs as they write code.

Only help texts come of it, and nothing of it is ever run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from medt_gen.algebra.terms import Plain

_LONGEST = 300
_DEEPEST = 20
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)|(?P<name>[A-Za-z_][\w.]*)"
    r"|(?P<text>'[^'\\]*'|\"[^\"\\]*\")|(?P<mark>[()\[\],=+*-]))",
    re.ASCII,
)
_WORDS: dict[str, Plain] = {"True": True, "False": False, "None": None}


@dataclass(frozen=True)
class Variable:
    """A name, with dots or without."""

    name: str


@dataclass(frozen=True)
class Value:
    """A number, a text, True, False or None."""

    value: Plain


@dataclass(frozen=True)
class Several:
    """A list or a tuple."""

    items: tuple[Code, ...]


@dataclass(frozen=True)
class Sum:
    """Two parts with `+` or `*` between them."""

    operator: str
    left: Code
    right: Code


@dataclass(frozen=True)
class CallText:
    """A call, its arguments without a name before those with one."""

    name: str
    arguments: tuple[Code, ...]
    keywords: tuple[tuple[str, Code], ...]

    @property
    def last_name(self) -> str:
        """`Conv2d` of `torch.nn.Conv2d`."""
        return self.name.rpartition(".")[2]


Code = Variable | Value | Several | Sum | CallText


class _NotRead(ValueError):
    """The text is something else."""


def read_code(text: str) -> Code | None:
    """The expression that `text` is, or None where it is none of these."""
    if len(text) > _LONGEST:
        return None
    try:
        reader = _Reader(text)
        code = reader.sum(0)
        return code if reader.at_end else None
    except _NotRead:
        return None


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        self.position = 0
        at = 0
        while at < len(text.rstrip()):
            match = _TOKEN.match(text, at)
            if match is None:
                raise _NotRead
            kind = match.lastgroup or ""
            self.tokens.append((kind, match[kind]))
            at = match.end()

    @property
    def at_end(self) -> bool:
        return self.position == len(self.tokens)

    def peek(self, ahead: int = 0) -> str:
        at = self.position + ahead
        return self.tokens[at][1] if at < len(self.tokens) else ""

    def take(self) -> tuple[str, str]:
        if self.at_end:
            raise _NotRead
        self.position += 1
        return self.tokens[self.position - 1]

    def sum(self, depth: int) -> Code:
        return self._chain("+", depth)

    def _chain(self, operator: str, depth: int) -> Code:
        def part() -> Code:
            return self._chain("*", depth) if operator == "+" else self.term(depth)

        code = part()
        while self.peek() == operator:
            self.take()
            code = Sum(operator, code, part())
        return code

    def term(self, depth: int) -> Code:
        if depth > _DEEPEST:
            raise _NotRead
        kind, text = self.take()
        if kind == "number":
            return Value(_number(text))
        if kind == "text":
            return Value(text[1:-1])
        if kind == "name":
            return self._call(text, depth) if self.peek() == "(" else _named(text)
        if text == "-" and self.peek()[:1].isdigit():
            return Value(-_number(self.take()[1]))
        if text == "[":
            return Several(self._items("]", depth))
        if text == "(":
            return self._in_parentheses(depth)
        raise _NotRead

    def _in_parentheses(self, depth: int) -> Code:
        items = self._items(")", depth)
        alone = len(items) == 1 and self.tokens[self.position - 2][1] != ","
        return items[0] if alone else Several(items)

    def _items(self, closing: str, depth: int) -> tuple[Code, ...]:
        items: list[Code] = []
        while self.peek() != closing:
            items.append(self.sum(depth + 1))
            if self.peek() != closing and self.take()[1] != ",":
                raise _NotRead
        self.take()
        return tuple(items)

    def _call(self, name: str, depth: int) -> Code:
        self.take()
        arguments: list[Code] = []
        keywords: list[tuple[str, Code]] = []
        while self.peek() != ")":
            if self.peek(1) == "=":
                keyword = self.take()[1]
                self.take()
                keywords.append((keyword, self.sum(depth + 1)))
            else:
                arguments.append(self.sum(depth + 1))
            if self.peek() != ")" and self.take()[1] != ",":
                raise _NotRead
        self.take()
        return CallText(name, tuple(arguments), tuple(keywords))


def _named(text: str) -> Code:
    return Value(_WORDS[text]) if text in _WORDS else Variable(text)


def _number(text: str) -> int | float:
    return int(text) if text.isdigit() else float(text)


def plain_data(code: Code) -> Plain | list[object]:
    """A value, or a list of values, as data; raises ValueError for anything else."""
    if isinstance(code, Value):
        return code.value
    if isinstance(code, Several):
        return [plain_data(item) for item in code.items]
    raise ValueError("it is computed")
