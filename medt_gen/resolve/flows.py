"""Runs a `forward:` on shapes: order, names, operations and patches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from math import prod

from medt_gen.algebra.terms import ArgumentValue, Shape
from medt_gen.catalog import OPERATIONS
from medt_gen.messages.diagnostics import Note, Place
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.wording import did_you_mean, shown
from medt_gen.network.norms import normalises
from medt_gen.network.records import Cost, Flow, FlowStep, Module, patch_shape
from medt_gen.paths.keys import join
from medt_gen.resolve.grids import grid_counts, laid_back
from medt_gen.resolve.modules import call_module, check_module, works_in_place
from medt_gen.resolve.operations import run_operation
from medt_gen.resolve.order import Around, ordered_steps
from medt_gen.resolve.scope import FlowValue, Scope, fits_in_memory
from medt_gen.resolve.trails import Trail
from medt_gen.spec.declarations import ModuleDeclaration, PatchStep, Step, Steps
from medt_gen.spec.pipes import Name, Pipe


@dataclass(frozen=True)
class Called:
    """A module that has been called: with what it was first, and how often.

    `patches` are how many patches shared that call, each normalised alone.
    """

    module: Module
    shape: Shape
    output: FlowValue
    place: Place
    calls: int
    patches: int


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
    their step: `local.skip`.
    """

    flow: Flow | Faulty
    output: FlowValue | Faulty
    cost: Cost
    complete: bool
    values: Mapping[str, Reached] = field(default_factory=dict)


