"""Integer expressions over parameters: `2 * $planes`, and conditions for `when:`.

They are kept as small trees, since the same expression is computed for each use of a
block and written into the emitted class.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeGuard

LARGEST = 2**63 - 1
_MOST_DIGITS = len(str(LARGEST))

Number = int | float

_SMALLER = "use smaller numbers"


Literal = Number | bool | str
Data = Literal | tuple[Literal, ...]
"""What a parameter holds: one value, or a list with one for each axis."""


@dataclass(frozen=True)
class Constant:
    """A literal."""

    value: Literal


@dataclass(frozen=True)
class Parameter:
    """`$name`."""

    name: str


ITEM = "[]"
"""The operator that takes an item of a list: only inference writes it."""

LIST = "list"
"""The operator that makes a list of its operands."""


@dataclass(frozen=True)
class Operation:
    """An operator with its operands: two, or one for `-` and `not`."""

    operator: str
    operands: tuple[Expression, ...]


Expression = Constant | Parameter | Operation


class ExpressionError(ValueError):
    """A problem at `offset` characters into the text; `help` may say how to fix it."""

    def __init__(self, message: str, offset: int = 0, help: str | None = None) -> None:
        super().__init__(message)
        self.offset = offset
        self.help = help


_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<parameter>\$[A-Za-z_]\w*)"
    r"|(?P<word>[A-Za-z_]\w*)|(?P<operator>//|==|!=|<=|>=|[-+*()<>])|(?P<other>\S))",
    re.ASCII,
)
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("or",),
    ("and",),
    ("==", "!=", "<", "<=", ">", ">="),
    ("+", "-"),
    ("*", "//"),
)
_COMPARISON_LEVEL = 2
_NOT_LEVEL = 2
_UNARY_LEVEL = len(_LEVELS)
_MOST_TOKENS = 100
_MOST_PARENTHESES = 20


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    offset: int


def parse_expression(text: str) -> Expression:
    """Parse `text`; raises ExpressionError with the offset of what is wrong."""
    parser = _Parser(_tokens(text), len(text))
    expression = parser.level(0)
    parser.expect_end()
    return expression


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        token = _Token(kind, match[kind], match.start(kind))
        if kind == "other" or len(tokens) >= _MOST_TOKENS:
            raise _unexpected(token)
        tokens.append(token)
    opening = [token for token in tokens if token.text == "("]
    if len(opening) > _MOST_PARENTHESES:
        raise ExpressionError("too many parentheses", opening[-1].offset)
    return tokens


def _unexpected(token: _Token) -> ExpressionError:
    hints = {
        "/": "division is `//` and rounds down",
        "=": "equality is `==`",
        "$": "a parameter is written `$name`",
        "%": "the operators are + - * // and parentheses",
    }
    return ExpressionError(
        f"`{token.text}` does not belong here", token.offset, hints.get(token.text)
    )


class _Parser:
    def __init__(self, tokens: list[_Token], length: int) -> None:
        self.tokens = tokens
        self.position = 0
        self.end = _Token("end", "", length)

    @property
    def next(self) -> _Token:
        if self.position < len(self.tokens):
            return self.tokens[self.position]
        return self.end

    def take(self) -> _Token:
        token = self.next
        self.position += 1
        return token

    def expect_end(self) -> None:
        if self.next is not self.end:
            raise _unexpected(self.next)

    def level(self, number: int) -> Expression:
        if number == _NOT_LEVEL and self.next.text == "not":
            self.take()
            return Operation("not", (self.level(number),))
        if number == _UNARY_LEVEL:
            return self.unary()
        left = self.level(number + 1)
        while self.next.text in _LEVELS[number] and self.next.kind != "end":
            operator = self.take().text
            left = Operation(operator, (left, self.level(number + 1)))
        return left

    def unary(self) -> Expression:
        token = self.take()
        if token.text == "-":
            return Operation("-", (self.unary(),))
        if token.text == "(":
            inner = self.level(0)
            if self.take().text != ")":
                raise ExpressionError("a `(` is not closed", token.offset, "add a `)`")
            return inner
        return self.leaf(token)

    def leaf(self, token: _Token) -> Expression:
        if token.kind == "number":
            return Constant(_literal(token))
        if token.kind == "parameter":
            return Parameter(token.text[1:])
        if token.text in {"true", "false"}:
            return Constant(token.text == "true")
        if token.kind == "word" and token.text not in {"and", "or", "not"}:
            # A word is a name, such as a type: `when: $norm == GroupNorm`.
            return Constant(token.text)
        if token.kind == "end":
            raise ExpressionError("the expression ends too early", token.offset)
        raise _unexpected(token)


def _literal(token: _Token) -> Number:
    if "." in token.text:
        return float(token.text)
    if len(token.text) > _MOST_DIGITS:
        raise ExpressionError("the integer does not fit in 64 bits", token.offset)
    return int(token.text)


_COMPARE: Mapping[str, Callable[[Number, Number], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def evaluate(expression: Expression, values: Mapping[str, object]) -> Literal:
    """The value of `expression`; raises ExpressionError where it has none."""
    value = evaluate_data(expression, values)
    if isinstance(value, tuple):
        name = f"`${expression.name}`" if isinstance(expression, Parameter) else "this"
        raise ExpressionError(f"{name} is a list, and no number")
    return value


def evaluate_data(expression: Expression, values: Mapping[str, object]) -> Data:
    """The value of `expression`, which may be a list."""
    if isinstance(expression, Constant):
        return expression.value
    if isinstance(expression, Parameter):
        return _parameter(expression.name, values)
    operator, operands = expression.operator, expression.operands
    if operator == LIST:
        return tuple(evaluate(operand, values) for operand in operands)
    if operator == ITEM:
        return _item(*(evaluate_data(operand, values) for operand in operands))
    if operator in {"==", "!="}:
        return _are_equal(operands, values) is (operator == "==")
    if operator in {"and", "or"}:
        # As in Python, which computes it in an emitted file: one of the operands.
        left = evaluate(operands[0], values)
        decided = bool(left) is (operator == "or")
        return left if decided else evaluate(operands[1], values)
    return _apply(operator, [evaluate(operand, values) for operand in operands])


def _item(held: Data, position: Data) -> Literal:
    if isinstance(held, tuple) and isinstance(position, int) and position < len(held):
        return held[position]
    raise ExpressionError("there is no such item")


def _are_equal(operands: tuple[Expression, ...], values: Mapping[str, object]) -> bool:
    """A list with one value for each axis equals a number where all of them do."""
    left, right = (evaluate_data(operand, values) for operand in operands)
    if not isinstance(left, tuple) and not isinstance(right, tuple):
        return left == right
    held, number = (left, right) if isinstance(left, tuple) else (right, left)
    written = any(isinstance(operand, Constant) for operand in operands)
    if not isinstance(held, tuple) or not written:
        raise ExpressionError(
            "a list is only compared with a number that is written out",
            help="write a condition such as `$stride != 1`",
        )
    return all(item == number for item in held)


def _parameter(name: str, values: Mapping[str, object]) -> Data:
    if name not in values:
        raise ExpressionError(f"there is no parameter `${name}`")
    value = values[name]
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list) and all(isinstance(x, Literal) for x in value):
        return tuple(value)
    raise ExpressionError(f"`${name}` is not a number, a boolean or a name")


def _apply(operator: str, operands: list[Literal]) -> Literal:
    if operator == "not":
        return not operands[0]
    numbers = [_number(operand, operator) for operand in operands]
    if operator in _COMPARE:
        return _COMPARE[operator](numbers[0], numbers[1])
    return _arithmetic(operator, numbers)


def _number(operand: Literal, operator: str) -> Number:
    if isinstance(operand, bool | str):
        fix = "a parameter is written `$name`" if isinstance(operand, str) else None
        raise ExpressionError(f"`{operator}` takes numbers, not `{operand}`", help=fix)
    return operand


def _arithmetic(operator: str, operands: list[Number]) -> Number:
    if len(operands) == 1:
        return -operands[0]
    left, right = operands
    if operator == "//" and right == 0:
        raise ExpressionError("division by zero", help="give another divisor")
    results = {"+": left + right, "-": left - right, "*": left * right}
    value = left // right if operator == "//" else results[operator]
    if abs(value) > LARGEST:
        raise ExpressionError("the result does not fit in 64 bits", help=_SMALLER)
    return value


def parameters(expression: Expression) -> set[str]:
    """The names that `expression` refers to."""
    if isinstance(expression, Parameter):
        return {expression.name}
    if isinstance(expression, Operation):
        return set().union(*(parameters(item) for item in expression.operands))
    return set()


def substitute(
    expression: Expression, values: Mapping[str, Expression]
) -> Expression | None:
    """`expression` with its parameters replaced; None where one is unknown."""
    if isinstance(expression, Parameter):
        return values.get(expression.name)
    if isinstance(expression, Constant):
        return expression
    operands = [substitute(item, values) for item in expression.operands]
    if any(item is None for item in operands):
        return None
    return simplified(expression.operator, *[item for item in operands if item])


def simplified(operator: str, *operands: Expression) -> Expression:
    """An operation with constants folded and neutral elements left out.

    It has the same value wherever the operation has one, for integer parameters.
    """
    if operator == LIST:
        return _listed(operands)
    if operator == ITEM and _is_list(operands[0]):
        return operands[0].operands[_position(operands[1])]
    if all(isinstance(item, Constant) for item in operands):
        try:
            return Constant(evaluate(Operation(operator, operands), {}))
        except ExpressionError:
            return Operation(operator, operands)
    if len(operands) == 2 and isinstance(operands[1], Constant):
        return _with_constant(operator, operands[0], operands[1])
    if operator == "*" and _is_integer(operands[0], 1):
        return operands[1]
    if operator == "+" and (counted := _counted_again(*operands)) is not None:
        return counted
    return Operation(operator, operands)


def _counted_again(left: Expression, right: Expression) -> Expression | None:
    """`a + a` as `a * 2`, and `a * 2 + a` as `a * 3`."""
    if left == right:
        return Operation("*", (left, Constant(2)))
    if not isinstance(left, Operation) or left.operator != "*":
        return None
    part, count = left.operands
    if part != right or not isinstance(count, Constant) or type(count.value) is not int:
        return None
    return Operation("*", (part, Constant(count.value + 1)))


def _listed(operands: tuple[Expression, ...]) -> Expression:
    """A list; where it has all items of a parameter's, that parameter."""
    first = operands[0] if operands else None
    if isinstance(first, Operation) and first.operator == ITEM:
        whole = first.operands[0]
        if operands == items_of(whole, len(operands)):
            return whole
    return Operation(LIST, operands)


