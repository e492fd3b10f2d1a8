"""Which expression a class writes for a value that differs between its instances."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

from medt_gen.algebra.expressions import (
    LIST,
    Constant,
    Expression,
    ExpressionError,
    Operation,
    Parameter,
    evaluate_data,
    parameters,
    python_text,
    substitute,
)
from medt_gen.algebra.python import literal
from medt_gen.algebra.terms import (
    AXES,
    ArgumentValue,
    Datum,
    Plain,
    Shape,
    Term,
    as_data,
    whole_expression,
)
from medt_gen.network.inputs import input_terms
from medt_gen.network.records import Instance


@dataclass(frozen=True)
class Owner:
    """A class as its values see it: what its parameters are, instance by instance.

    `fixed` are names that expressions may have and the class has not, with what is
    written for them: the parameters of a network that are no arguments of its class.
    """

    environments: tuple[Mapping[str, Datum], ...]
    fixed: Mapping[str, Expression] = field(default_factory=dict)

    def written(self, expression: Expression) -> Expression:
        """The expression in terms that the class has."""
        if not self.fixed:
            return expression
        known = {name: Parameter(name) for name in parameters(expression)}
        return substitute(expression, {**known, **self.fixed}) or expression


def block_owner(instances: Sequence[Instance]) -> Owner:
    """The owner of a block's values: every number stands for a parameter."""
    return Owner(tuple(instance_values(instance) for instance in instances))


def network_owner(instance: Instance, arguments: Mapping[str, Plain]) -> Owner:
    """The owner of a network's values; `arguments` are what its class takes."""
    fixed: dict[str, Expression] = {
        name: Constant(term.value)
        for name, term in instance.arguments.items()
        if isinstance(term, Term) and name not in arguments and term.value is not None
    }
    return Owner((arguments,), fixed)


def _is_list(value: object) -> TypeGuard[tuple[Term, ...]]:
    return isinstance(value, tuple) and all(isinstance(item, Term) for item in value)


def instance_values(instance: Instance) -> dict[str, Datum]:
    """Declared parameters, channels and axes of an instance, as plain values."""
    values: dict[str, Datum] = {
        name: as_data(value)
        for name, value in instance.arguments.items()
        if isinstance(value, Term) or _is_list(value)
    }
    names = instance.declaration.inputs
    sizes = input_terms(names, [instance.input, *instance.others.values()])
    values.update({name: term.value for name, term in sizes.items()})
    values["patches"] = instance.patches
    return values


def fitting(
    values: Sequence[ArgumentValue], present: Sequence[int], owner: Owner
) -> Expression | None:
    """The shortest expression that is right in every instance, or None."""
    wholes = [whole_expression(value) for value in values]
    found = {owner.written(whole) for whole in wholes if whole is not None}
    for expression in sorted(found, key=lambda item: len(python_text(item))):
        if _right(expression, values, present, owner):
            return expression
    first = values[0]
    if len({repr(as_data(value)) for value in values}) > 1:
        return None
    if isinstance(first, Term) and first.value is not None:
        return Constant(first.value)
    return None


def _right(
    expression: Expression,
    values: Sequence[ArgumentValue],
    present: Sequence[int],
    owner: Owner,
) -> bool:
    try:
        return all(
            _data(expression, owner.environments[index]) == as_data(value)
            for index, value in zip(present, values, strict=True)
        )
    except ExpressionError:
        return False


def _data(expression: Expression, values: Mapping[str, Datum]) -> Datum:
    found = evaluate_data(expression, values)
    return list(found) if isinstance(found, tuple) else found


def expression_text(expression: Expression) -> str:
    """An expression as Python."""
    if isinstance(expression, Constant):
        return literal(expression.value)
    if isinstance(expression, Operation) and expression.operator == LIST:
        items = [expression_text(item) for item in expression.operands]
        return "(" + ", ".join(items) + ("," if len(items) == 1 else "") + ")"
    return python_text(expression)


_LETTERS = {name: Parameter(name[0].upper()) for name in AXES}


def _short(expression: Expression) -> Expression:
    """The expression with D, H and W for the axes, as papers write them."""
    known = {name: Parameter(name) for name in parameters(expression)}
    return substitute(expression, {**known, **_LETTERS}) or expression


def shape_text(shapes: Iterable[Shape], owner: Owner) -> str:
    """A shape as a comment shows it: `[N, planes, H // stride, W // stride]`.

    `shapes` has one for each instance.
    """
    columns = list(zip(*[(s.channels, *s.size) for s in shapes], strict=True))
    parts = []
    for column in columns:
        expression = fitting(list(column), range(len(column)), owner)
        parts.append("?" if expression is None else python_text(_short(expression)))
    return f"[N, {', '.join(parts)}]"


def condition_text(expression: Expression, owner: Owner) -> str:
    """A condition as Python, where a list equals a number if all of its items do."""
    lengths: dict[str, set[int]] = {}
    for environment in owner.environments:
        for name, value in environment.items():
            if isinstance(value, list):
                lengths.setdefault(name, set()).add(len(value))
    return python_text(_with_lists(expression, lengths))


_MEMBER = {"==": "in", "!=": "not in"}


def _with_lists(
    expression: Expression, lengths: Mapping[str, Collection[int]]
) -> Expression:
    """`stride != 1` as `stride not in (1, (1, 1, 1))`, where it may be a list."""
    if not isinstance(expression, Operation):
        return expression
    operator, operands = expression.operator, expression.operands
    if operator in _MEMBER:
        left, right = operands if isinstance(operands[1], Constant) else operands[::-1]
        held = lengths.get(left.name, ()) if isinstance(left, Parameter) else ()
        if held:
            lists = (Operation(LIST, (right,) * count) for count in sorted(held))
            values = Operation(LIST, (right, *lists))
            return Operation(_MEMBER[operator], (left, values))
    inner = (_with_lists(operand, lengths) for operand in operands)
    return Operation(operator, tuple(inner))
