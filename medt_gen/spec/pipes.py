"""The grammar of `forward:`: pipes of a value, modules and operations."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from medt_gen.algebra.expressions import (
    Constant,
    Expression,
    ExpressionError,
    parse_expression,
)
from medt_gen.catalog import OPERATIONS
from medt_gen.messages.diagnostics import Place
from medt_gen.spec.nodes import ScalarNode
from medt_gen.spec.python_pipes import piped, unexpected_help
from medt_gen.spec.scalar_text import ScalarText

GRAMMAR = """\
pipe      = value { "|" step }
value     = name                          a pipe defined here, or the input
step      = path | call
path      = name { "." key }              a module, or one inside a container
call      = path "(" [ argument { "," argument } ] ")"
            a module of several inputs with the others, or else an operation
argument  = [ name "=" ] ( name | true | false | expression | list )
list      = "[" expression { "," expression } "]"      one value for each axis
"""
MOST_STEPS = 10_000


@dataclass(frozen=True)
class Name:
    """A value or a module, by name.

    `others` are the further values that a module is called with: `up1(skip3)`.
    """

    text: str
    place: Place
    others: tuple[Name, ...] = ()


@dataclass(frozen=True)
class FlowArgument:
    """An argument of an operation; a name is a `Constant` string, a list a tuple."""

    keyword: str | None
    value: Expression | tuple[Expression, ...]
    place: Place

    @property
    def name(self) -> str | None:
        """The name that it is, if it is one."""
        value = self.value.value if isinstance(self.value, Constant) else None
        return value if isinstance(value, str) else None

    @property
    def value_place(self) -> Place:
        """Where the value stands, without a `name=`."""
        text = self.place.text
        if self.keyword is None or self.place.end_line != self.place.line:
            return self.place
        start = text.index("=") + 1
        return replace(self.place, column=self.place.column + start)


@dataclass(frozen=True)
class OperationCall:
    """An operation with its arguments."""

    name: str
    arguments: tuple[FlowArgument, ...]
    place: Place


def named_values(call: OperationCall) -> list[FlowArgument]:
    """The arguments that name other values of the flow.

    They have no keyword. Where an operation takes a number without one, too, only names
    are values: `resize(skip)` and `resize(0.5)`.
    """
    operation = OPERATIONS.get(call.name)
    if operation is None or not operation.values.takes_values:
        return []
    bare = [item for item in call.arguments if item.keyword is None]
    if not any(argument.positional for argument in operation.arguments):
        return bare
    return [item for item in bare if isinstance(item.name, str)]


@dataclass(frozen=True)
class Pipe:
    """A value and the steps that it goes through."""

    value: Name
    steps: tuple[Name | OperationCall, ...]


class FlowError(ValueError):
    """A pipe that does not follow the grammar."""

    def __init__(self, message: str, place: Place, help: str | None = None) -> None:
        super().__init__(message)
        self.place = place
        self.help = help


_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z_]\w*(?:\.\w+)*)|(?P<mark>[|(),=\[\]])|(?P<other>[^\s|(),=\[\]]+))",
    re.ASCII,
)


_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class _Stretch:
    """A part of the text, by offsets."""

    start: int
    end: int


def parse_pipe(scalar: ScalarNode, modules: Collection[str] = ()) -> Pipe:
    """Parse a pipe from its source text; raises FlowError with the exact place.

    `modules` are names of modules: one that can't be one has been complained of.
    """
    parser = _Parser(ScalarText(scalar), modules)
    return parser.pipe()


def parse_call(scalar: ScalarNode) -> OperationCall:
    """Parse a single call, `name(...)`; raises FlowError with the exact place."""
    return _Parser(ScalarText(scalar), ()).call_alone()


def _tokens(text: str, odd_names: Collection[str]) -> list[_Token]:
    """The tokens of a pipe; `odd_names` are modules whose names are none."""
    pattern = _TOKEN
    if odd_names:
        longest_first = sorted(odd_names, key=len, reverse=True)
        either = "|".join(re.escape(name) for name in longest_first)
        pattern = re.compile(rf"\s*(?P<odd>{either})|{_TOKEN.pattern}", re.ASCII)
    return [
        _Token("name" if kind == "odd" else kind, match[kind], *match.span(kind))
        for match in pattern.finditer(text)
        if (kind := match.lastgroup or "other")
    ]


class _Parser:
    def __init__(self, text: ScalarText, modules: Collection[str]) -> None:
        self.text = text
        self.modules = modules
        odd = [name for name in modules if name and not _NAME.fullmatch(name)]
        self.tokens = _tokens(text.text, odd)
        self.position = 0

    @property
    def next(self) -> _Token:
        if self.position < len(self.tokens):
            return self.tokens[self.position]
        end = len(self.text.text.rstrip())
        return _Token("end", "", end, end)

    def take(self) -> _Token:
        token = self.next
        self.position += 1
        return token

    def error(self, message: str, token: _Token, fix: str | None = None) -> FlowError:
        return FlowError(message, self.text.place(token.start, token.end), fix)

    def pipe(self) -> Pipe:
        value = self.value()
        steps: list[Name | OperationCall] = []
        while self.next.kind != "end":
            bar = self.take()
            if bar.text != "|":
                raise self.unexpected(bar)
            if len(steps) >= MOST_STEPS:
                raise self.error(f"a pipe of more than {MOST_STEPS:,} steps", bar)
            steps.append(self.step())
        return Pipe(value, tuple(steps))

    def call_alone(self) -> OperationCall:
        name = self.take()
        if name.kind != "name":
            raise self.unexpected(name)
        if self.next.text != "(":
            fix = f"write `{name.text}()`"
            raise self.error("a call has parentheses", name, fix)
        call = self.call(name)
        if self.next.kind != "end":
            raise self.unexpected(self.next)
        return call

    def value(self) -> Name:
        token = self.take()
        if token.kind != "name":
            fix = "write `x | conv1` to start with the input"
            raise self.error("a pipe starts with the name of a value", token, fix)
        if self.next.text == "(":
            fix = piped(self.text.text, self.modules)
            raise self.error("a pipe starts with a value, not a call", token, fix)
        return Name(token.text, self.text.place(token.start, token.end))

    def step(self) -> Name | OperationCall:
        token = self.take()
        if token.kind == "end":
            fix = "name a module or an operation, or remove the `|`"
            raise self.error("a step is missing after the last `|`", token, fix)
        if token.kind != "name":
            raise self.unexpected(token)
        if self.next.text == "(":
            return self.call(token)
        return Name(token.text, self.text.place(token.start, token.end))

    def call(self, name: _Token) -> OperationCall:
        opening = self.take()
        arguments: list[FlowArgument] = []
        while self.next.text != ")":
            if arguments and self.take().text != ",":
                fix = "separate arguments with `,`"
                raise self.error("a `,` or `)` is missing", self.tokens_before(), fix)
            arguments.append(self.argument(opening))
        closing = self.take()
        place = self.text.place(name.start, closing.end)
        return OperationCall(name.text, tuple(arguments), place)

    def tokens_before(self) -> _Token:
        return self.tokens[min(self.position, len(self.tokens)) - 1]

    def argument(self, opening: _Token) -> FlowArgument:
        start = self.next
        keyword = None
        if start.kind == "name" and self.peek_is("="):
            keyword = self.take().text
            self.take()
        if self.next.text == "[":
            values = self.items(opening)
            end = self.tokens_before().end
            return FlowArgument(keyword, values, self.text.place(start.start, end))
        stretch = self.argument_stretch(opening)
        text = self.text.text[stretch.start : stretch.end]
        place = self.text.place(start.start, stretch.end)
        if not text.strip():
            fix = "remove the `,`, or give a value"
            if keyword is not None:
                fix = f"give `{keyword}` a value"
            raise self.error("an argument is missing here", self.next, fix)
        if re.fullmatch(r"[A-Za-z_][\w.]*", text) and text not in {"true", "false"}:
            return FlowArgument(keyword, Constant(text), place)
        return FlowArgument(keyword, self.expression(stretch), place)

    def items(self, opening: _Token) -> tuple[Expression, ...]:
        """The expressions of a list, its brackets included."""
        self.take()
        values: list[Expression] = []
        while not values or self.next.text == ",":
            if values:
                self.take()
            values.append(self.expression(self.argument_stretch(opening)))
        if self.next.text != "]":
            raise self.error("a `,` or `]` is missing", self.tokens_before())
        self.take()
        return tuple(values)

    def peek_is(self, text: str) -> bool:
        following = self.position + 1
        return following < len(self.tokens) and self.tokens[following].text == text

    def argument_stretch(self, opening: _Token) -> _Stretch:
        """Up to the `,`, `)` or `]` that ends the argument; it may be empty."""
        start = end = self.next.start
        depth = 0
        while depth or self.next.text not in {",", ")", "]"}:
            token = self.take()
            if token.kind == "end" or token.text == "|":
                raise self.error("this `(` is not closed", opening, "add a `)`")
            if token.text == "=":
                raise self.unexpected(token)
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            end = token.end
        return _Stretch(start, end)

    def expression(self, stretch: _Stretch) -> Expression:
        text = self.text.text[stretch.start : stretch.end]
        try:
            return parse_expression(text)
        except ExpressionError as error:
            at = stretch.start + error.offset
            fix = error.help or ("write `name=value`" if ":" in text else None)
            if fix is None and " " in text.strip():
                fix = "separate arguments with `,`"
            raise FlowError(str(error), self.text.place(at, at + 1), fix) from None

    def unexpected(self, token: _Token) -> FlowError:
        fix = unexpected_help(token.text, self.text.text, self.modules)
        return self.error(f"`{token.text}` does not belong here", token, fix)
