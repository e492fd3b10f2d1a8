"""A pipe that is written as Python, as the language would have it: for help texts."""

from __future__ import annotations

import json

from medt_gen.catalog import OPERATIONS
from medt_gen.spec.python_text import (
    CallText,
    Code,
    Several,
    Sum,
    Value,
    Variable,
    read_code,
)

_INFIX = {"+": "add", "*": "multiply"}
_JOINING = ("cat", "concat", "concatenate")
_EXAMPLE = "a value goes through modules and operations: `x | conv1 | relu() | add(y)`"


def piped(text: str) -> str:
    """Help: `relu(bn1(conv1(x)))` as `x | conv1 | bn1 | relu()`."""
    steps = _steps(text)
    return _EXAMPLE if steps is None else f"write `{' | '.join(steps)}`"


def unexpected_help(token: str, text: str) -> str:
    """Help for a token of `text` that the grammar has no place for."""
    if token.startswith("#"):
        return "a comment can't stand inside a pipe: put it on a line of its own"
    if token.startswith((";", ".")) and text.rstrip().endswith(token):
        return f"remove the `{token}`"
    steps = _steps(text)
    if steps is not None and len(steps) > 1:
        return f"write `{' | '.join(steps)}`"
    return "steps are separated by `|`"


def _steps(text: str) -> list[str] | None:
    """The value and the steps that a Python expression stands for, where it is one."""
    code = read_code(text)
    return None if code is None else _of(code)


def _of(code: Code) -> list[str] | None:
    if isinstance(code, Variable):
        return [code.name.removeprefix("self.")]
    if isinstance(code, Sum):
        return _infix(code)
    return _call(code) if isinstance(code, CallText) else None


def _infix(code: Sum) -> list[str] | None:
    left, right = _of(code.left), _of(code.right)
    if left is None or right is None or len(right) > 1:
        return None
    return [*left, f"{_INFIX[code.operator]}({right[0]})"]


def _call(code: CallText) -> list[str] | None:
    name = code.last_name
    if not code.arguments:
        return None
    if name in _JOINING:
        return _joined(code.arguments[0])
    value = _of(code.arguments[0])
    if value is None:
        return None
    if name not in OPERATIONS:
        # A module: what else it is called with belongs where it is declared.
        alone = len(code.arguments) == 1 and not code.keywords
        return [*value, name] if alone else None
    rest = [_written(item) for item in code.arguments[1:]]
    rest += [f"{keyword}={_written(item)}" for keyword, item in code.keywords]
    return [*value, f"{name}({', '.join(rest)})"]


def _joined(values: Code) -> list[str] | None:
    """`torch.cat([a, b], 1)`: the channels are the axis that is meant."""
    if not isinstance(values, Several):
        return None
    names = [item.name for item in values.items if isinstance(item, Variable)]
    if len(names) < len(values.items) or len(names) < 2:
        return None
    first, *others = names
    return [first, f"concat({', '.join(others)})"]


def _written(code: Code) -> str:
    if isinstance(code, Variable):
        return code.name
    if isinstance(code, Value):
        return code.value if isinstance(code.value, str) else json.dumps(code.value)
    if isinstance(code, Several):
        return f"[{', '.join(map(_written, code.items))}]"
    return "..."
