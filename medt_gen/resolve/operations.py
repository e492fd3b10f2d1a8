"""An operation of a pipe: its values, its arguments, and the shape that comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from medt_gen.algebra.expressions import Parameter
from medt_gen.algebra.terms import ArgumentValue, as_data
from medt_gen.catalog import OPERATIONS
from medt_gen.catalog.arguments import Argument
from medt_gen.catalog.elsewhere import (
    LAYERS_ELSEWHERE,
    OPERATIONS_ELSEWHERE,
    SAME_OPERATION,
)
from medt_gen.catalog.entries import OperationType
from medt_gen.catalog.errors import ShapeError
from medt_gen.catalog.kinds import accepts
from medt_gen.messages.diagnostics import Place
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.wording import did_you_mean, nearest, shown
from medt_gen.resolve.environment import expression_term, in_words
from medt_gen.resolve.scope import FlowValue, Scope, fits_in_memory
from medt_gen.resolve.trails import traces
from medt_gen.spec.pipes import FlowArgument, OperationCall, named_values

Read = Callable[[str, Place], FlowValue | Faulty]


@dataclass(frozen=True)
class Applied:
    """An operation on known values: what comes out, and its arguments as terms."""

    output: FlowValue
    arguments: Mapping[str, ArgumentValue]


def run_operation(
    scope: Scope, call: OperationCall, value: FlowValue | Faulty, read: Read
) -> Applied | Faulty:
    """What the operation makes of `value`; `read` gives another value by its name."""
    operation = OPERATIONS.get(call.name)
    if operation is None:
        _complain_of_name(scope, call)
        return FAULTY
    parts = _Parts.of(call)
    others = _others(scope, operation, call, parts.names, read)
    given = given_in_call(scope, operation, call, parts.rest)
    if others is FAULTY or given is FAULTY or value is FAULTY:
        return FAULTY
    return _applied(scope, operation, call, [value, *others], given)


def _applied(
    scope: Scope,
    operation: OperationType,
    call: OperationCall,
    values: list[FlowValue],
    given: Mapping[str, ArgumentValue],
) -> Applied | Faulty:
    first, *others = (item.shape for item in values)
    try:
        shape = operation.shape(operation.filled(given), first, tuple(others))
    except ShapeError as error:
        scope.problems.error(
            "shape-mismatch", str(error), call.place, error.help, *traces(values)
        )
        return FAULTY
    if not fits_in_memory(shape, call.place, scope.problems):
        return FAULTY
    root = values[0].root if operation.aliases else None
    output = FlowValue(shape, root).through("", call.place, values[0].trail)
    return Applied(output, given)


def _complain_of_name(scope: Scope, call: OperationCall) -> None:
    # The name is what has to change, and not what stands between the parentheses.
    name = shown(call.name)
    scope.problems.error(
        "unknown-operation",
        f"there is no operation `{name}()`",
        replace(
            call.place,
            end_line=call.place.line,
            end_column=call.place.column + len(call.name),
        ),
        _name_help(scope, call),
    )


def _name_help(scope: Scope, call: OperationCall) -> str | None:
    name = call.name
    if scope.declaration.module(name):
        return f"`{shown(name)}` is a module: write it without parentheses"
    word = name.rpartition(".")[2]
    same = SAME_OPERATION.get(word.casefold(), word)
    if same in OPERATIONS:
        arguments = call.place.text.partition("(")[2]
        return f"write `{same}({shown(arguments)}`"
    if word.casefold() in OPERATIONS_ELSEWHERE:
        return OPERATIONS_ELSEWHERE[word.casefold()]
    near = nearest(word, OPERATIONS)
    layers = {layer.casefold(): layer for layer in scope.session.types.names()}
    plain = word.casefold().replace("_", "")
    layer = layers.get(plain, LAYERS_ELSEWHERE.get(plain))
    if layer is not None and not near:
        return (
            f"`{layer}` is a layer: declare it under `modules:`, as `name: {layer}`, "
            "and write that name here"
        )
    called = [f"{item}()" for item in OPERATIONS]
    return did_you_mean(f"{word}()", called, listed=len(called))


@dataclass(frozen=True)
class _Parts:
    """The arguments of a call: the names of values, and the rest."""

    names: list[FlowArgument]
    rest: list[FlowArgument]

    @classmethod
    def of(cls, call: OperationCall) -> _Parts:
        names = named_values(call)
        return cls(names, [item for item in call.arguments if item not in names])


def _others(
    scope: Scope,
    operation: OperationType,
    call: OperationCall,
    names: list[FlowArgument],
    read: Read,
) -> list[FlowValue] | Faulty:
    """The values that the call names."""
    if not operation.values.allows(len(names)):
        wanted = "at least one value" if operation.values.unbounded else "one value"
        scope.problems.error(
            "wrong-value",
            f"`{call.name}` takes {wanted}",
            call.place,
            f"write `{call.name}(name)` with the name of a pipe",
        )
        return FAULTY
    found = []
    for item in names:
        if item.name is None:
            scope.problems.error(
                "wrong-value",
                f"`{call.name}` takes the names of values",
                item.place,
                f"write `{call.name}(skip)`, with `skip` a pipe of this flow",
            )
            return FAULTY
        found.append(read(item.name, item.place))
    known = [item for item in found if item is not FAULTY]
    return known if len(known) == len(found) else FAULTY


class Takes(Protocol):
    """What is called with arguments: an operation, or an initial value."""

    @property
    def arguments(self) -> tuple[Argument, ...]: ...

    def argument(self, name: str) -> Argument: ...


def given_in_call(
    scope: Scope,
    operation: Takes,
    call: OperationCall,
    rest: Sequence[FlowArgument],
) -> dict[str, ArgumentValue] | Faulty:
    """The arguments of a call by name; FAULTY after a complaint."""
    known = operation.arguments
    names = [item.name for item in known]
    given: dict[str, ArgumentValue] = {}
    for index, item in enumerate(rest):
        name = item.keyword
        if name is None and index < len(names):
            name = names[index]
        if name is None or name not in names or name in given:
            _complain_of_argument(scope, call, item, names)
            return FAULTY
        value = _argument(scope, name, operation, item)
        if value is FAULTY:
            return FAULTY
        given[name] = value
    missing = [x for x in known if x.required and x.name not in given]
    for argument in missing:
        scope.problems.error(
            "missing-argument",
            f"`{call.name}` needs `{argument.name}`",
            call.place,
            f"add `{argument.name}=`, {argument.kind.words}",
        )
    if missing:
        return FAULTY
    return given


def _complain_of_argument(
    scope: Scope, call: OperationCall, item: FlowArgument, known: list[str]
) -> None:
    name = item.keyword
    message = f"`{call.name}` takes no further argument"
    if name is not None:
        message = f"`{call.name}` has no argument `{shown(name)}`"
    if name in known:
        message = f"`{call.name}` gets `{name}` twice"
    fix = did_you_mean(name or "", known) if known else "remove it"
    if name in known:
        fix = "remove one of the two"
    scope.problems.error("unknown-argument", message, item.place, fix)


def _argument(
    scope: Scope, name: str, operation: Takes, item: FlowArgument
) -> ArgumentValue | Faulty:
    kind = operation.argument(name).kind
    value = _value(scope, item)
    if value is FAULTY or accepts(kind, as_data(value)):
        return value
    scope.problems.error(
        "wrong-value",
        f"`{name}` must be {kind.words}, and {in_words(value)}",
        item.value_place,
        did_you_mean(str(as_data(value)), kind.schema.get("enum", ()), listed=0),
    )
    return FAULTY


def _value(scope: Scope, item: FlowArgument) -> ArgumentValue | Faulty:
    whole = item.value.name if isinstance(item.value, Parameter) else None
    held = scope.environment.get(whole or "")
    if isinstance(held, tuple):
        return held
    several = isinstance(item.value, tuple)
    parts = item.value if isinstance(item.value, tuple) else (item.value,)
    found = [
        expression_term(part, scope.environment, item.place, scope.problems)
        for part in parts
    ]
    terms = [term for term in found if term is not FAULTY]
    if len(terms) < len(found):
        return FAULTY
    return tuple(terms) if several else terms[0]
