"""`init:` in Python: a call for each pass, with its lines in a dict."""

from __future__ import annotations

from collections.abc import Mapping

from medt_gen.algebra.python import (
    PythonCall,
    PythonCode,
    PythonDict,
    PythonKeyword,
    literal,
)
from medt_gen.algebra.terms import as_data
from medt_gen.emitter.code import laid_out
from medt_gen.emitter.plan import ClassPlan
from medt_gen.emitter.variants import Variant, initial_path
from medt_gen.network.records import InitialLine


def initial_code(
    own: ClassPlan, number: int, texts: Mapping[tuple[str, str], str]
) -> PythonCode:
    """The pass of this number; a line stands there if any instance has its tensor."""
    items: list[tuple[str, PythonCode]] = []
    for place, line in enumerate(own.instances[0].initial[number]):
        keys = (item.initial[number][place].key for item in own.instances)
        key = next((key for key in keys if key is not None), None)
        if key is not None:
            path = initial_path(number, place)
            items.append((literal(key), _function(line, path, texts)))
    return PythonCall("init_tensors", ("self", PythonDict(tuple(items))))


def _function(
    line: InitialLine, path: str, texts: Mapping[tuple[str, str], str]
) -> PythonCode:
    """A function of one tensor."""
    if not line.arguments:
        return line.value.function
    arguments = tuple(
        PythonKeyword(name, _text(line, name, path, texts)) for name in line.arguments
    )
    return PythonCall("partial", (line.value.function, *arguments))


def _text(
    line: InitialLine, name: str, path: str, texts: Mapping[tuple[str, str], str]
) -> str:
    if line.value.argument(name).word:
        return literal(as_data(line.arguments[name]))
    return texts[path, name]


_MADE = {"zeros": "torch.zeros", "ones": "torch.ones"}


def own_lines(
    variant: Variant, texts: Mapping[tuple[str, str], str], target: str
) -> list[str]:
    """The statements that make a tensor of the class, and fill it."""
    body = variant.own[0]
    shape = texts[variant.path, "shape"]
    simple = _MADE.get(body.value.name)
    made = PythonCall(simple or "torch.empty", (shape,))
    lines = laid_out(f"{target} = ", PythonCall("nn.Parameter", (made,)), "", 2)
    if simple is not None:
        return lines
    line = InitialLine(None, body.value, body.arguments)
    arguments = tuple(
        PythonKeyword(name, _text(line, name, variant.path, texts))
        for name in body.arguments
    )
    call = PythonCall(body.value.function, (target, *arguments))
    return [*lines, *laid_out("", call, "", 2)]
