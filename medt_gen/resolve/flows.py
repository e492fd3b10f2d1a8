"""Runs a `forward:` on shapes: order, names, operations and patches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from math import prod
from typing import Any

from medt_gen.catalog import OPERATIONS
from medt_gen.messages.diagnostics import Note, Place
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.network.records import Cost, Flow, FlowStep, Module, patch_shape
from medt_gen.resolve.grids import grid_counts, laid_back
from medt_gen.resolve.modules import Modules
from medt_gen.resolve.operations import Operations
from medt_gen.resolve.order import ordered_steps
from medt_gen.resolve.scope import (
    UNKNOWN,
    Called,
    FlowValue,
    Scope,
    Session,
    fits_in_memory,
)
from medt_gen.spec.declarations import ModuleDeclaration, PatchStep, Step
from medt_gen.spec.pipes import Name, OperationCall, Pipe


class FlowRunner:
    """Runs one flow of a class; patch steps get a runner of their own."""

    def __init__(
        self,
        session: Session,
        scope: Scope,
        modules: Modules,
        outer: Collection[str] = (),
    ) -> None:
        self.session = session
        self.outer = outer
        self.scope = scope
        self.modules = modules
        self.problems: Problems = session.problems
        self.values: dict[str, FlowValue] = {}
        self.steps: set[str] = set()
        self.reads: Counter[str] = Counter()
        # The roots whose memory is read again, by another name than their own.
        self.read_again: set[str] = set()
        self.cost = Cost()
        self.operations = Operations(scope, session.problems, self._read)

    def run(
        self,
        steps: Mapping[str, Step],
        name: str,
        value: FlowValue,
        broken: frozenset[str] = frozenset(),
    ) -> Flow | None:
        """The flow on one input, called `name`; None when it has no result.

        `broken` names the values that have been complained of already.
        """
        self.steps = {name, *steps}
        self._define(name, replace(value, root=name))
        ordered, self.reads = ordered_steps(
            steps, name, broken, self.problems, self.outer
        )
        done = [self._step(step) for step in ordered]
        if broken or len(done) < len(steps):
            self.scope.incomplete = True
            return None
        if any(step is None for step in done):
            return None
        return Flow(tuple(step for step in done if step is not None))

    def _step(self, step: Step) -> FlowStep | None:
        name = step.key.name
        if isinstance(step.body, Pipe):
            resolved, value = self._pipe(name, step.body)
        else:
            resolved, value = self._patches(name, step.body)
        self._define(name, value)
        return resolved

    def _define(self, name: str, value: FlowValue) -> None:
        self.values[name] = value
        if value.root is not None and self.reads[name] > 1:
            self.read_again.add(value.root)

    def _pipe(self, name: str, pipe: Pipe) -> tuple[FlowStep | None, FlowValue]:
        value = self._read(pipe.value.text, pipe.value.place)
        shapes = [value.shape]
        arguments: list[Mapping[str, Any]] = []
        for step in pipe.steps:
            self.session.take_step(step.place)
            if isinstance(step, Name):
                value = self._call(step, value)
                arguments.append({})
            else:
                value, given = self._operate(step, value)
                arguments.append(given)
            shapes.append(value.shape)
        known = tuple(shape for shape in shapes if shape is not None)
        if len(known) < len(shapes):
            return None, UNKNOWN
        return FlowStep(name, pipe, known, tuple(arguments)), value

    def _read(self, name: str, place: Place) -> FlowValue:
        """A value by its name, with that name as what it may share memory with."""
        if name not in self.values:
            return UNKNOWN
        value = self.values[name]
        return replace(value, root=value.root or name, origin=value.origin or place)

    def _call(self, step: Name, value: FlowValue) -> FlowValue:
        first, *rest = step.text.split(".")
        declaration = self.scope.declaration.module(first)
        if declaration is None:
            if self.scope.declaration.lacks(first):
                self._unknown_module(step)
            return UNKNOWN
        if rest:
            self.problems.error(
                "unknown-module",
                f"`{shown(step.text)}` is inside another module",
                step.place,
                f"call `{first}` as a whole",
            )
            return UNKNOWN
        if value.shape is None:
            self._uncalled(declaration)
            return UNKNOWN
        self._check_inplace(declaration, value, step.place)
        return self._called(declaration, value, step.place)

    def _uncalled(self, declaration: ModuleDeclaration) -> None:
        """Check what can be checked of a module whose input is not known."""
        name = declaration.name
        if name not in self.scope.failed and name not in self.scope.called:
            self.scope.failed.add(name)
            self.modules.check(declaration)

    def _called(
        self, declaration: ModuleDeclaration, value: FlowValue, place: Place
    ) -> FlowValue:
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
        declaration: ModuleDeclaration,
        before: Called,
        module: Module,
        value: FlowValue,
        place: Place,
    ) -> bool:
        """A module used twice must have come out the same both times."""
        weights = self.session.weights
        if weights.number(before.module) == weights.number(module):
            return True
        self.problems.error(
            "shape-mismatch",
            f"`{declaration.label}` is called with {before.shape} and with "
            f"{value.shape}, and can't fit both",
            place,
            "declare a second module for the second use",
            Note(f"called with {before.shape} here", before.place),
        )
        return False

    def _unknown_module(self, step: Name) -> None:
        # The module that was meant may be one that seems to be never called.
        self.scope.incomplete = True
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
        self, declaration: ModuleDeclaration, value: FlowValue, place: Place
    ) -> None:
        """An in-place module must not change what someone else still reads."""
        if value.root is None or not self.modules.works_in_place(declaration):
            return
        root = value.root
        is_input = root == next(iter(self.values))
        if is_input or self.reads[root] > 1 or root in self.read_again:
            what = "the input" if is_input else "a value that is read again"
            self.problems.error(
                "in-place",
                f"`{declaration.label}` works in place and would change `{root}`, "
                f"{what}",
                place,
                f"use `relu()` here, or `inplace: false` on `{declaration.label}`",
                Note(f"`{declaration.label}` is declared here", declaration.place),
            )

    def _operate(
        self, call: OperationCall, value: FlowValue
    ) -> tuple[FlowValue, Mapping[str, Any]]:
        output, given = self.operations.run(call, value)
        if output.shape is not None:
            self._spend(Cost(activations=output.shape.elements))
        return output, given

    def _patches(self, name: str, step: PatchStep) -> tuple[FlowStep | None, FlowValue]:
        self.session.take_step(step.place)
        whole = self._read(str(step.of.value), step.of.place)
        counts = grid_counts(step, whole, self.scope.environment, self.problems)
        if whole.shape is None or counts is None:
            self._inside(step, UNKNOWN, ())
            return None, UNKNOWN
        patch = FlowValue(patch_shape(whole.shape, counts), None, step.of.place)
        inner, output = self._inside(step, patch, counts)
        if inner is None or output.shape is None:
            return None, UNKNOWN
        shape = laid_back(step, output.shape, counts, self.problems)
        if shape is None or not fits_in_memory(shape, step.place, self.problems):
            return None, UNKNOWN
        resolved = FlowStep(name, step, (whole.shape, shape), (), counts, inner)
        return resolved, FlowValue(shape, None, step.place)

    def _inside(
        self, step: PatchStep, patch: FlowValue, counts: tuple[int, ...]
    ) -> tuple[Flow | None, FlowValue]:
        """The flow of one patch; only the patch and its own names are visible."""
        count = prod(counts)
        before = self.scope.patches, self.scope.repeats
        self.scope.repeats *= count
        if not step.batch_statistics:
            self.scope.patches *= count
        outer = {*self.outer, *self.steps}
        runner = FlowRunner(self.session, self.scope, self.modules, outer)
        with self.session.deeper(step.place):
            flow = runner.run(step.forward, step.name, patch, step.broken)
        self.scope.patches, self.scope.repeats = before
        self.cost = self.cost + runner.cost
        return flow, runner.values.get("out", UNKNOWN)
