"""How operations, functions and arguments are written, for tables and for terminals."""

from __future__ import annotations

import json

from medt_gen.algebra.terms import as_data
from medt_gen.catalog.arguments import Argument
from medt_gen.catalog.entries import OperationType
from medt_gen.catalog.initial_values import InitialValue


def operation_call(operation: OperationType) -> str:
    """How an operation is written: its values first, then what else it takes."""
    values = ["value"] if operation.values.takes_values else []
    more = ["..."] if operation.values.most is None else []
    arguments = [written(item) for item in operation.arguments]
    return f"{operation.name}({', '.join([*values, *more, *arguments])})"


def initial_call(value: InitialValue) -> str:
    """How a function that fills a tensor is written."""
    return f"{value.name}({', '.join(map(written, value.arguments))})"


def written(argument: Argument) -> str:
    """An argument with its default, as in `stride=1`."""
    if not argument.optional:
        return argument.name
    return f"{argument.name}={_yaml(argument)}"


def in_short(argument: Argument) -> str:
    """An argument with what it may be: `heads`: a positive integer (`8`)."""
    text = f"`{argument.name}`: {argument.kind.words}"
    if argument.inferred:
        return f"{text}, inferred"
    return f"{text} (`{_yaml(argument)}`)" if argument.optional else text


def _yaml(argument: Argument) -> str:
    """A default as a spec has it."""
    value = as_data(argument.default_value)
    return value if isinstance(value, str) else json.dumps(value)
