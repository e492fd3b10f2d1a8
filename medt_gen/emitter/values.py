"""Which expression a class writes for a value that differs between its instances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from medt_gen.algebra.expressions import (
    Constant,
    Expression,
    ExpressionError,
    Parameter,
    evaluate,
    parameters,
    python_text,
    substitute,
)
from medt_gen.algebra.python import literal
from medt_gen.algebra.terms import AXES, Plain, Shape, Term, size_terms
from medt_gen.network.records import Instance


@dataclass(frozen=True)
class Owner:
    """A class as its values see it: what its parameters are, instance by instance.

    `fixed` are names that expressions may have and the class has not, with what is
    written for them: the parameters of a network that are no arguments of its class.
    """

    environments: tuple[Mapping[str, Plain], ...]
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


def instance_values(instance: Instance) -> dict[str, Plain]:
    """Declared parameters, channels and axes of an instance, as plain values."""
    values = {
        name: term.value
        for name, term in instance.arguments.items()
        if isinstance(term, Term)
    }
    sizes = size_terms(instance.input)
    values.update({name: term.value for name, term in sizes.items()})
    values["in_channels"] = instance.input.channels.value
    values["patches"] = instance.patches
    return values


def fitting(
    terms: Sequence[Term], present: Sequence[int], owner: Owner
) -> Expression | None:
    """The shortest expression that is right in every instance, or None."""
    found = {
        owner.written(term.expression) for term in terms if term.expression is not None
    }
    for expression in sorted(found, key=lambda item: len(python_text(item))):
        if _right(expression, terms, present, owner):
            return expression
    if len({repr(term.value) for term in terms}) == 1 and terms[0].value is not None:
        return Constant(terms[0].value)
    return None


def _right(
    expression: Expression, terms: Sequence[Term], present: Sequence[int], owner: Owner
) -> bool:
    try:
        return all(
            evaluate(expression, owner.environments[index]) == term.value
            for index, term in zip(present, terms, strict=True)
        )
    except ExpressionError:
        return False


def expression_text(expression: Expression) -> str:
    """An expression as Python."""
    if isinstance(expression, Constant):
        return literal(expression.value)
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
