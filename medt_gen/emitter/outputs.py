"""What `forward` gives back: one tensor, or the several outputs of a network."""

from __future__ import annotations

from medt_gen.algebra.python import PythonCall, PythonCode, PythonDict, literal
from medt_gen.emitter.local_names import variable
from medt_gen.network.records import Outputs

_SHORT = 60
"""How long a tuple may be that stands without parentheses."""


def result_code(outputs: Outputs | None) -> PythonCode:
    """The expression behind `return`."""
    if outputs is None:
        return "out"
    values = [variable(item.value) for item in outputs.items]
    if outputs.keyed:
        keys = [literal(item.key) for item in outputs.items]
        return PythonDict(tuple(zip(keys, values, strict=True)))
    together = ", ".join(values)
    short = len(values) > 1 and len(together) <= _SHORT
    return together if short else PythonCall("", tuple(values))


def result_type(outputs: Outputs | None) -> str:
    """The type that `forward` is annotated with."""
    if outputs is None:
        return "Tensor"
    if outputs.keyed:
        return "dict[str, Tensor]"
    return f"tuple[{', '.join(['Tensor'] * len(outputs.items))}]"
