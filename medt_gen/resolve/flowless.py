"""A class without a `forward:`: its flow is not known, and every size is as given.

Such specs come from printouts of networks whose code is gone. What shows no size (as
the span of an attention, or the input of a block with a flow) takes the network's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from medt_gen.algebra.terms import Shape, Term
from medt_gen.catalog.entries import LayerType
from medt_gen.catalog.kinds import POSITIVE
from medt_gen.messages.diagnostics import Note
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.wording import shown
from medt_gen.network.inputs import input_terms
from medt_gen.network.records import Cost, Group, Instance, Module, Use
from medt_gen.resolve.blocks import (
    block_arguments,
    block_instance,
    with_defaults,
)
from medt_gen.resolve.environment import argument_value
from medt_gen.resolve.initial import initial_passes
from medt_gen.resolve.leaves import uncalled_layer
from medt_gen.resolve.modules import (
    absent,
    call_module,
    exists,
    found_stage,
    found_type,
    given_arguments,
)
from medt_gen.resolve.own_parameters import is_parameter, own_parameter
from medt_gen.resolve.printed_only import PrintedOnly, printed_module, printed_only
from medt_gen.resolve.scope import FlowValue, Scope
from medt_gen.resolve.stages import children
from medt_gen.spec.declarations import ClassDeclaration, ModuleDeclaration, Written
from medt_gen.spec.expect import start_of
from medt_gen.spec.keys import meant_keys
from medt_gen.spec.read_class import FORWARD
from medt_gen.spec.read_network import NETWORK_KEYS

Given = Mapping[str, Written]


def flowless_class(scope: Scope, shape: Shape) -> Instance | Faulty:
    """A network or a block without a flow; `shape` is the network's input."""
    run = _FlowlessRun(shape)
    found = run.modules(scope, scope.declaration.modules)
    if found is FAULTY:
        return FAULTY
    instance = Instance(
        scope.declaration,
        scope.environment,
        found,
        None,
        shape,
        None,
        sum((module.cost for module in found), Cost(modules=1)),
        patches=scope.patches,
    )
    initial = initial_passes(scope, instance)
    return FAULTY if initial is FAULTY else replace(instance, initial=initial)


