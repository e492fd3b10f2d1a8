"""A class without a `forward:`: its flow is left open, and every size is as given.

Such specs come from printouts of networks whose code is gone. What shows no size (as
the span of an attention, or the input of a block with a flow) takes the network's.
"""

from __future__ import annotations

from medt_gen.algebra.terms import Shape, size_terms
from medt_gen.catalog.entries import INFERRED, LayerType
from medt_gen.catalog.kinds import POSITIVE
from medt_gen.messages.diagnostics import Note
from medt_gen.network.records import Cost, Group, Instance, Module, Use
from medt_gen.resolve.blocks import defaults, input_terms
from medt_gen.resolve.environment import MISSING, argument_value
from medt_gen.resolve.modules import Modules
from medt_gen.resolve.scope import FlowValue, Scope
from medt_gen.resolve.stages import children
from medt_gen.spec.declarations import ClassDeclaration, ModuleDeclaration, Written
from medt_gen.spec.expect import start_of
from medt_gen.spec.nodes import MappingNode


def open_class(scope: Scope, modules: Modules, shape: Shape) -> Instance | None:
    """A network or a block without a flow; None where a size is missing.

    `shape` is the network's input, [channels, *size].
    """
    opened = _Opened(scope, modules, shape)
    found = tuple(opened.module(item) for item in scope.declaration.modules)
    if scope.incomplete:
        return None
    cost = sum((module.cost for module in found), Cost(modules=1))
    return Instance(
        scope.declaration,
        scope.environment,
        found,
        None,
        shape,
        None,
        cost,
        patches=scope.patches,
    )


class _Opened:
    def __init__(self, scope: Scope, modules: Modules, shape: Shape) -> None:
        self.scope = scope
        self.modules = modules
        self.shape = shape
        self.problems = modules.problems
        self.session = modules.session

    def module(self, declaration: ModuleDeclaration) -> Module:
        """A module of the class, as it is declared."""
        self.session.take_step(declaration.place)
        with self.session.deeper(declaration.place):
            module = self._module(declaration)
        if module is None:
            self.scope.incomplete = True
            return Module(declaration.name, declaration, None)
        return module

    def _module(self, declaration: ModuleDeclaration) -> Module | None:
        if not self.modules.exists(declaration):
            return Module(declaration.name, declaration, None)
        found = self.modules.type(declaration)
        if found is None:
            return None
        given = {**found.arguments, **declaration.arguments}
        if isinstance(found.type, LayerType):
            return self._layer(declaration, found.type, given)
        if isinstance(found.type, ClassDeclaration):
            return self._block(declaration, found.type, given)
        if declaration.children is not None:
            return self._group(declaration, declaration.children, str(found.type))
        stage = self.modules.stage(declaration, given)
        if stage is None:
            return None
        return self._group(declaration, tuple(children(declaration, stage)))

    def _layer(
        self,
        declaration: ModuleDeclaration,
        layer: LayerType,
        given: dict[str, Written],
    ) -> Module | None:
        for argument in layer.arguments:
            if (
                argument.default is INFERRED
                and argument.name not in given
                and argument.name != "span"
            ):
                self._size_missing(declaration, argument.name)
                return None
        leaf, cost = self.modules.leaves.unused(
            declaration, layer, given, len(self.shape.size), size_terms(self.shape)
        )
        return Module(declaration.name, declaration, leaf, cost) if leaf else None

    def _size_missing(self, declaration: ModuleDeclaration, argument: str) -> None:
        """One complaint for a class: the likely reason is a forgotten flow."""
        if self.scope.incomplete:
            return
        node = self.scope.declaration.node
        assert isinstance(node, MappingNode)
        self.problems.error(
            "missing-key",
            "`forward:` is missing: it says how data flows through the modules",
            start_of(node),
            "add `forward: {out: x | ...}`",
            Note(
                f"without it every size is given, as `{argument}` is not here",
                declaration.place,
            ),
        )

    def _group(
        self,
        declaration: ModuleDeclaration,
        parts: tuple[ModuleDeclaration, ...],
        kind: str = "Sequential",
    ) -> Module | None:
        found = tuple(self.module(item) for item in parts)
        if self.scope.incomplete:
            return None
        cost = sum((module.cost for module in found), Cost(modules=1))
        return Module(declaration.name, declaration, Group(found, kind), cost)

    def _block(
        self,
        declaration: ModuleDeclaration,
        block: ClassDeclaration,
        given: dict[str, Written],
    ) -> Module | None:
        if block.forward is not None:
            return self._flowing(declaration, given)
        arguments = self.modules.arguments(declaration, block, given)
        if arguments is None:
            return None
        values = {**defaults(block, self.problems), **arguments}
        text = f"in `{declaration.label}`, a use of `{block.name}`, here"
        with self.problems.inside(Note(text, declaration.place)):
            instance = self.modules.make(
                self.session, block, values, self.shape, self.scope.patches
            )
        if instance is None:
            return None
        use = Use(instance, arguments, input_terms(self.shape))
        return Module(declaration.name, declaration, use, instance.cost)

    def _flowing(
        self, declaration: ModuleDeclaration, given: dict[str, Written]
    ) -> Module | None:
        """A block that has a flow, run on an image of the network's size."""
        if "in_channels" not in given:
            self._size_missing(declaration, "in_channels")
            return None
        channels = argument_value(
            "in_channels",
            given["in_channels"].node,
            POSITIVE,
            self.scope.environment,
            self.problems,
        )
        if channels is MISSING:
            return None
        value = FlowValue(Shape(channels, self.shape.size))
        module, _ = self.modules.resolve(declaration, value, declaration.place)
        return module if module.body is not None else None