class FlowRun:
    """One run of a flow of a class; patch steps get a run of their own.

    `calls` holds the modules that the class has called so far, FAULTY where the input
    or the module is; runs of one class share it.
    """

    def __init__(
        self,
        scope: Scope,
        calls: dict[str, Called | Faulty],
        outer: Collection[str] = (),
        place: Place | None = None,
    ) -> None:
        self.scope = scope
        self.calls = calls
        self.outer = outer
        self.place = place or scope.declaration.place
        self.problems = scope.problems
        self.values: dict[str, FlowValue | Faulty] = {}
        self.inside: dict[str, Reached] = {}
        self.steps: set[str] = set()
        self.reads: Counter[str] = Counter()
        # The roots whose memory is read again, by another name than their own.
        self.read_again: set[str] = set()
        self.unread: tuple[Step, ...] = ()
        self.changed_in_place = False
        self.cost = Cost()
        self.complete = True

    def run(
        self,
        steps: Steps,
        name: str,
        value: FlowValue | Faulty,
    ) -> Ran:
        """Run the flow on one input, called `name`."""
        self.steps = {name, *steps}
        given = value if value is FAULTY else replace(value, root=name)
        self._define(name, given)
        modules = [module.name for module in self.scope.declaration.modules]
        around = Around(self.outer, modules, self.place)
        ordered = ordered_steps(steps, name, self.problems, around)
        self.reads, self.unread = ordered.reads, ordered.unread
        done = [self._step(step) for step in ordered.steps]
        self.complete = self.complete and ordered.known and len(done) == len(steps)
        if self.complete and not self.changed_in_place:
            self._warn_of_unread()
        found = tuple(step for step in done if step is not FAULTY)
        flow = Flow(found) if self.complete and len(found) == len(done) else FAULTY
        output = self.values.get("out", FAULTY)
        own = {name: Reached(item, self.scope) for name, item in self.values.items()}
        return Ran(flow, output, self.cost, self.complete, {**own, **self.inside})

    def _warn_of_unread(self) -> None:
        for step in self.unread:
            self.problems.warning(
                "unused-value",
                f"the value `{step.key.name}` is never read",
                step.key.place,
                "remove it, or use it in a later pipe",
            )

    def _step(self, step: Step) -> FlowStep | Faulty:
        name = step.key.name
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
        arguments: list[Mapping[str, ArgumentValue]] = []
        for step in pipe.steps:
            self.scope.take_step(step.place)
            given: Mapping[str, ArgumentValue] = {}
            if isinstance(step, Name):
                value = self._call(step, value)
            else:
                applied = run_operation(self.scope, step, value, self._read)
                # What has no such name may have been meant to call a module.
                self.complete = self.complete and step.name in OPERATIONS
                given = {} if applied is FAULTY else applied.arguments
                value = applied if applied is FAULTY else self._spent_on(applied.output)
            arguments.append(given)
            if value is not FAULTY:
                shapes.append(value.shape)
        if len(shapes) <= len(pipe.steps):
            value = FAULTY
        self._define(name, value)
        if value is FAULTY:
            return FAULTY
        return FlowStep(name, pipe, tuple(shapes), tuple(arguments))

    def _read(self, name: str, place: Place) -> FlowValue | Faulty:
        """A value by its name, with that name as what it may share memory with."""
        value = self.values.get(name, FAULTY)
        if value is FAULTY:
            return FAULTY
        return replace(value, root=value.root or name)

    def _call(self, step: Name, value: FlowValue | Faulty) -> FlowValue | Faulty:
        first, *rest = step.text.split(".")
        declaration = self.scope.declaration.module(first)
        if declaration is FAULTY:
            return FAULTY
        if declaration is None:
            self._unknown_module(step)
            return FAULTY
        if rest:
            self.calls.setdefault(first, FAULTY)
            self.complete = False
            self.problems.error(
                "unknown-module",
                f"`{shown(step.text)}` is inside another module",
                step.place,
                f"call `{first}` as a whole",
            )
            return FAULTY
        if value is FAULTY:
            self._check_uncalled(declaration)
            return FAULTY
        self._check_inplace(declaration, value, step.place)
        return self._called(declaration, value, step.place)

    def _check_uncalled(self, declaration: ModuleDeclaration) -> None:
        """Check what can be checked of a module whose input is not known."""
        if declaration.name not in self.calls:
            self.calls[declaration.name] = FAULTY
            check_module(self.scope, declaration)

    def _called(
        self, declaration: ModuleDeclaration, value: FlowValue, place: Place
    ) -> FlowValue | Faulty:
        name, repeats = declaration.name, self.scope.repeats
        before = self.calls.get(name, FAULTY)
        if before is not FAULTY and not self._alike(before, place):
            return FAULTY
        if before is not FAULTY and before.shape.numbers == value.shape.numbers:
            self.calls[name] = replace(before, calls=before.calls + repeats)
            root = value.root if before.module.shares_memory else None
            again = replace(before.output, root=root)
            return again.through(name, place, value.trail)
        found = call_module(self.scope, declaration, value, place)
        if found is FAULTY:
            self.calls.setdefault(name, FAULTY)
            return FAULTY
        if before is FAULTY:
            self.calls[name] = Called(
                found.module,
                value.shape,
                found.output,
                place,
                repeats,
                self.scope.patches,
            )
        elif self._agrees(declaration, before, found.module, value, place):
            self.calls[name] = replace(before, calls=before.calls + repeats)
        self._spend(found.module.cost)
        return found.output.through(name, place, value.trail)

    def _spend(self, cost: Cost) -> None:
        repeats = self.scope.repeats
        self.cost = self.cost + Cost(
            activations=cost.activations * repeats, work=cost.work * repeats
        )

    def _spent_on(self, value: FlowValue) -> FlowValue:
        self._spend(Cost(activations=value.shape.elements))
        return value

    def _alike(self, before: Called, place: Place) -> bool:
        """Whether the batch is what it was: a norm has statistics of one kind."""
        patches = self.scope.patches
        if before.patches == patches or not normalises(before.module):
            return True
        apart, whole = sorted((before.patches, patches), reverse=True)
        other = "whole images" if whole == 1 else f"{whole} patches of an image"
        self.problems.error(
            "shape-mismatch",
            f"`{before.module.declaration.label}` normalises {apart} patches of an "
            f"image apart in one call and {other} in another",
            place,
            "declare a second module for the second use, or write `statistics: batch` "
            "at the patches",
            Note("called here, too", before.place),
        )
        return False

    def _agrees(
        self,
        declaration: ModuleDeclaration,
        before: Called,
        module: Module,
        value: FlowValue,
        place: Place,
    ) -> bool:
        """A module used twice must have come out the same both times."""
        weights = self.scope.session.weights
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
        self.complete = False
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
        if value.root is None or not works_in_place(self.scope, declaration):
            return
        root = value.root
        is_input = root == next(iter(self.values))
        if is_input or self.reads[root] > 1 or root in self.read_again:
            self.changed_in_place = True
            what = "the input" if is_input else "a value that is read again"
            forgotten = (
                Note(f"`{step.key.name}` is never read: is it meant?", step.key.place)
                for step in self.unread
            )
            self.problems.error(
                "in-place",
                f"`{declaration.label}` works in place and would change `{root}`, "
                f"{what}",
                place,
                f"use `relu()` here, or `inplace: false` on `{declaration.label}`",
                Note(f"`{declaration.label}` is declared here", declaration.place),
                *forgotten,
            )

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
        run = FlowRun(inner, self.calls, outer, step.place)
        ran = run.run(step.forward, step.name, patch)
        self.inside |= {join(name, key): item for key, item in ran.values.items()}
        self.cost = self.cost + ran.cost
        self.complete = self.complete and ran.complete
        return ran
