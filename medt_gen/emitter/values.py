"""Which expression a class writes for a value that differs between its instances."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

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


@dataclass(eq=False)
class Constructor:
    """The parameters that a class turns out to need while its body is written."""

    instances: list[Instance]
    is_network: bool
    used: set[str] = field(default_factory=set)
    extra: dict[str, list[Plain]] = field(default_factory=dict)

    def environment(self, index: int) -> dict[str, Plain]:
        """The plain value of every parameter in one instance.

        The network itself has none: its numbers are written out.
        """
        return {} if self.is_network else instance_values(self.instances[index])


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


Slot = list[Any]


def chosen(slot: Slot, present: list[int], owner: Constructor, name: str) -> str:
    """The text for one argument; `slot` has its value in each instance of `present`.

    An expression serves when it gives the right value in every instance. Where none
    does, the class gets one more parameter, called `name`.
    """
    if isinstance(slot[0], tuple):
        return _chosen_tuple(slot, present, owner, name)
    terms = [item if isinstance(item, Term) else Term(item) for item in slot]
    if all(term.value is None for term in terms):
        return "None"
    expression = fitting(terms, present, owner)
    if expression is None:
        return _extra_parameter(terms, present, owner, name)
    owner.used |= parameters(expression)
    return _text(expression)


def _chosen_tuple(slot: Slot, present: list[int], owner: Constructor, name: str) -> str:
    columns = list(zip(*slot, strict=True))
    items = [
        chosen(list(column), present, owner, f"{name}_{position}")
        for position, column in enumerate(columns)
    ]
    return "(" + ", ".join(items) + ("," if len(items) == 1 else "") + ")"


def fitting(
    terms: list[Term], present: list[int], owner: Constructor
) -> Expression | None:
    """The shortest expression that is right in every instance, or None."""
    found = {term.expression for term in terms if term.expression is not None}
    for expression in sorted(found, key=lambda item: len(python_text(item))):
        if _right(expression, terms, present, owner):
            return expression
    if len({repr(term.value) for term in terms}) == 1 and terms[0].value is not None:
        return Constant(terms[0].value)
    return None


def _right(
    expression: Expression, terms: list[Term], present: list[int], owner: Constructor
) -> bool:
    try:
        return all(
            evaluate(expression, owner.environment(index)) == term.value
            for index, term in zip(present, terms, strict=True)
        )
    except ExpressionError:
        return False


def _extra_parameter(
    terms: list[Term], present: list[int], owner: Constructor, name: str
) -> str:
    values: list[Plain] = [None] * len(owner.instances)
    for index, term in zip(present, terms, strict=True):
        values[index] = term.value
    owner.extra[name] = values
    owner.used.add(name)
    return name


def _text(expression: Expression) -> str:
    if isinstance(expression, Constant):
        return literal(expression.value)
    return python_text(expression)


_LETTERS = {name: Parameter(name[0].upper()) for name in AXES}


def _short(expression: Expression) -> Expression:
    """The expression with D, H and W for the axes, as papers write them."""
    known = {name: Parameter(name) for name in parameters(expression)}
    return substitute(expression, {**known, **_LETTERS}) or expression


def shape_text(shapes: Iterable[Shape], present: list[int], owner: Constructor) -> str:
    """A shape as a comment shows it: `[N, planes, H // stride, W // stride]`."""
    columns = list(zip(*[(s.channels, *s.size) for s in shapes], strict=True))
    parts = []
    for column in columns:
        expression = fitting(list(column), present, owner)
        parts.append("?" if expression is None else python_text(_short(expression)))
    return f"[N, {', '.join(parts)}]"
