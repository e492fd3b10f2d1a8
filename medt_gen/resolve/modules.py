"""A module and the shape it is called with -> the module with every size known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Protocol

from medt_gen.algebra.terms import Shape
from medt_gen.catalog.containers import HOLDERS, SEQUENTIAL, STAGE
from medt_gen.catalog.entries import LayerType, plain
from medt_gen.messages.diagnostics import Note, Place
from medt_gen.messages.problems import Problems
from medt_gen.network.records import Cost, Group, Instance, Module, Use
from medt_gen.resolve.blocks import (
    block_arguments,
    channels_agree,
    defaults,
    input_terms,
    translated,
)
from medt_gen.resolve.environment import MISSING, condition_holds, node_value
from medt_gen.resolve.leaves import Leaves, unknown_argument
from medt_gen.resolve.scope import UNKNOWN, FlowValue, Scope, Session
from medt_gen.resolve.stages import Stage, children, read_stage
from medt_gen.resolve.types import Resolved
from medt_gen.spec.declarations import ClassDeclaration, ModuleDeclaration, Written

Result = tuple[Module, FlowValue]


class Maker(Protocol):
    """Makes an instance of a block; the step after this one."""

    def __call__(
        self,
        session: Session,
        declaration: ClassDeclaration,
        arguments: dict[str, Any],
        shape: Shape,
        patches: int,
    ) -> Instance | None: ...


class Modules:
    """Resolves the modules of one class."""

    def __init__(self, session: Session, scope: Scope, make: Maker) -> None:
        self.session = session
        self.scope = scope
        self.problems = session.problems
        self.make = make
        self.leaves = Leaves(scope, session.problems)

    def resolve(
        self, declaration: ModuleDeclaration, value: FlowValue, place: Place
    ) -> Result:
        """The module, and what it makes of `value`; `place` is where it is called."""
        self.session.take_step(place)
        with self.session.deeper(place):
            module, output = self._resolve(declaration, value, place)
        if output.shape is None or value.shape is None or module.body is None:
            return module, output
        return replace(module, shapes=(value.shape, output.shape)), output

    def _resolve(
        self, declaration: ModuleDeclaration, value: FlowValue, place: Place
    ) -> Result:
        if not self.exists(declaration):
            return Module(declaration.name, declaration, None), value
        found = self.type(declaration)
        if found is None:
            return _failed(declaration)
        arguments = {**found.arguments, **declaration.arguments}
        if isinstance(found.type, LayerType):
            return self._layer(declaration, found.type, arguments, value, place)
        if isinstance(found.type, ClassDeclaration):
            return self._block(declaration, found.type, arguments, value, place)
        if found.type == SEQUENTIAL:
            return self._sequential(declaration, arguments, value, place)
        if found.type in HOLDERS:
            self._uncallable(declaration, f"a `{found.type}` has no flow of its own")
            return _failed(declaration)
        stage = self.stage(declaration, arguments)
        if stage is None:
            return _failed(declaration)
        return self._chain(declaration, children(declaration, stage), value, place)

    def _uncallable(self, declaration: ModuleDeclaration, reason: str) -> None:
        self.problems.error(
            "missing-key",
            f"`{declaration.label}` can't be called: {reason}",
            declaration.type.place,
            "give the block a `forward:`, or use a `Sequential`",
        )

    def type(self, declaration: ModuleDeclaration) -> Resolved | None:
        """What the module's `type:` stands for; None after a complaint."""
        return self.session.types.resolve(
            declaration.type, self.scope.environment, self.problems
        )

    def exists(self, declaration: ModuleDeclaration) -> bool:
        """Whether the module's `when:` holds."""
        if declaration.when is None:
            return True
        return condition_holds(declaration.when, self.scope.environment, self.problems)

    def works_in_place(self, declaration: ModuleDeclaration) -> bool:
        """Whether calling the module changes its input."""
        quiet = Problems()
        found = self.session.types.resolve(
            declaration.type, self.scope.environment, quiet
        )
        if found is None or not isinstance(found.type, LayerType):
            return False
        given = {**found.arguments, **declaration.arguments}.get("inplace")
        if given is None or not self.exists(declaration):
            return False
        value = node_value(given.node, self.scope.environment, quiet)
        return value is not MISSING and plain(value) is True

    def check(self, declaration: ModuleDeclaration) -> None:
        """Complain of what is wrong whatever the input: types, names and values."""
        self.session.take_step(declaration.place)
        found = self.type(declaration) if self.exists(declaration) else None
        if found is None:
            return
        given = {**found.arguments, **declaration.arguments}
        if isinstance(found.type, LayerType):
            self.leaves.values(declaration, found.type, given)
        elif isinstance(found.type, ClassDeclaration):
            self.arguments(declaration, found.type, given)
        elif found.type == STAGE:
            stage = self.stage(declaration, given)
            if stage is not None:
                self.check(next(children(declaration, stage)))
        else:
            self._refuse_arguments(given)
            for child in declaration.children or ():
                self.check(child)

    def _refuse_arguments(self, given: dict[str, Written]) -> None:
        for item in given.values():
            unknown_argument(SEQUENTIAL, item, ["modules"], self.problems)

    def unused(self, declaration: ModuleDeclaration, rank: int) -> Module:
        """A module that is declared and never called."""
        found = self.type(declaration)
        if not self.exists(declaration) or found is None:
            return Module(declaration.name, declaration, None)
        if not isinstance(found.type, LayerType):
            self.problems.error(
                "unused-module",
                f"`{declaration.label}` is never called, and only single layers can be",
                declaration.place,
                f"call `{declaration.label}` in `forward:`, or remove it",
            )
            return Module(declaration.name, declaration, None)
        arguments = {**found.arguments, **declaration.arguments}
        leaf, cost = self.leaves.unused(declaration, found.type, arguments, rank)
        return Module(declaration.name, declaration, leaf, cost)

    def _layer(
        self,
        declaration: ModuleDeclaration,
        layer: LayerType,
        arguments: dict[str, Written],
        value: FlowValue,
        place: Place,
    ) -> Result:
        leaf, cost, output = self.leaves.resolve(
            declaration, layer, arguments, value, place
        )
        return Module(declaration.name, declaration, leaf, cost), output

    def _sequential(
        self,
        declaration: ModuleDeclaration,
        arguments: dict[str, Written],
        value: FlowValue,
        place: Place,
    ) -> Result:
        for item in arguments.values():
            unknown_argument(SEQUENTIAL, item, ["modules"], self.problems)
        return self._chain(declaration, declaration.children or (), value, place)

    def _chain(
        self,
        declaration: ModuleDeclaration,
        parts: Iterable[ModuleDeclaration],
        value: FlowValue,
        place: Place,
    ) -> Result:
        modules: list[Module] = []
        total = Cost(modules=1)
        for child in parts:
            if value.shape is None:
                # Only the first of a stage is worth a look: the others are its like.
                if declaration.children is not None:
                    self.check(child)
                    continue
                break
            module, value = self.resolve(child, value, child.place)
            modules.append(module)
            total = total + module.cost
            if self._too_large(declaration, total):
                return _failed(declaration)
        output = replace(value, origin=place) if value.shape else value
        body = Group(tuple(modules))
        return Module(declaration.name, declaration, body, total), output

    def _too_large(self, declaration: ModuleDeclaration, total: Cost) -> bool:
        most = self.session.limits.modules
        if total.modules <= most:
            return False
        self._refuse(declaration, f"`{declaration.label}` holds more than {most:,}")
        return True

    def _refuse(self, declaration: ModuleDeclaration, message: str) -> None:
        self.problems.error(
            "too-large",
            f"{message} modules, the limit for a network",
            declaration.place,
            "raise the limit with `--limit modules=N`",
        )

    def stage(
        self, declaration: ModuleDeclaration, arguments: dict[str, Written]
    ) -> Stage | None:
        """What a `Stage` repeats and how often; None after a complaint."""
        stage = read_stage(
            declaration,
            arguments,
            self.scope.environment,
            self.session.types,
            self.problems,
        )
        most = self.session.limits.modules
        if stage is not None and stage.depth > most:
            text = f"`{declaration.label}` repeats its block {stage.depth:,} times: "
            self._refuse(declaration, f"{text}more than {most:,}")
            return None
        return stage

    def arguments(
        self,
        declaration: ModuleDeclaration,
        block: ClassDeclaration,
        given: dict[str, Written],
    ) -> dict[str, Any] | None:
        """What a use of a block gives for its parameters; None after a complaint."""
        return block_arguments(
            declaration, block, given, self.scope.environment, self.problems
        )

    def _block(
        self,
        declaration: ModuleDeclaration,
        block: ClassDeclaration,
        given: dict[str, Written],
        value: FlowValue,
        place: Place,
    ) -> Result:
        arguments = self.arguments(declaration, block, given)
        if arguments is None or value.shape is None:
            return _failed(declaration)
        if block.forward is None:
            self._uncallable(declaration, f"`{block.reference}` has no `forward:`")
            return _failed(declaration)
        if not channels_agree(given, value, self.scope.environment, self.problems):
            return _failed(declaration)
        values = {**defaults(block, self.problems), **arguments}
        text = f"in `{declaration.label}`, a use of `{block.name}`, here"
        with self.problems.inside(Note(text, declaration.place)):
            instance = self.make(
                self.session, block, values, value.shape, self.scope.patches
            )
        if instance is None or instance.output is None:
            return _failed(declaration)
        output = FlowValue(
            translated(instance.output, values, value.shape),
            value.root if instance.aliases_input else None,
            place,
        )
        use = Use(instance, arguments, input_terms(value.shape))
        return Module(declaration.name, declaration, use, instance.cost), output


def _failed(declaration: ModuleDeclaration) -> Result:
    return Module(declaration.name, declaration, None), UNKNOWN
