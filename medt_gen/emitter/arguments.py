"""Which parameters of a spec its class takes as arguments of its constructor.

A numeric parameter is one where every number that depends on it follows from it: then
the class is the same, whatever the value. That is tried out: with other values the spec
is resolved and its classes are written, and they have to be the same code. What decides
whether a module exists stays out, even where no tried value shows it, and so does what
a size depends on; and what the spec refuses, the class has to refuse.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from medt_gen.algebra.expressions import Constant, Expression, Operation, parameters
from medt_gen.algebra.terms import Plain, Shape, Term
from medt_gen.emitter.checks import Refusal, argument_refusals
from medt_gen.emitter.symbolic import SymbolicInstance, symbolic_instances
from medt_gen.loading.spec import Spec
from medt_gen.loading.variants import with_parameters
from medt_gen.network.records import Instance, Network

Write = Callable[[Network, Mapping[str, Plain]], list[str]]
"""The source of a network's classes, where its own takes these arguments."""

_ENOUGH = 2


@dataclass(frozen=True)
class NetworkArguments:
    """What a network's class takes: defaults, and what is refused of each argument."""

    defaults: Mapping[str, Plain]
    refusals: Mapping[str, Sequence[Refusal]]


def network_arguments(spec: Spec, write: Write) -> NetworkArguments:
    """The arguments of the network's class, with the spec's values as defaults."""
    root = spec.network.root
    numbers = _numbers(root)
    instances = list(symbolic_instances(root)) if numbers else []
    out = {*_decisive(instances), *_in_sizes(instances)}
    taken: dict[str, Plain] = {}
    for name, value in numbers.items():
        fixed = {other: held for other, held in numbers.items() if other != name}
        refusals = argument_refusals(instances, {name: value}, fixed).get(name, [])
        if name not in out and _follows(spec, name, value, write, refusals):
            taken[name] = value
    fixed = {name: value for name, value in numbers.items() if name not in taken}
    return NetworkArguments(taken, argument_refusals(instances, taken, fixed))


def _numbers(root: Instance) -> dict[str, int | float]:
    declared = root.declaration.parameters
    return {
        name: term.value
        for name, term in root.arguments.items()
        if name in declared
        and isinstance(term, Term)
        and isinstance(term.value, int | float)
        and not isinstance(term.value, bool)
    }


def _follows(
    spec: Spec,
    name: str,
    value: int | float,
    write: Write,
    refusals: Sequence[Refusal],
) -> bool:
    """Whether the class is the same code with other values of the parameter.

    What the spec refuses has to be refused by the class, too.
    """
    own = _code(write(spec.network, {name: value}), name)
    alike = 0
    for other in _other_values(value):
        network = with_parameters(spec, {name: other})
        if network is None:
            if not any(item.refuses({name: other}) for item in refusals):
                return False
        elif alike < _ENOUGH:
            if _code(write(network, {name: other}), name) != own:
                return False
            alike += 1
    return alike > 0


def _other_values(value: int | float) -> list[int | float]:
    """Values of which some are likely to be allowed where this one is, and some not."""
    if isinstance(value, float):
        return [value / 2, value / 4, 2 * value, value + 1]
    near = (2 * value, 3 * value, value + 1, value // 2, 2 * value + 1, 1, 3, 0, -1)
    return [number for number in dict.fromkeys(near) if number != value]


def _code(classes: list[str], name: str) -> str:
    """What classes do: without comments, docstrings, and the argument's default."""
    tree = ast.parse("\n".join(classes))
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef | ast.FunctionDef):
            continue
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            _forget_default(node.args, name)
    return ast.dump(tree)


def _forget_default(arguments: ast.arguments, name: str) -> None:
    last = arguments.args[len(arguments.args) - len(arguments.defaults) :]
    arguments.defaults = [
        ast.Constant(None) if argument.arg == name else default
        for argument, default in zip(last, arguments.defaults, strict=True)
    ]


def _decisive(instances: list[SymbolicInstance]) -> Iterator[str]:
    """The network's parameters that may decide whether a module exists."""
    for item in instances:
        for declaration in item.instance.declaration.modules:
            if declaration.when is None:
                continue
            own = declaration.when.expression
            condition = item.translated(own) or own
            if _decided(condition) is None:
                yield from parameters(condition)


def _in_sizes(instances: list[SymbolicInstance]) -> Iterator[str]:
    """Those on which the size of a value depends: it may not fit what comes after."""
    for item in instances:
        for shape in _shapes(item.instance):
            for term in shape.size:
                expression = item.expression(term)
                if expression is not None:
                    yield from parameters(expression)


def _shapes(instance: Instance) -> Iterator[Shape]:
    waiting = [instance.flow]
    while waiting:
        flow = waiting.pop()
        for step in flow.steps if flow else ():
            yield from step.shapes
            waiting.append(step.inner)


def _decided(condition: Expression) -> bool | None:
    """What a condition comes to whatever its parameters are; None where they decide."""
    if isinstance(condition, Constant):
        return bool(condition.value)
    if not isinstance(condition, Operation):
        return None
    if condition.operator == "not":
        inner = _decided(condition.operands[0])
        return None if inner is None else not inner
    if condition.operator not in ("and", "or"):
        return None
    parts = [_decided(operand) for operand in condition.operands]
    ending = condition.operator == "or"
    if ending in parts:
        return ending
    return None if None in parts else not ending
