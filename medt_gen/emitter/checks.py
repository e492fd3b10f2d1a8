"""What a network's constructor refuses: arguments that its spec would refuse, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import gcd

from medt_gen.algebra.expressions import (
    Constant,
    Expression,
    ExpressionError,
    Operation,
    Parameter,
    evaluate,
    parameters,
    python_text,
    simplified,
)
from medt_gen.algebra.terms import Plain, from_data
from medt_gen.catalog.entries import Multiple
from medt_gen.emitter.symbolic import SymbolicInstance
from medt_gen.network.records import Leaf

Values = Mapping[str, Plain]


@dataclass(frozen=True)
class Bound:
    """An argument that has an end: at least, at most or above a number."""

    argument: str
    kept: str
    end: int | float

    @property
    def condition(self) -> str:
        """Where it is refused, in Python."""
        return f"{self.argument} {_OPPOSITE[self.kept]} {self.end}"

    @property
    def wanted(self) -> str:
        """What it has to be."""
        return f"{_WORDS[self.kept]} {self.end}"

    def refuses(self, values: Values) -> bool:
        """Whether the argument is wrong among these."""
        value = values[self.argument]
        if not isinstance(value, int | float):
            return True
        if self.kept == ">":
            return value <= self.end
        return value < self.end if self.kept == ">=" else value > self.end


_OPPOSITE = {">=": "<", "<=": ">", ">": "<="}
_WORDS = {">=": "at least", "<=": "at most", ">": "above"}


@dataclass(frozen=True)
class Divided:
    """An argument with a part in what has to be a multiple of something."""

    argument: str
    dividend: Expression
    divisor: Expression

    @property
    def condition(self) -> str:
        """Where it is refused, in Python."""
        return f"{_operand(self.dividend)} % {_operand(self.divisor)}"

    @property
    def wanted(self) -> str:
        """What it has to be."""
        return f"{python_text(self.divisor)} divides {python_text(self.dividend)}"

    def refuses(self, values: Values) -> bool:
        """Whether the argument is wrong among these."""
        try:
            whole = evaluate(self.dividend, values)
            part = evaluate(self.divisor, values)
        except ExpressionError:
            return True
        if not isinstance(whole, int) or not isinstance(part, int) or part == 0:
            return True
        return whole % part != 0


Refusal = Bound | Divided


def argument_refusals(
    instances: list[SymbolicInstance], arguments: Mapping[str, Plain], fixed: Values
) -> dict[str, list[Refusal]]:
    """What is refused of each of a network's arguments, bounds before divisors.

    `fixed` are the values of the parameters that are no arguments.
    """
    constants: dict[str, Expression] = {
        name: Constant(value) for name, value in fixed.items() if value is not None
    }
    own = [item.with_constants(constants) for item in instances]
    every: list[Refusal] = [*_bounds(own), *_divisors(own)]
    found = list(dict.fromkeys(every))
    by_argument = {
        name: [item for item in found if item.argument == name] for name in arguments
    }
    return {name: items for name, items in by_argument.items() if items}


def _bounds(instances: list[SymbolicInstance]) -> Iterator[Bound]:
    """The tightest bounds of what any layer takes for a parameter or its multiple."""
    tightest: dict[tuple[str, str], int | float] = {}
    for item in instances:
        for leaf in item.leaves:
            for name, value in leaf.arguments.items():
                expression = item.expression(value)
                for limit in leaf.layer.argument(name).kind.limits:
                    bound = _solved(expression, limit.operator, limit.value)
                    if bound is None:
                        continue
                    key = bound.argument, bound.kept
                    choose = min if bound.kept == "<=" else max
                    tightest[key] = choose(tightest.get(key, bound.end), bound.end)
    for (argument, kept), end in tightest.items():
        yield Bound(argument, kept, end)


def _solved(expression: Expression | None, kept: str, end: int | float) -> Bound | None:
    """The bound of a parameter where a whole multiple of it has one."""
    if isinstance(expression, Parameter):
        return Bound(expression.name, kept, end)
    if not isinstance(expression, Operation) or expression.operator != "*":
        return None
    left, right = expression.operands
    factor, part = (left, right) if isinstance(left, Constant) else (right, left)
    by = factor.value if isinstance(factor, Constant) else None
    if not isinstance(by, int) or isinstance(by, bool) or by < 1:
        return None
    if kept == ">":
        return _solved(part, kept, end / by)
    if not isinstance(end, int):
        return None
    return _solved(part, kept, -(-end // by) if kept == ">=" else end // by)


def _divisors(instances: list[SymbolicInstance]) -> Iterator[Divided]:
    """What has to divide what; of fixed multiples of a divisor only the common part."""
    fixed: dict[Expression, int] = {}
    for item in instances:
        for leaf in item.leaves:
            for multiple in leaf.layer.multiples:
                dividend = _side(item, leaf, multiple.dividend)
                divisor = _divisor(item, leaf, multiple)
                if dividend is None or divisor is None or divisor == Constant(1):
                    continue
                if isinstance(dividend, Constant) and type(dividend.value) is int:
                    fixed[divisor] = gcd(fixed.get(divisor, 0), dividend.value)
                else:
                    yield from _divided(dividend, divisor)
    for divisor, whole in fixed.items():
        yield from _divided(Constant(whole), divisor)


def _side(item: SymbolicInstance, leaf: Leaf, name: str) -> Expression | None:
    """An argument of a layer, or its default, in terms of the network's parameters."""
    if name in leaf.arguments:
        return item.expression(leaf.arguments[name])
    return item.expression(from_data(leaf.layer.filled(leaf.arguments).data(name)))


def _divisor(
    item: SymbolicInstance, leaf: Leaf, multiple: Multiple
) -> Expression | None:
    own = _side(item, leaf, multiple.divisor)
    return own and simplified("*", Constant(multiple.factor), own)


def _divided(dividend: Expression, divisor: Expression) -> Iterator[Divided]:
    """One for each parameter that has a part in it."""
    for argument in sorted(parameters(dividend) | parameters(divisor)):
        yield Divided(argument, dividend, divisor)


def _operand(expression: Expression) -> str:
    text = python_text(expression)
    simple = isinstance(expression, Constant | Parameter)
    return text if simple else f"({text})"
