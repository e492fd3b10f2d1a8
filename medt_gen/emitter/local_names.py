"""The local variables of `forward`: a value keeps its name where it can."""

from __future__ import annotations

from medt_gen.catalog import OPERATIONS

# Names that a local variable would hide from the statements after it.
_HELPERS = {operation.helper for operation in OPERATIONS.values()} | {
    "over_patches",
    "check_input",
    "range",
    "torch",
    "F",
    "nn",
}


def variable(name: str) -> str:
    """The local variable for a value."""
    return f"{name}_" if name in _HELPERS else name