def items_of(expression: Expression, count: int) -> tuple[Expression, ...]:
    """The items of a list of so many, one by one."""
    return tuple(Operation(ITEM, (expression, Constant(i))) for i in range(count))


def _is_list(expression: Expression) -> TypeGuard[Operation]:
    return isinstance(expression, Operation) and expression.operator == LIST


def _position(expression: Expression) -> int:
    value = expression.value if isinstance(expression, Constant) else 0
    return value if isinstance(value, int) else 0


_NEUTRAL = {"+": 0, "-": 0, "*": 1, "//": 1}


def _with_constant(operator: str, left: Expression, right: Constant) -> Expression:
    if operator in _NEUTRAL and _is_integer(right, _NEUTRAL[operator]):
        return left
    change = _change(operator, right)
    if change is not None and isinstance(left, Operation) and len(left.operands) == 2:
        before = _change(left.operator, left.operands[1])
        if before is not None:
            total = before + change
            sign = "+" if total >= 0 else "-"
            return _with_constant(sign, left.operands[0], Constant(abs(total)))
    return Operation(operator, (left, right))


def _change(operator: str, right: Expression) -> int | None:
    """What is added on the whole, where that is an integer: floats would be rounded."""
    if not isinstance(right, Constant) or type(right.value) is not int:
        return None
    return {"+": right.value, "-": -right.value}.get(operator)


