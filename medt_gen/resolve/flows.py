"""Runs a `forward:` on shapes: order, names, operations and patches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from medt_gen.catalog import OPERATIONS
from medt_gen.catalog.entries import REQUIRED, OperationType, ShapeError, plain
from medt_gen.catalog.kinds import POSITIVE
from medt_gen.declarations import Declaration, PatchStep, Step
from medt_gen.diagnostics import Note, Place
from medt_gen.document import Items
from medt_gen.expressions import Constant, Expression
from medt_gen.flow import Call, FlowArgument, Name, Pipe
from medt_gen.names import did_you_mean, shown
from medt_gen.network import Cost, Flow, FlowStep, Module
from medt_gen.problems import Problems
from medt_gen.resolve.environment import MISSING, argument_value, expression_term
from medt_gen.resolve.modules import Modules
from medt_gen.resolve.order import ordered_steps
from medt_gen.resolve.scope import Called, Scope, Session, Value
from medt_gen.terms import Shape, Term, axis_names, constant

_UNKNOWN = Value(None)


class FlowRunner:
    """Runs one flow of a class; patch steps get a runner of their own."""

    def __init__(self, session: Session, scope: Scope, modules: Modules) -> None:
        self.session = session
        self.scope = scope
        self.modules = modules
        self.problems: Problems = session.problems
        self.values: dict[str, Value] = {}
        self.reads: Counter[str] = Counter()
        self.cost = Cost()

    def run(self, steps: Mapping[str, Step], name: str, value: Value) -> Flow | None:
        """The flow on one input, called `name`; None when it has no result."""
        self.values[name] = replace(value, root=name)
        ordered, self.reads = ordered_steps(steps, name, self.problems)
        done = [self._step(step) for step in ordered]
        if any(step is None for step in done) or len(done) < len(steps):
            return None
        return Flow(tuple(step for step in done if step is not None))

    def _step(self, step: Step) -> FlowStep | None:
        name = step.key.name
        if isinstance(step.body, Pipe):
            resolved, value = self._pipe(name, step.body)
        else:
            resolved, value = self._patches(name, step.body)
        self.values[name] = value
        return resolved

    def _pipe(self, name: str, pipe: Pipe) -> tuple[FlowStep | None, Value]:
        value = self._read(pipe.value.text, pipe.value.place)
        shapes = [value.shape]
        arguments: list[Mapping[str, Any]] = []
        for step in pipe.steps:
            if isinstance(step, Name):
                value = self._call(step, value)
                arguments.append({})
            else:
                value, given = self._operate(step, value)
                arguments.append(given)
            shapes.append(value.shape)
        known = tuple(shape for shape in shapes if shape is not None)
        if len(known) < len(shapes):
            return None, _UNKNOWN
        return FlowStep(name, pipe, known, tuple(arguments)), value

    def _read(self, name: str, place: Place) -> Value:
        """A value by its name, with that name as what it may share memory with."""
        if name not in self.values:
            return _UNKNOWN
        value = self.values[name]
        return replace(value, root=value.root or name, origin=value.origin or place)

    def _call(self, step: Name, value: Value) -> Value:
        first, *rest = step.text.split(".")
        declaration = self.scope.declaration.module(first)
        if declaration is None:
            self._unknown_module(step)
            return _UNKNOWN
        if value.shape is None:
            self.scope.failed.add(first)
            return _UNKNOWN
        if rest:
            self.problems.error(
                "unknown-module",
                f"`{shown(step.text)}` is inside another module",
                step.place,
                f"call `{first}` as a whole",
            )
            return _UNKNOWN
        self._check_inplace(declaration, value, step.place)
        return self._called(declaration, value, step.place)

    def _called(self, declaration: Declaration, value: Value, place: Place) -> Value:
        assert value.shape is not None
        name = declaration.name
        before = self.scope.called.get(name)
        if before is not None and before.shape.numbers == value.shape.numbers:
            self._again(before)
            return replace(before.output, shape=before.output.shape)
        module, output = self.modules.resolve(declaration, value, place)
        if output.shape is None:
            self.scope.failed.add(name)
            return output
        if before is None:
            self.scope.called[name] = Called(
                module,
                value.shape,
                output,
                place,
                self.scope.repeats,
                self.scope.patches,
            )
        elif self._agrees(declaration, before, module, value, place):
            self._again(before)
        self._spend(module.cost)
        return output

    def _again(self, before: Called) -> None:
        before.calls += self.scope.repeats
        if before.patches != self.scope.patches:
            self.scope.mixed.add(before.module.name)

    def _spend(self, cost: Cost) -> None:
        repeats = self.scope.repeats
        self.cost = self.cost + Cost(
            activations=cost.activations * repeats, work=cost.work * repeats
        )

    def _agrees(
        self,
        declaration: Declaration,
        before: Called,
        module: Module,
        value: Value,
        place: Place,
    ) -> bool:
        """A module used twice must have come out the same both times."""
        if same_module(before.module, module):
            return True
        self.problems.error(
            "shape-mismatch",
            f"`{declaration.name}` is called with {before.shape} and with "
            f"{value.shape}, and can't fit both",
            place,
            "declare a second module for the second use",
            Note(f"called with {before.shape} here", before.place),
        )
        return False

    def _unknown_module(self, step: Name) -> None:
        if step.text in OPERATIONS:
            fix: str | None = f"the operation is written `{step.text}()`"
        elif step.text in self.values:
            fix = f"`{step.text}` is a value: use `add({step.text})` to combine it"
        else:
            names = [item.name for item in self.scope.declaration.modules]
            fix = did_you_mean(step.text, [*names, *(f"{x}()" for x in OPERATIONS)])
        self.problems.error(
            "unknown-module",
            f"no module is called `{shown(step.text)}`",
            step.place,
            fix,
        )

    def _check_inplace(
        self, declaration: Declaration, value: Value, place: Place
    ) -> None:
        """An in-place module must not change what someone else still reads."""
        if value.root is None or not self.modules.works_in_place(declaration):
            return
        root = value.root
        shared = [
            name
            for name, item in self.values.items()
            if name == root or item.root == root
        ]
        is_input = root == next(iter(self.values))
        if is_input or any(self.reads[name] > 1 for name in shared):
            what = "the input" if is_input else "a value that is read again"
            self.problems.error(
                "in-place",
                f"`{declaration.name}` works in place and would change `{root}`, {what}",
                place,
                f"use `relu()` here, or `inplace: false` on `{declaration.name}`",
                Note(f"`{declaration.name}` is declared here", declaration.place),
            )

    def _operate(self, call: Call, value: Value) -> tuple[Value, Mapping[str, Any]]:
        operation = OPERATIONS.get(call.name)
        if operation is None:
            self._unknown_operation(call)
            return _UNKNOWN, {}
        others, rest = self._others(operation, call)
        given = self._given(operation, call, rest)
        if others is None or given is None or value.shape is None:
            return _UNKNOWN, {}
        shapes = tuple(item.shape for item in others if item.shape is not None)
        if len(shapes) < len(others):
            return _UNKNOWN, {}
        try:
            shape = operation.rule(_filled(operation, given), value.shape, shapes)
        except ShapeError as error:
            notes = _origins([value, *others])
            self.problems.error(
                "shape-mismatch", str(error), call.place, error.help, *notes
            )
            return _UNKNOWN, {}
        self._spend(Cost(activations=shape.elements))
        shares = call.name in ("flatten",)
        return Value(shape, value.root if shares else None, call.place), given

    def _unknown_operation(self, call: Call) -> None:
        declared = self.scope.declaration.module(call.name)
        self.problems.error(
            "unknown-operation",
            f"there is no operation `{shown(call.name)}()`",
            call.place,
            f"`{call.name}` is a module: write it without parentheses"
            if declared
            else did_you_mean(call.name, OPERATIONS),
        )

    def _others(
        self, operation: OperationType, call: Call
    ) -> tuple[list[Value] | None, list[FlowArgument]]:
        """The values among the arguments, and what is left."""
        least, most = operation.values
        if most == 0:
            return [], list(call.arguments)
        names = [item for item in call.arguments if item.keyword is None]
        rest = [item for item in call.arguments if item.keyword is not None]
        if len(names) < least or (most is not None and len(names) > most):
            wanted = "one value" if most == 1 else "at least one value"
            self.problems.error(
                "wrong-value",
                f"`{call.name}` takes {wanted}",
                call.place,
                f"write `{call.name}(name)` with the name of a pipe",
            )
            return None, rest
        return self._named_values(names), rest

    def _named_values(self, names: list[FlowArgument]) -> list[Value] | None:
        found = []
        for item in names:
            if not isinstance(item.value, Constant) or not isinstance(
                item.value.value, str
            ):
                self.problems.error(
                    "wrong-value", "this has to be the name of a value", item.place
                )
                return None
            found.append(self._read(item.value.value, item.place))
        return found

    def _given(
        self, operation: OperationType, call: Call, rest: list[FlowArgument]
    ) -> dict[str, Any] | None:
        known = {item.name: item for item in operation.arguments}
        positional = [item.name for item in operation.arguments]
        given: dict[str, Any] = {}
        for index, item in enumerate(rest):
            name = item.keyword
            if name is None and index < len(positional):
                name = positional[index]
            if name is None or name not in known or name in given:
                self._bad_argument(call, item, known)
                return None
            value = self._argument(name, operation, item)
            if value is MISSING:
                return None
            given[name] = value
        for name, argument in known.items():
            if argument.default is REQUIRED and name not in given:
                self.problems.error(
                    "missing-argument", f"`{call.name}` needs `{name}`", call.place
                )
                return None
        return given

    def _bad_argument(
        self, call: Call, item: FlowArgument, known: Mapping[str, Any]
    ) -> None:
        name = item.keyword
        message = f"`{call.name}` takes no further argument"
        if name is not None:
            message = f"`{call.name}` has no argument `{shown(name)}`"
        if name in known:
            message = f"`{call.name}` gets `{name}` twice"
        fix = did_you_mean(name or "", known) if known else None
        self.problems.error("unknown-argument", message, item.place, fix)

    def _argument(self, name: str, operation: OperationType, item: FlowArgument) -> Any:
        kind = next(a.kind for a in operation.arguments if a.name == name)
        value: Any
        if isinstance(item.value, tuple):
            terms = [self._term(part, item.place) for part in item.value]
            value = MISSING if MISSING in terms else tuple(terms)
        else:
            value = self._term(item.value, item.place)
        return self.modules.checked(name, value, kind, item.place)

    def _term(self, expression: Expression, place: Place) -> Any:
        return expression_term(expression, self.scope.environment, place, self.problems)

    def _patches(self, name: str, step: PatchStep) -> tuple[FlowStep | None, Value]:
        whole = self._read(str(step.of.value), step.of.place)
        grid = self._grid(step, whole)
        if whole.shape is None or grid is None:
            return None, _UNKNOWN
        counts = tuple(term.number for term in grid)
        size = tuple(
            axis // count for axis, count in zip(whole.shape.size, counts, strict=True)
        )
        patch = Value(Shape(whole.shape.channels, size), None, step.of.place)
        inner, output = self._inside(step, patch, counts)
        if inner is None or output.shape is None:
            return None, _UNKNOWN
        joined = tuple(
            axis * count for axis, count in zip(output.shape.size, counts, strict=True)
        )
        if len(output.shape.size) != len(counts):
            self.problems.error(
                "shape-mismatch",
                f"the patches come out as {output.shape} and can't be laid back",
                step.place,
            )
            return None, _UNKNOWN
        shape = Shape(output.shape.channels, joined)
        resolved = FlowStep(name, step, (whole.shape, shape), (), counts, inner)
        return resolved, Value(shape, None, step.place)

    def _inside(
        self, step: PatchStep, patch: Value, counts: tuple[int, ...]
    ) -> tuple[Flow | None, Value]:
        """The flow of one patch; only the patch and its own names are visible."""
        count = 1
        for number in counts:
            count *= number
        outer = self.scope.patches, self.scope.repeats
        self.scope.repeats *= count
        if not step.batch_statistics:
            self.scope.patches *= count
        runner = FlowRunner(self.session, self.scope, self.modules)
        flow = runner.run(step.forward, step.name, patch)
        self.scope.patches, self.scope.repeats = outer
        self.cost = self.cost + runner.cost
        return flow, runner.values.get("out", _UNKNOWN)

    def _grid(self, step: PatchStep, whole: Value) -> tuple[Term, ...] | None:
        if whole.shape is None:
            return None
        axes = axis_names(len(whole.shape.size))
        if not isinstance(step.grid, Items) or len(step.grid.items) != len(axes):
            self.problems.error(
                "patch-grid",
                f"a grid here is a list of {len(axes)} counts, for "
                + " and ".join(axes),
                step.grid.place,
                "write `grid: [4, 4]`",
            )
            return None
        counts = [
            argument_value(
                "grid", node, POSITIVE, self.scope.environment, self.problems
            )
            for node in step.grid.items
        ]
        if MISSING in counts:
            return None
        for axis, size, count in zip(axes, whole.shape.size, counts, strict=True):
            if size.number % count.number:
                self.problems.error(
                    "patch-grid",
                    f"{count.number} patches do not divide a {axis} of {size.number}",
                    step.grid.place,
                    f"the {axis} must be a multiple of {count.number}",
                    *_origins([whole]),
                )
                return None
        return tuple(constant(plain(count)) for count in counts)


def same_module(left: Module, right: Module) -> bool:
    """Whether two resolutions of one declaration ask for the same weights."""
    return bool(module_key(left) == module_key(right))


def module_key(module: Module) -> Any:
    """What decides a module's weights, as plain data."""
    body = module.body
    if body is None:
        return None
    if hasattr(body, "children"):
        return [module_key(child) for child in body.children]
    if hasattr(body, "instance"):
        return [module_key(child) for child in body.instance.modules]
    return body.layer.name, {name: plain(item) for name, item in body.arguments.items()}


def _filled(operation: OperationType, given: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {
        item.name: constant(item.default)
        for item in operation.arguments
        if item.default is not REQUIRED
    }
    return {**defaults, **given}


def _origins(values: list[Value]) -> tuple[Note, ...]:
    return tuple(
        Note(f"{value.shape} comes from here", value.origin)
        for value in values
        if value.origin is not None
    )
