"""Where another input size is a way out of every error: which sizes those are."""

from __future__ import annotations

from dataclasses import replace

from medt_gen.messages.diagnostics import Diagnostic, InvalidInput
from medt_gen.messages.faulty import FAULTY
from medt_gen.messages.problems import Problems
from medt_gen.resolve.network import resolve_network
from medt_gen.resolve.scope import Limits, StepCount
from medt_gen.resolve.sizes import DEPEND_ON_SIZE, Size, working_sizes
from medt_gen.resolve.types import Types
from medt_gen.spec.declarations import NetworkDeclaration

# About half a second of work.
_MOST_STEPS = 20_000


def with_sizes(
    found: list[Diagnostic],
    declared: NetworkDeclaration,
    types: Types,
    limits: Limits,
) -> list[Diagnostic]:
    """The same, the first error with the sizes to take in its help."""
    errors = [item for item in found if item.severity == "error"]
    given = declared.input
    if given is FAULTY or any(item.code not in DEPEND_ON_SIZE for item in errors):
        return found
    size, count = given.size, StepCount(_MOST_STEPS)

    def works(axes: Size) -> bool:
        other = replace(declared, input=replace(given, size=replace(size, axes=axes)))
        only = Problems(most=0)
        try:
            return resolve_network(other, types, only, limits, count) is not None
        except InvalidInput:
            return False

    sizes = working_sizes(size.axes, works)
    if not sizes:
        return found
    known = " and ".join(_size_text(item, size.axes) for item in sizes)
    hint = f"input sizes near {_size_text(size.axes, size.axes)} that work: {known}"
    first = errors[0]
    helped = replace(first, help=f"{first.help}; {hint}" if first.help else hint)
    return [helped if item is first else item for item in found]


def _size_text(size: Size, asked: Size) -> str:
    square = len(asked) == 2 and len({*asked}) == 1 == len({*size})
    return str(size[0]) if square else str(list(size))
