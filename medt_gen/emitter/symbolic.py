"""A network in terms of its own parameters: all instances in it, and what they get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from medt_gen.algebra.expressions import (
    Expression,
    Parameter,
    parameters,
    substitute,
)
from medt_gen.algebra.terms import (
    Datum,
    Term,
    as_data,
    from_data,
    whole_expression,
)
from medt_gen.network.records import Instance, Leaf, Use
from medt_gen.network.walk import bodies

Known = Mapping[str, Expression]


@dataclass(frozen=True, eq=False)
class SymbolicInstance:
    """An instance, and the parameters of its class in terms of the network's."""

    instance: Instance
    known: Known

    def expression(self, term: object) -> Expression | None:
        """A value in the instance in terms of the network's parameters."""
        whole = whole_expression(term) if isinstance(term, Term | tuple) else None
        return None if whole is None else self.translated(whole)

    def translated(self, expression: Expression) -> Expression | None:
        """An expression over the class's parameters as one over the network's."""
        return substitute(expression, self.known)

    def with_constants(self, constants: Known) -> SymbolicInstance:
        """The same where some of the network's parameters are numbers."""
        kept = {
            name: Parameter(name)
            for expression in self.known.values()
            for name in parameters(expression)
        }
        known = {
            name: substitute(expression, {**kept, **constants}) or expression
            for name, expression in self.known.items()
        }
        return SymbolicInstance(self.instance, known)

    @property
    def leaves(self) -> Iterator[Leaf]:
        """The layers directly in the instance, also those in its containers."""
        for body in bodies(self.instance):
            if isinstance(body, Leaf):
                yield body

    @property
    def uses(self) -> Iterator[Use]:
        """The uses of blocks directly in the instance."""
        for body in bodies(self.instance):
            if isinstance(body, Use):
                yield body


def symbolic_instances(root: Instance) -> Iterator[SymbolicInstance]:
    """The network itself and every instance in it, once for equal parameters."""
    own: Known = {
        name: Parameter(name)
        for name, term in root.arguments.items()
        if isinstance(term, Term)
    }
    waiting = [SymbolicInstance(root, own)]
    seen: set[tuple[int, frozenset[tuple[str, Expression]]]] = set()
    while waiting:
        item = waiting.pop()
        key = id(item.instance), frozenset(item.known.items())
        if key in seen:
            continue
        seen.add(key)
        yield item
        waiting += [_used(item, use) for use in item.uses]


def _used(outer: SymbolicInstance, use: Use) -> SymbolicInstance:
    known: dict[str, Expression] = {}
    for name, value in use.instance.arguments.items():
        whole = whole_expression(from_data(_data(value)))
        if whole is not None:
            known[name] = whole
    for name, value in {**use.arguments, **use.sizes}.items():
        expression = outer.expression(value)
        if expression is not None:
            known[name] = expression
    return SymbolicInstance(use.instance, known)


def _data(value: object) -> Datum:
    """A value without its expressions; of a module in a parameter there is none."""
    return as_data(value) if isinstance(value, Term | tuple) else None