class _FlowlessRun:
    """One run over the modules of a class, as they are declared.

    `faulty` says whether any of them was: then a missing size is no further mistake.
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.faulty = False

    def modules(
        self, scope: Scope, declarations: Iterable[ModuleDeclaration]
    ) -> tuple[Module, ...] | Faulty:
        """All the modules, each of them looked at."""
        found = [self._module(scope, item) for item in declarations]
        known = tuple(module for module in found if module is not FAULTY)
        return known if len(known) == len(found) else FAULTY

    def _module(self, scope: Scope, declaration: ModuleDeclaration) -> Module | Faulty:
        scope.take_step(declaration.place)
        module = self._found(scope.deeper(declaration.place), declaration)
        self.faulty = self.faulty or module is FAULTY
        return module

    def _found(self, scope: Scope, declaration: ModuleDeclaration) -> Module | Faulty:
        if declaration.unused_on is not None:
            scope.problems.error(
                "unknown-value",
                f"`unused: {shown(declaration.unused_on.text)}` names a value, and "
                "there is no `forward:`",
                declaration.unused_on.place,
                "write `unused: true`, and give its sizes",
            )
            return FAULTY
        if is_parameter(declaration) and declaration.path == declaration.name:
            return own_parameter(scope, declaration)
        if not exists(scope, declaration):
            return absent(declaration)
        found = found_type(scope, declaration)
        if found is FAULTY:
            return FAULTY
        given = given_arguments(found, declaration)
        if kind := printed_only(found):
            return self._printed(scope, declaration, kind, given)
        if isinstance(found.type, LayerType):
            return self._layer(scope, declaration, found.type, given)
        if isinstance(found.type, ClassDeclaration):
            return self._block(scope, declaration, found.type, given)
        return self._container(scope, declaration, found.type.name, given)

    def _printed(
        self,
        scope: Scope,
        declaration: ModuleDeclaration,
        kind: PrintedOnly,
        given: Given,
    ) -> Module | Faulty:
        parts = self.modules(scope, declaration.children or ())
        if parts is FAULTY:
            return FAULTY
        return printed_module(scope, declaration, kind, given, parts)

    def _container(
        self, scope: Scope, declaration: ModuleDeclaration, name: str, given: Given
    ) -> Module | Faulty:
        if declaration.children is not None:
            parts = declaration.children
            return self._group(scope, declaration, parts, name)
        stage = found_stage(scope, declaration, given)
        if stage is FAULTY:
            return FAULTY
        return self._group(scope, declaration, children(declaration, stage))

    def _layer(
        self,
        scope: Scope,
        declaration: ModuleDeclaration,
        layer: LayerType,
        given: Given,
    ) -> Module | Faulty:
        for argument in layer.arguments:
            # What follows from the channels; lengths are the network's.
            if argument.counts_channels and argument.name not in given:
                self._size_missing(scope, declaration, argument.name)
                return FAULTY
        rank = len(self.shape.size)
        made = uncalled_layer(scope, declaration, layer, given, rank, self.shape)
        if made is FAULTY:
            return FAULTY
        return Module(declaration.name, declaration, made.leaf, made.cost)

    def _size_missing(
        self, scope: Scope, declaration: ModuleDeclaration, argument: str
    ) -> None:
        """One complaint for a class: the likely reason is a forgotten flow."""
        node = scope.declaration.node
        assert node is not None
        unknown = (key for key in node.items if key not in NETWORK_KEYS.names)
        names = NETWORK_KEYS.names
        misspelled = (meant_keys(key, names)[:1] == [FORWARD.name] for key in unknown)
        if self.faulty or any(misspelled):
            return
        scope.problems.error(
            "missing-key",
            "`forward:` is missing: it says how data flows through the modules",
            start_of(node),
            "add `forward: {out: x | ...}`",
            Note(
                f"without it `{declaration.label}` needs `{argument}`",
                declaration.place,
            ),
        )

    def _group(
        self,
        scope: Scope,
        declaration: ModuleDeclaration,
        parts: Iterable[ModuleDeclaration],
        kind: str = "Sequential",
    ) -> Module | Faulty:
        found = self.modules(scope, parts)
        if found is FAULTY or self.faulty:
            return FAULTY
        cost = sum((module.cost for module in found), Cost(modules=1))
        return Module(declaration.name, declaration, Group(found, kind), cost)

    def _block(
        self,
        scope: Scope,
        declaration: ModuleDeclaration,
        block: ClassDeclaration,
        given: Given,
    ) -> Module | Faulty:
        if block.forward is not None:
            return self._block_with_flow(scope, declaration, given)
        arguments = block_arguments(scope, declaration, block, given)
        if arguments is FAULTY:
            return FAULTY
        values = with_defaults(scope, block, given, arguments)
        inputs = (FlowValue(self.shape),) * len(block.inputs)
        instance = block_instance(scope, declaration, block, values, inputs)
        if instance is FAULTY:
            return FAULTY
        sizes = input_terms(block.inputs, [self.shape] * len(block.inputs))
        use = Use(instance, arguments, sizes)
        return Module(declaration.name, declaration, use, instance.cost)

    def _block_with_flow(
        self, scope: Scope, declaration: ModuleDeclaration, given: Given
    ) -> Module | Faulty:
        """A block that has a flow, run on an image of the network's size."""
        if "in_channels" not in given:
            self._size_missing(scope, declaration, "in_channels")
            return FAULTY
        node = given["in_channels"].node
        channels: Term | Faulty = argument_value(
            "in_channels", node, POSITIVE, scope.environment, scope.problems
        )
        if channels is FAULTY:
            return FAULTY
        value = FlowValue(Shape(channels, self.shape.size))
        called = call_module(scope, declaration, (value,), declaration.place)
        if called is FAULTY:
            return FAULTY
        return called.module
