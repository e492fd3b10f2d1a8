"""`forward`: the statements that run the modules of a class."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from medt_gen.algebra.expressions import Constant
from medt_gen.algebra.python import PythonCall, PythonCode, PythonInfix, literal
from medt_gen.algebra.terms import Shape
from medt_gen.catalog import OPERATIONS
from medt_gen.catalog.entries import Operand
from medt_gen.emitter.code import WIDTH, flat, laid_out
from medt_gen.emitter.construct import ClassWriter
from medt_gen.emitter.values import chosen, shape_text
from medt_gen.network.records import (
    Flow,
    FlowStep,
    Group,
    Leaf,
    Module,
    Use,
    patch_shape,
)
from medt_gen.spec.declarations import PatchStep
from medt_gen.spec.identifiers import MODULE_ATTRIBUTES
from medt_gen.spec.pipes import Name, Pipe
from medt_gen.spec.pipes import OperationCall as FlowCall

# Names that a local variable would hide from the statements after it.
_HELPERS = {operation.helper for operation in OPERATIONS.values()} | {
    "over_patches",
    "range",
    "torch",
    "F",
    "nn",
}
_INDENT = "        "


@dataclass(eq=False)
class Method:
    """A method: its name, its input and its lines."""

    name: str
    value: str
    shapes: tuple[str, str]
    lines: list[str] = field(default_factory=list)


class FlowWriter:
    """Writes the flow of a class: one method, and one for every patch step."""

    def __init__(self, writer: ClassWriter) -> None:
        self.writer = writer
        self.owner = writer.owner
        self.all = list(range(len(writer.own.instances)))
        self.methods: list[Method] = []
        self.ranks: dict[str, int] = {}

    def write(self) -> list[Method]:
        """The methods of the class, `forward` first."""
        flows = [instance.flow for instance in self.writer.own.instances]
        known = [flow for flow in flows if flow is not None]
        if not known:
            return [self._open_method()]
        instances = self.writer.own.instances
        inputs = [instance.input for instance in instances]
        self._method("forward", "x", known, inputs)
        return self.methods

    def _open_method(self) -> Method:
        name = self.writer.own.printed_name
        text = literal(f"{name} has no data flow: its spec has no `forward:`")
        lines = laid_out("raise ", PythonCall("NotImplementedError", (text,)), "", 2)
        return Method("forward", "x", ("", ""), lines)

    def _method(
        self, name: str, value: str, flows: list[Flow], inputs: list[Shape]
    ) -> None:
        outputs = [_result(flow) for flow in flows]
        shapes = (self.shape(inputs), self.shape(outputs))
        method = Method(name, value, shapes)
        self.methods.append(method)
        outer, self.ranks = self.ranks, {value: len(inputs[0].size)}
        for position, step in enumerate(flows[0].steps):
            steps = [flow.steps[position] for flow in flows]
            if isinstance(step.body, PatchStep):
                method.lines += self._patches(name, step.body, steps)
            else:
                method.lines += self._pipe(step.body, steps)
            self.ranks[step.name] = len(step.shapes[-1].size)
        self.ranks = outer
        method.lines.append(f"{_INDENT}return out")

    def shape(self, shapes: list[Shape]) -> str:
        """The shape of a value, for all instances at once."""
        return shape_text(shapes, self.all, self.owner)

    def _pipe(self, pipe: Pipe, steps: list[FlowStep]) -> list[str]:
        line = _Line(variable(steps[0].name), self, steps)
        line.code = variable(pipe.value.text)
        for position, step in enumerate(pipe.steps):
            if isinstance(step, Name):
                line.call(step, position)
            else:
                line.operate(step, position)
        return line.finish()

    def module_state(self, name: str) -> tuple[bool, bool]:
        """Whether a module exists in any instance, and whether in all of them."""
        declaration = self.writer.own.instances[0].declaration.module(name)
        assert declaration is not None
        exists = self.writer.exists(declaration)
        return exists, exists and not self.writer.optional(declaration)

    def _patches(self, owner: str, body: PatchStep, steps: list[FlowStep]) -> list[str]:
        name = self._branch_name(owner, steps[0].name)
        inner = [step.inner for step in steps if step.inner is not None]
        patches = [patch_shape(step.shapes[0], step.grid) for step in steps]
        self._method(name, variable(body.name), inner, patches)
        grid = "(" + ", ".join(str(count) for count in steps[0].grid) + ")"
        arguments: list[PythonCode] = [
            f"self.{name}",
            variable(str(body.of.value)),
            grid,
        ]
        norms = [] if body.batch_statistics else self._normalising(inner[0])
        before: list[str] = []
        if norms:
            # Named, they keep the patches apart; without them the batch is one.
            before, argument = self._norms(norms)
            arguments.append(argument)
        target = f"{variable(steps[0].name)} = "
        if steps[0].name == "out":
            target = "out: Tensor = "
        shape = self.shape([step.shapes[-1] for step in steps])
        lines = laid_out(target, PythonCall("over_patches", tuple(arguments)), "", 2)
        return [*before, *_commented(lines, shape)]

    def _norms(self, names: list[str]) -> tuple[list[str], PythonCode]:
        """The modules of these names as an argument, and the lines which it needs."""
        if len(names) < 3:
            return [], PythonCall("", tuple(f"self.{name}" for name in names))
        listed, norms = self._unused("names"), self._unused("norms")
        lines = textwrap.wrap(" ".join(names), WIDTH - 16, break_long_words=False)
        texts = [literal(line) for line in lines]
        if len(texts) > 1:
            texts = [
                "(",
                *(f'    {t[:-1]} "' for t in texts[:-1]),
                f"    {texts[-1]}",
                ")",
            ]
        texts[0] = f"{listed} = {texts[0]}"
        found = f"{norms} = map(self.get_submodule, {listed}.split())"
        return [_INDENT + text for text in (*texts, found)], norms

    def _unused(self, name: str) -> str:
        """A local variable that hides no value which a later statement may need."""
        while name in self.ranks:
            name += "_"
        return name

    def _branch_name(self, owner: str, step: str) -> str:
        stem = step if owner == "forward" else f"{owner.removesuffix('_branch')}_{step}"
        name = f"{stem}_branch"
        declaration = self.writer.own.instances[0].declaration
        taken = {module.name for module in declaration.modules} | MODULE_ATTRIBUTES
        while name in taken:
            name += "_"
        return name

    def _normalising(self, flow: Flow) -> list[str]:
        """The modules of a branch that normalise by statistics of the batch."""
        found: dict[str, None] = {}
        for name in _called(flow):
            module = self.writer.own.instances[0].module(name)
            if normalises(module):
                found[name] = None
        return list(found)


def _result(flow: Flow) -> Shape:
    return next(step for step in flow.steps if step.name == "out").shapes[-1]


def _called(flow: Flow) -> list[str]:
    names = []
    for step in flow.steps:
        if isinstance(step.body, Pipe):
            names += [item.text for item in step.body.steps if isinstance(item, Name)]
        elif step.inner is not None:
            names += _called(step.inner)
    return names


def normalises(module: Module) -> bool:
    """Whether a module holds batch normalisation."""
    body = module.body
    if body is None:
        return False
    if isinstance(body, Group):
        return any(normalises(child) for child in body.children)
    if isinstance(body, Use):
        return any(normalises(child) for child in body.instance.modules)
    return body.layer.statistics == "batch"


def variable(name: str) -> str:
    """The local variable for a value."""
    return f"{name}_" if name in _HELPERS else name


class _Line:
    """The statements of one pipe, as they are built up step by step."""

    def __init__(self, name: str, flow: FlowWriter, steps: list[FlowStep]) -> None:
        self.name = name
        self.flow = flow
        self.steps = steps
        self.code: PythonCode = name
        self.heavy = False
        self.position = 0
        self.lines: list[str] = []
        self.assigned = False

    def call(self, step: Name, position: int) -> None:
        """A module."""
        exists, always = self.flow.module_state(step.text)
        if not exists:
            self.position = position + 1
            return
        if not always:
            if not isinstance(self.code, str):
                self._flush()
            value = flat(self.code)
            module = f"self.{step.text}"
            self.code = f"{value} if {module} is None else {module}({value})"
            self.position = position + 1
            self._flush()
            return
        if self.heavy and self._is_heavy(step.text):
            self._flush()
        self._extend(PythonCall(f"self.{step.text}", (self.code,)), position)
        self.heavy = self.heavy or self._is_heavy(step.text)

    def operate(self, step: FlowCall, position: int) -> None:
        """An operation."""
        code = OPERATIONS[step.name].code(self._operand(step, position))
        self._extend(code, position)

    def _operand(self, step: FlowCall, position: int) -> Operand:
        others, ranks = self._others(step)
        rank = len(self.steps[0].shapes[position].size)
        return Operand(self.code, others, self._given(step, position), rank, ranks)

    def _others(self, step: FlowCall) -> tuple[tuple[str, ...], tuple[int, ...]]:
        if not OPERATIONS[step.name].values.takes_values:
            return (), ()
        names = [
            str(item.value.value)
            for item in step.arguments
            if item.keyword is None and isinstance(item.value, Constant)
        ]
        ranks = tuple(self.flow.ranks[name] for name in names)
        return tuple(variable(name) for name in names), ranks

    def _given(self, step: FlowCall, position: int) -> dict[str, str]:
        given: list[Mapping[str, Any]] = [s.arguments[position] for s in self.steps]
        return {
            name: chosen(
                [item[name] for item in given],
                self.flow.all,
                self.flow.owner,
                f"{self.name}_{name}",
            )
            for name in given[0]
        }

    def _extend(self, code: PythonCode, position: int) -> None:
        """Go on with this expression, or start a new line where it gets too long."""
        line = f"{_INDENT}{self.name}: Tensor = {flat(code)}"
        if len(line) > WIDTH and not isinstance(self.code, str):
            before = self.code
            self._flush()
            code = _replaced(code, before, self.name)
        self.code = code
        self.position = position + 1

    def _is_heavy(self, name: str) -> bool:
        module = self.flow.writer.own.instances[0].module(name)
        body = module.body
        return body.layer.weighty if isinstance(body, Leaf) else True

    def _flush(self) -> None:
        if self.code == self.name:
            return
        target = f"{self.name} = "
        if self.name == "out" and not self.assigned:
            target = "out: Tensor = "
        shapes = [step.shapes[self.position] for step in self.steps]
        shape = self.flow.shape(shapes)
        self.lines += _commented(laid_out(target, self.code, "", 2), shape)
        self.assigned = True
        self.code = self.name
        self.heavy = False

    def finish(self) -> list[str]:
        """The last statement, and all of them."""
        self._flush()
        return self.lines


def _replaced(code: PythonCode, old: PythonCode, new: str) -> PythonCode:
    """`code` with the sub-expression `old` replaced by the variable `new`."""
    if code == old:
        return new
    if isinstance(code, PythonCall):
        items = tuple(_replaced(item, old, new) for item in code.arguments)
        return PythonCall(code.function, items)
    if isinstance(code, PythonInfix):
        items = tuple(_replaced(item, old, new) for item in code.operands)
        return PythonInfix(code.operator, items)
    return code


def _commented(lines: list[str], shape: str) -> list[str]:
    """The shape behind the last line, or before the first where it does not fit."""
    comment = f"# {shape}"
    if len(lines[-1]) + 2 + len(comment) <= WIDTH:
        return [*lines[:-1], f"{lines[-1]}  {comment}"]
    if len(_INDENT) + len(comment) <= WIDTH:
        return [_INDENT + comment, *lines]
    return lines
