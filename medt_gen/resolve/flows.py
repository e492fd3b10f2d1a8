"""Runs a `forward:` on shapes: order, names, operations and patches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from math import prod

from medt_gen.algebra.terms import ArgumentValue
from medt_gen.catalog import OPERATIONS
from medt_gen.messages.diagnostics import Place
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.wording import either
from medt_gen.network.records import (
    Cost,
    Flow,
    FlowStep,
    Module,
    Output,
    Outputs,
    OwnParameter,
    patch_shape,
)
from medt_gen.paths.keys import join
from medt_gen.resolve.called import (
    Called,
    Calls,
    asks_for_the_same,
    normalises_alike,
)
from medt_gen.resolve.calls import called_module, with_module_calls
from medt_gen.resolve.grids import grid_counts, laid_back
from medt_gen.resolve.modules import (
    Inputs,
    call_module,
    check_module,
    exists,
    shared_root,
    works_in_place,
)
from medt_gen.resolve.operations import Read, run_operation
from medt_gen.resolve.order import Around, ordered_steps
from medt_gen.resolve.own_parameters import TAKING, as_value, is_parameter
from medt_gen.resolve.refusals import refuse_in_place, refuse_unknown
from medt_gen.resolve.scope import FlowValue, Scope, fits_in_memory
from medt_gen.resolve.trails import Trail
from medt_gen.spec.declarations import ModuleDeclaration, PatchStep, Step, Steps
from medt_gen.spec.declarations import Outputs as OutputNames
from medt_gen.spec.pipes import Name, OperationCall, Pipe


@dataclass(frozen=True)
class Reached:
    """A value of a flow, FAULTY after a complaint, and the scope in which it is."""

    value: FlowValue | Faulty
    scope: Scope


@dataclass(frozen=True)
class Ran:
    """What came of a flow.

    Where it is not `complete`, not all of it could run: a module that seems to be never
    called may have been meant. `values` are all, those of patches behind the name of
    their step: `local.skip`. `read_parameters` are tensors of the class itself.
    """

    flow: Flow | Faulty
    output: FlowValue | Faulty
    cost: Cost
    complete: bool
    values: Mapping[str, Reached] = field(default_factory=dict)
    read_parameters: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Taken:
    """A step of a pipe that was taken: what came out, FAULTY after a complaint.

    It has the arguments of an operation, or the module as this call makes it.
    """

    value: FlowValue | Faulty
    arguments: Mapping[str, ArgumentValue] = field(default_factory=dict)
    module: Module | None = None


_NOT_TAKEN = _Taken(FAULTY)


class FlowRun:
    """One run of a flow of a class; patch steps get a run of their own.

    `calls` holds the modules that the class has called so far, FAULTY where the input
    or the module is; runs of one class share it.
    """

    def __init__(
        self,
        scope: Scope,
        calls: Calls,
        own: Mapping[str, Module | Faulty],
        outer: Collection[str] = (),
        place: Place | None = None,
    ) -> None:
        self.scope = scope
        self.calls = calls
        self.outer = outer
        self.place = place or scope.declaration.place
        self.problems = scope.problems
        self.values: dict[str, FlowValue | Faulty] = {}
        self.own = own
        self.read_parameters: set[str] = set()
        self.inside: dict[str, Reached] = {}
        self.inputs: tuple[str, ...] = ()
        self.steps: set[str] = set()
        self.reads: Counter[str] = Counter()
        # The roots whose memory is read again, by another name than their own.
        self.read_again: set[str] = set()
        self.unread: tuple[Step, ...] = ()
        self.changed_in_place = False
        self.cost = Cost()
        self.complete = True

    def run(self, declared: Steps, inputs: Mapping[str, FlowValue | Faulty]) -> Ran:
        """Run the flow on its inputs, by name."""
        steps = with_module_calls(declared, self.scope)
        self.inputs = tuple(inputs)
        self.steps = {*inputs, *steps}
        for name, value in inputs.items():
            self._define(name, value if value is FAULTY else replace(value, root=name))
        modules = [module.name for module in self.scope.declaration.modules]
        around = Around(self.outer, modules, self.place, frozenset(self.own))
        ordered = ordered_steps(steps, self.inputs, self.problems, around)
        self.reads, self.unread = ordered.reads, ordered.unread
        done = [self._step(step) for step in ordered.steps]
        outputs = self._outputs(steps.get("out", FAULTY))
        self.complete = self.complete and ordered.known and len(done) == len(steps)
        if self.complete and not self.changed_in_place:
            self._warn_of_unread()
        found = tuple(step for step in done if isinstance(step, FlowStep))
        known = self.complete and FAULTY not in done
        flow: Flow | Faulty = FAULTY
        if known and outputs is not FAULTY:
            flow = Flow(found, outputs)
        output = self.values.get("out", FAULTY)
        own = {name: Reached(item, self.scope) for name, item in self.values.items()}
        values = {**own, **self.inside}
        read = frozenset(self.read_parameters)
        return Ran(flow, output, self.cost, self.complete, values, read)

    def _warn_of_unread(self) -> None:
        for step in self.unread:
            self.problems.warning(
                "unused-value",
                f"the value `{step.key.name}` is never read",
                step.key.place,
                "remove it, or use it in a later pipe",
            )

    def _outputs(self, step: Step | Faulty) -> Outputs | Faulty | None:
        """The several outputs of a network; the first is what else asks for `out`."""
        if step is FAULTY or not isinstance(step.body, OutputNames):
            return None
        values = {
            key: self._read(name.text, name.place)
            for key, name in step.body.values.items()
        }
        self._define("out", next(iter(values.values())))
        items = tuple(
            Output(key, step.body.values[key].text, value.shape)
            for key, value in values.items()
            if value is not FAULTY
        )
        if len(items) < len(values):
            return FAULTY
        return Outputs(items, step.body.keyed)

    def _step(self, step: Step) -> FlowStep | Faulty | None:
        """What a step comes to; several outputs are no step of their own."""
        name = step.key.name
        if isinstance(step.body, OutputNames):
            return None
        if isinstance(step.body, Pipe):
            return self._pipe(name, step.body)
        return self._patches(name, step.body)

    def _define(self, name: str, value: FlowValue | Faulty) -> None:
        self.values[name] = value
        if value is not FAULTY and value.root is not None and self.reads[name] > 1:
            self.read_again.add(value.root)

    def _pipe(self, name: str, pipe: Pipe) -> FlowStep | Faulty:
        value = self._read(pipe.value.text, pipe.value.place)
        shapes = [] if value is FAULTY else [value.shape]
        taken: list[_Taken] = []
        for step in pipe.steps:
            self.scope.take_step(step.place)
            if isinstance(step, Name):
                taken.append(self._call(step, value))
            else:
                taken.append(self._operation(step, value))
            value = taken[-1].value
            if value is not FAULTY:
                shapes.append(value.shape)
        if len(shapes) <= len(pipe.steps):
            value = FAULTY
        self._define(name, value)
        if value is FAULTY:
            return FAULTY
        return FlowStep(
            name,
            pipe,
            tuple(shapes),
            tuple(item.arguments for item in taken),
            modules=tuple(item.module for item in taken),
        )

    def _operation(self, step: OperationCall, value: FlowValue | Faulty) -> _Taken:
        applied = run_operation(self.scope, step, value, self._reader(step.name, value))
        # What has no such name may have been meant to call a module.
        self.complete = self.complete and step.name in OPERATIONS
        if applied is FAULTY:
            return _NOT_TAKEN
        self._spend(Cost(activations=applied.output.shape.elements))
        return _Taken(applied.output, applied.arguments)

    def _reader(self, operation: str, value: FlowValue | Faulty) -> Read:
        """How an operation on `value` reads its others: some take Parameters."""
        if operation not in TAKING or value is FAULTY:
            return self._read
        rank = len(value.shape.size)

        def read(name: str, place: Place) -> FlowValue | Faulty:
            module = self.own.get(name)
            if module is None or name in self.values:
                return self._read(name, place)
            self.read_parameters.add(name)
            if module is FAULTY or not isinstance(module.body, OwnParameter):
                return FAULTY
            return as_value(self.scope, module.body, name, rank, place)

        return read

    def _read(self, name: str, place: Place) -> FlowValue | Faulty:
        """A value by its name, with that name as what it may share memory with."""
        if name in self.own and name not in self.values:
            self.read_parameters.add(name)
            self._refuse_parameter(name, place)
            return FAULTY
        value = self.values.get(name, FAULTY)
        if value is FAULTY:
            return FAULTY
        return replace(value, root=value.root or name)

    def _refuse_parameter(self, name: str, place: Place) -> None:
        if self.own[name] is FAULTY:
            return
        taking = either([f"`{item}({name})`" for item in TAKING])
        self.problems.error(
            "wrong-value",
            f"`{name}` is a Parameter, which only some operations take",
            place,
            f"use it as in {taking}",
        )

    def _call(self, step: Name, value: FlowValue | Faulty) -> _Taken:
        chain = called_module(self.scope, step)
        if chain is None:
            # The module that was meant may be one that seems to be never called.
            self.complete = False
            refuse_unknown(self.scope, step, self.values)
            return _NOT_TAKEN
        if chain is FAULTY:
            # What is not in there may have been meant by another name.
            self.complete = False
            self.calls.setdefault(step.text.split(".")[0], FAULTY)
            return _NOT_TAKEN
        if is_parameter(chain[-1]):
            self.read_parameters.add(chain[-1].name)
            self._refuse_parameter(chain[-1].name, step.place)
            return _NOT_TAKEN
        others = [self._read(item.text, item.place) for item in step.others]
        inputs = [item for item in (value, *others) if item is not FAULTY]
        if len(inputs) <= len(others):
            self._check_uncalled(chain[-1])
            return _NOT_TAKEN
        if not all(exists(self.scope, around) for around in chain[:-1]):
            return _Taken(inputs[0])
        self._check_inplace(chain[-1], inputs[0], step.place)
        return self._called(chain[-1], tuple(inputs), step.place)

    def _check_uncalled(self, declaration: ModuleDeclaration) -> None:
        """Check what can be checked of a module whose input is not known."""
        if declaration.label not in self.calls:
            self.calls[declaration.label] = FAULTY
            check_module(self.scope, declaration)

    def _called(
        self, declaration: ModuleDeclaration, inputs: Inputs, place: Place
    ) -> _Taken:
        name, repeats = declaration.label, self.scope.repeats
        before = self.calls.get(name, FAULTY)
        if before is not FAULTY and not normalises_alike(self.scope, before, place):
            return _NOT_TAKEN
        numbers = tuple(item.shape.numbers for item in inputs)
        if before is not FAULTY and before.numbers == numbers:
            self.calls[name] = replace(before, calls=before.calls + repeats)
            self._spend(before.module.cost)
            again = replace(before.output, root=shared_root(before.module, inputs))
            again = again.through(name, place, inputs[0].trail)
            return _Taken(again, module=before.module)
        found = call_module(self.scope, declaration, inputs, place)
        if found is FAULTY:
            self.calls.setdefault(name, FAULTY)
            return _NOT_TAKEN
        if before is FAULTY:
            self.calls[name] = Called(
                found.module,
                tuple(item.shape for item in inputs),
                found.output,
                place,
                repeats,
                self.scope.patches,
            )
        elif asks_for_the_same(self.scope, before, found.module, inputs, place):
            self.calls[name] = replace(before, calls=before.calls + repeats)
        self._spend(found.module.cost)
        output = found.output.through(name, place, inputs[0].trail)
        return _Taken(output, module=found.module)

    def _spend(self, cost: Cost) -> None:
        repeats = self.scope.repeats
        self.cost = self.cost + Cost(
            activations=cost.activations * repeats, work=cost.work * repeats
        )

    def _check_inplace(
        self, declaration: ModuleDeclaration, value: FlowValue, place: Place
    ) -> None:
        """An in-place module must not change what someone else still reads."""
        if value.root is None or not works_in_place(self.scope, declaration):
            return
        root = value.root
        is_input = root in self.inputs
        if is_input or self.reads[root] > 1 or root in self.read_again:
            self.changed_in_place = True
            what = "a value that is read again"
            if is_input:
                what = "the input" if len(self.inputs) == 1 else "an input"
            changed = f"`{root}`, {what}"
            refuse_in_place(self.scope, declaration, changed, place, self.unread)

    def _patches(self, name: str, step: PatchStep) -> FlowStep | Faulty:
        found = self._patch_step(name, step)
        value: FlowValue | Faulty = FAULTY
        if found is not FAULTY:
            value = FlowValue(found.shapes[-1])
            value = value.through(name, step.place, self._trail_of(step))
        self._define(name, value)
        return found

    def _trail_of(self, step: PatchStep) -> Trail | None:
        whole = self.values.get(str(step.of.value), FAULTY)
        return None if whole is FAULTY else whole.trail

    def _patch_step(self, name: str, step: PatchStep) -> FlowStep | Faulty:
        self.scope.take_step(step.place)
        whole = self._read(str(step.of.value), step.of.place)
        counts = FAULTY if whole is FAULTY else grid_counts(step, whole, self.scope)
        if whole is FAULTY or counts is FAULTY:
            self._run_inside(name, step, FAULTY, 1)
            return FAULTY
        patch = FlowValue(patch_shape(whole.shape, counts))
        patch = patch.through(f"a patch, `{step.name}`", step.of.place, whole.trail)
        inner = self._run_inside(name, step, patch, prod(counts))
        if inner.flow is FAULTY or inner.output is FAULTY:
            return FAULTY
        shape = laid_back(step, inner.output.shape, counts, self.problems)
        if shape is FAULTY or not fits_in_memory(shape, step.place, self.problems):
            return FAULTY
        return FlowStep(name, step, (whole.shape, shape), (), counts, inner.flow)

    def _run_inside(
        self, name: str, step: PatchStep, patch: FlowValue | Faulty, count: int
    ) -> Ran:
        """Run the flow of a patch; only the patch and its own names are visible."""
        together = 1 if step.batch_statistics else count
        inner = replace(
            self.scope.deeper(step.place),
            repeats=self.scope.repeats * count,
            patches=self.scope.patches * together,
        )
        outer = {*self.outer, *self.steps}
        run = FlowRun(inner, self.calls, self.own, outer, step.place)
        ran = run.run(step.forward, {step.name: patch})
        self.read_parameters |= run.read_parameters
        self.inside |= {join(name, key): item for key, item in ran.values.items()}
        self.cost = self.cost + ran.cost
        self.complete = self.complete and ran.complete
        return ran