def _is_integer(expression: Expression, number: int) -> bool:
    """Whether it is this integer: `true` equals 1 for Python, and is no number here."""
    if not isinstance(expression, Constant) or type(expression.value) is not int:
        return False
    return expression.value == number


_PYTHONS_OWN = {
    "in": _COMPARISON_LEVEL,
    "not in": _COMPARISON_LEVEL,
    LIST: _UNARY_LEVEL + 1,
    ITEM: _UNARY_LEVEL + 1,
}
"""Operators that no spec can write."""


def python_text(expression: Expression, level: int = 0) -> str:
    """The expression as Python source, parameters by their bare names."""
    if isinstance(expression, Constant):
        return repr(expression.value)
    if isinstance(expression, Parameter):
        return expression.name
    own = _level(expression)
    text = _operation_text(expression, own)
    return f"({text})" if own < level else text


def _operation_text(operation: Operation, own: int) -> str:
    operator, operands = operation.operator, operation.operands
    if operator == LIST:
        inner = ", ".join(map(python_text, operands))
        return f"({inner}{',' if len(operands) == 1 else ''})"
    if operator == ITEM:
        return f"{python_text(operands[0], own)}[{python_text(operands[1])}]"
    if len(operands) == 1:
        word = "not " if operator == "not" else "-"
        return word + python_text(operands[0], own)
    # Python chains comparisons: `a == b == c` would not compare with `a == b`.
    left = python_text(operands[0], own + 1 if own == _COMPARISON_LEVEL else own)
    return f"{left} {operator} {python_text(operands[1], own + 1)}"


def _level(operation: Operation) -> int:
    if operation.operator in _PYTHONS_OWN:
        return _PYTHONS_OWN[operation.operator]
    if len(operation.operands) == 1:
        return _NOT_LEVEL if operation.operator == "not" else _UNARY_LEVEL
    return next(
        number for number, names in enumerate(_LEVELS) if operation.operator in names
    )
