"""A pipe that is written as Python, as the language would have it: for help texts."""

from __future__ import annotations

import json
from collections.abc import Collection

from medt_gen.catalog import OPERATIONS
from medt_gen.catalog.elsewhere import SAME_OPERATION
from medt_gen.spec.python_text import (
    CallText,
    Code,
    Several,
    Sum,
    Value,
    Variable,
    read_code,
)

_EXAMPLE = "a value goes through modules and operations: `x | conv1 | sigmoid()`"


def piped(text: str, modules: Collection[str]) -> str:
    """Help: `relu(bn1(conv1(x)))` as `x | conv1 | bn1 | relu`."""
    steps = _steps(text, modules)
    return _EXAMPLE if steps is None else f"write `{' | '.join(steps)}`"


def unexpected_help(token: str, text: str, modules: Collection[str]) -> str:
    """Help for a token of `text` that the grammar has no place for."""
    if token.startswith("#"):
        return "a comment can't stand inside a pipe: put it on a line of its own"
    if token.startswith((";", ".")) and text.rstrip().endswith(token):
        return f"remove the `{token}`"
    steps = _steps(text, modules)
    if steps is not None and len(steps) > 1:
        return f"write `{' | '.join(steps)}`"
    return _TOKEN_HELP.get(token[:1], "steps are separated by `|`")


_TOKEN_HELP = {
    "|": "write one `|`",
    ")": "this `)` closes nothing: remove it",
    "]": "this `]` closes nothing: remove it",
    "[": "nothing is indexed in a pipe",
    **dict.fromkeys("+-*/@", "there is no arithmetic on values, but for operations"),
}


def _steps(text: str, modules: Collection[str]) -> list[str] | None:
    """The value and the steps that a Python expression stands for, where it is one."""
    code = read_code(text)
    return None if code is None else _of(code, modules)


def _of(code: Code, modules: Collection[str]) -> list[str] | None:
    if isinstance(code, Variable):
        return [code.name.removeprefix("self.")]
    if isinstance(code, Sum):
        return _infix(code, modules)
    return _call(code, modules) if isinstance(code, CallText) else None


def _infix(code: Sum, modules: Collection[str]) -> list[str] | None:
    left, right = _of(code.left, modules), _of(code.right, modules)
    if left is None or right is None or len(right) > 1:
        return None
    return [*left, f"{SAME_OPERATION[code.operator]}({right[0]})"]


def _call(code: CallText, modules: Collection[str]) -> list[str] | None:
    name = SAME_OPERATION.get(code.last_name, code.last_name)
    if not code.arguments:
        return None
    if isinstance(code.arguments[0], Several):
        return _joined(name, code.arguments[0])
    value = _of(code.arguments[0], modules)
    if value is None:
        return None
    if name in modules or name not in OPERATIONS:
        # A module: what else it is called with belongs where it is declared.
        alone = len(code.arguments) == 1 and not code.keywords
        return [*value, name] if alone else None
    rest = [_written(item) for item in code.arguments[1:]]
    rest += [f"{keyword}={_written(item)}" for keyword, item in code.keywords]
    return [*value, f"{name}({', '.join(rest)})"]


def _joined(name: str, values: Several) -> list[str] | None:
    """`torch.cat([a, b], 1)`: the channels are the axis that is meant."""
    if name not in OPERATIONS or not OPERATIONS[name].values.takes_values:
        return None
    names = [item.name for item in values.items if isinstance(item, Variable)]
    if len(names) < len(values.items) or len(names) < 2:
        return None
    first, *others = names
    return [first, f"{name}({', '.join(others)})"]


def _written(code: Code) -> str:
    if isinstance(code, Variable):
        return code.name
    if isinstance(code, Value):
        return code.value if isinstance(code.value, str) else json.dumps(code.value)
    if isinstance(code, Several):
        return f"[{', '.join(map(_written, code.items))}]"
    return "..."
