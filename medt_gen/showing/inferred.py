"""The arguments of layers that follow from a flow, as a spec writes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from medt_gen.algebra.expressions import (
    ITEM,
    LIST,
    Constant,
    Expression,
    Operation,
    Parameter,
    parameters,
    python_text,
    substitute,
)
from medt_gen.algebra.terms import ArgumentValue, as_data
from medt_gen.emitter.plan import ClassPlan
from medt_gen.emitter.values import block_owner, fitting
from medt_gen.emitter.variants import Variant, variant_of
from medt_gen.messages.wording import first_of
from medt_gen.network.inputs import IN_CHANNELS, channels_of
from medt_gen.network.records import Instance
from medt_gen.showing.callers import callers

_NAMED = 3

Uses = Mapping[int, Sequence[str]]
"""The paths at which an instance stands, by its identity."""


@dataclass(frozen=True)
class InferredArguments:
    """What follows of a layer: the arguments that can be written, and what is said."""

    written: Mapping[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


NOTHING_INFERRED = InferredArguments()


def inferred_arguments(
    plans: Sequence[ClassPlan], uses: Uses
) -> dict[str, InferredArguments]:
    """What follows in a class, by module path; `plans` are all that are made of it.

    An argument is written where one expression is right in every use of the class, the
    one that is emitted; elsewhere a remark has its value in each.
    """
    found: dict[str, dict[str, list[_Seen]]] = {}
    holders: Counter[str] = Counter()
    for own in plans:
        owner = block_owner(own.instances)
        for variant in _layers_of(own):
            holders[variant.path] += 1
            for name, values in _inferred_values(variant):
                expression = fitting(values, variant.present, owner)
                paths = [uses[id(own.instances[index])] for index in variant.present]
                arguments = found.setdefault(variant.path, {})
                seen = _Seen(expression, tuple(values), tuple(paths))
                arguments.setdefault(name, []).append(seen)
    before = {
        path: name
        for own in plans
        for instance in own.instances
        for path, name in callers(instance).items()
    }
    known = _names(plans[0].instances[0])
    return {
        path: _inferred(arguments, known, before.get(path), holders[path])
        for path, arguments in found.items()
    }


@dataclass(frozen=True)
class _Seen:
    """An argument in the instances of one emitted class: its values, and where."""

    expression: Expression | None
    values: tuple[ArgumentValue, ...]
    paths: tuple[Sequence[str], ...]


def _inferred_values(variant: Variant) -> Iterator[tuple[str, list[ArgumentValue]]]:
    """Every argument of a layer that is inferred, with its values."""
    for argument in variant.leaves[0].layer.arguments:
        name = argument.name
        if argument.inferred and name in variant.leaves[0].arguments:
            yield name, [leaf.arguments[name] for leaf in variant.leaves]


def _layers_of(own: ClassPlan) -> Iterator[Variant]:
    for declaration in own.instances[0].declaration.modules:
        yield from _layers(variant_of(own, declaration))


def _layers(variant: Variant) -> Iterator[Variant]:
    if not variant.modules:
        return
    if variant.leaves:
        yield variant
    for child in variant.children:
        yield from _layers(child)


def _names(instance: Instance) -> set[str]:
    """The parameters that the expressions of a class may have."""
    declaration = instance.declaration
    others = (channels_of(name) for name in declaration.inputs[1:])
    return {*declaration.parameters, IN_CHANNELS, *others}


def _inferred(
    arguments: Mapping[str, Sequence[_Seen]],
    known: set[str],
    caller: str | None,
    holders: int,
) -> InferredArguments:
    written: dict[str, Any] = {}
    remarks: list[str] = []
    for name, seen in arguments.items():
        expressions = {item.expression for item in seen}
        whole = len(seen) == holders and len(expressions) == 1
        expression = expressions.pop() if whole else None
        if expression is not None and _is_writable(expression, known):
            written[name] = spec_value(expression)
            remarks += [f"{name} from {caller}"] if caller else []
        else:
            remarks.append(f"{name}: {_each(seen)}")
    return InferredArguments(written, tuple(remarks))


def _is_writable(expression: Expression, known: set[str]) -> bool:
    """Whether a spec can write it: with names that its class has, and no lists."""
    return parameters(expression) <= known and not _has_lists(expression)


def _has_lists(expression: Expression) -> bool:
    if not isinstance(expression, Operation):
        return False
    return expression.operator in (ITEM, LIST) or any(
        map(_has_lists, expression.operands)
    )


def spec_value(expression: Expression) -> Any:
    """An expression as a spec has it: a number, or a text such as `2 * $planes`."""
    if isinstance(expression, Constant):
        return expression.value
    names = {name: Parameter(f"${name}") for name in parameters(expression)}
    return python_text(substitute(expression, names) or expression)


def _each(seen: Sequence[_Seen]) -> str:
    """Every value with the uses that have it: `64 in layer1.0, layer1.1`."""
    found: dict[str, list[str]] = {}
    for item in seen:
        for value, paths in zip(item.values, item.paths, strict=True):
            found.setdefault(str(as_data(value)), []).extend(paths)
    return ", ".join(
        f"{value} in {first_of(paths, _NAMED)}" for value, paths in found.items()
    )
