"""An example of each layer and operation: arguments that hold, and shapes that follow.

Each is found by trying values that its arguments take, and judged as any spec is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from medt_gen.algebra.terms import Shape
from medt_gen.catalog.arguments import Argument
from medt_gen.catalog.containers import STAGE
from medt_gen.catalog.entries import LayerType, OperationType
from medt_gen.catalog.kinds import accepts
from medt_gen.catalog.usual import LIKELY_VALUES, NEEDED_ARGUMENTS, USUAL_STEPS
from medt_gen.loading.load import load
from medt_gen.messages.diagnostics import MedtGenError
from medt_gen.spec.read_class import CLASS, FORWARD, LANGUAGE, MODULES, VERSION
from medt_gen.spec.read_modules import BLOCK, DEPTH, TYPE, UNUSED
from medt_gen.spec.read_network import INPUT
from medt_gen.spec.yaml_text import inline

_MOST_TRIED = 60
_SIZES: tuple[tuple[int, ...], ...] = ((32, 32), (16, 16, 16), ())
_CHANNELS = 16
_ANY: tuple[Any, ...] = (2, 1, 4, 0.5, [1, 1], [2, 2], 3, 8, "height", "channels", True)


@dataclass(frozen=True)
class Example:
    """A use: the module or the pipe, and the shapes before and after.

    They are None for what no flow can call.
    """

    text: str
    before: tuple[Shape, ...] = ()
    after: Shape | None = None

    @property
    def shapes(self) -> str:
        """`[N, 16, 32, 32] -> [N, 32, 32, 32]`, or nothing."""
        if self.after is None:
            return ""
        return f"{' and '.join(map(str, self.before))} -> {self.after}"


def layer_example(layer: LayerType) -> Example:
    """A module of this type, called on an image, or on what else it takes."""
    others = ", ".join("y" for _ in layer.inputs[1:])
    call = f"m({others})" if others else "m"
    for chosen in _choices(layer.arguments):
        given = {**chosen, **NEEDED_ARGUMENTS.get(layer.name, {})}
        module = inline({TYPE.name: layer.name, **given}) if given else layer.name
        for size in _SIZES:
            found = _tried({"m": {TYPE.name: layer.name, **given}}, call, size)
            if found is not None:
                return Example(f"m: {module}", *found)
    given = next(_choices(layer.arguments, inferred=True), {})
    return Example(f"m: {inline({TYPE.name: layer.name, **given, UNUSED.name: True})}")


def block_example(name: str, parameters: Mapping[str, Any]) -> Example:
    """A stage of two blocks of this name."""
    stage = {TYPE.name: STAGE, BLOCK.name: name, **parameters, DEPTH.name: 2}
    found = _tried({"m": stage}, "m", _SIZES[0])
    return Example(f"m: {inline(stage)}", *(found or ()))


def operation_example(operation: OperationType) -> Example:
    """A step of a pipe on an image, or on what else it takes."""
    for step in _steps(operation):
        for size in _SIZES:
            found = _tried({}, step, size)
            if found is not None:
                return Example(f"out: x | {step}", *found)
    raise AssertionError(f"{operation.name} has no example")


def _steps(operation: OperationType) -> Iterator[str]:
    if operation.name in USUAL_STEPS:
        yield USUAL_STEPS[operation.name]
        return
    others = ["y"] * max(operation.values.least, int(operation.values.unbounded))
    positional = {item.name for item in operation.arguments if item.positional}
    for given in _choices(operation.arguments):
        arguments = (
            inline(value) if name in positional else f"{name}={inline(value)}"
            for name, value in given.items()
        )
        yield f"{operation.name}({', '.join([*others, *arguments])})"


def _choices(
    arguments: tuple[Argument, ...], *, inferred: bool = False
) -> Iterator[dict[str, Any]]:
    """Values for the arguments that have to be given, the likely ones first."""
    wanted = [x for x in arguments if x.required or (inferred and x.inferred)]
    columns = [[*_fitting(item)] for item in wanted]
    names = [item.name for item in wanted]
    for values in islice(product(*columns), _MOST_TRIED):
        yield dict(zip(names, values, strict=True))


def _fitting(argument: Argument) -> Iterator[Any]:
    words = argument.kind.words_allowed
    for value in (*LIKELY_VALUES.get(argument.name, ()), *words, *_ANY):
        if accepts(argument.kind, value):
            yield value


def _tried(
    modules: Mapping[str, Any], step: str, size: tuple[int, ...]
) -> tuple[tuple[Shape, ...], Shape] | None:
    """The shapes before and after a step, None where it does not hold."""
    given: dict[str, Any] = {"features": _CHANNELS}
    if size:
        given = {"channels": _CHANNELS, "size": list(size)}
    document = {
        VERSION.name: LANGUAGE,
        CLASS.name: "Example",
        INPUT.name: given,
        MODULES.name: dict(modules),
        FORWARD.name: {"y": "x | relu()", "out": f"x | {step}"},
    }
    try:
        spec = load(text=json.dumps(document))
    except MedtGenError:
        return None
    root = spec.network.root
    assert root.output is not None
    return ((root.input,), root.output)
