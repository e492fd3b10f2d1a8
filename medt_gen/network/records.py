"""The resolved architecture: every size known, nothing left to look up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from medt_gen.algebra.terms import ArgumentValue, Shape, Term, as_data
from medt_gen.catalog.arguments import NO_VALUES, Values
from medt_gen.catalog.containers import PARAMETER
from medt_gen.catalog.entries import HeldTensor, LayerType
from medt_gen.catalog.initial_values import InitialValue
from medt_gen.spec.declarations import ClassDeclaration, ModuleDeclaration, PatchStep
from medt_gen.spec.pipes import Pipe


@dataclass(frozen=True)
class Cost:
    """What a module holds and does for one image; all by arithmetic."""

    parameters: int = 0
    frozen: int = 0
    buffers: int = 0
    modules: int = 0
    activations: int = 0
    work: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.parameters + other.parameters,
            self.frozen + other.frozen,
            self.buffers + other.buffers,
            self.modules + other.modules,
            self.activations + other.activations,
            self.work + other.work,
        )


@dataclass(frozen=True)
class Leaf:
    """A layer of the catalog with its arguments, in the constructor's order.

    `arguments` holds what was given and what was inferred, defaults left out; `rank` is
    the number of axes of space of its input, or where it stands unused; `patches`
    is how many patches of one image share a call in which each is normalised alone.
    """

    layer: LayerType
    arguments: Mapping[str, ArgumentValue]
    patches: int = 1
    rank: int = 2

    @property
    def volume(self) -> bool:
        """Whether its constructor has to be told that the input is a volume."""
        return self.layer.volume_flag is not None and self.rank == 3

    @cached_property
    def values(self) -> Values:
        """All arguments, those at their defaults, too."""
        return self.layer.filled(self.arguments)

    @property
    def shares_memory(self) -> bool:
        """Whether the output may share the memory of the input."""
        in_place = self.arguments.get("inplace")
        changed = in_place is not None and as_data(in_place) is True
        return self.layer.aliases or changed


@dataclass(frozen=True)
class Use:
    """A use of a block, in terms over the enclosing class's parameters.

    `arguments` are what was given, `sizes` the channels and axes of the input.
    """

    instance: Instance
    arguments: Mapping[str, Any]
    sizes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Printed:
    """What is known of a module that can be printed and not be made.

    `text` stands between its parentheses. An open one has no `layer`: its own tensors
    are not known. A class of another library is one, with these values.
    """

    text: str
    layer: LayerType | None = None
    values: Values = NO_VALUES

    @property
    def lines(self) -> tuple[str, ...]:
        """Its text line by line, as a row of a printout has it."""
        return tuple(self.text.split("\n")) if self.text else ()

    @property
    def tensors(self) -> tuple[HeldTensor, ...]:
        """Those that it is known to hold itself."""
        if self.layer is None or self.layer.keeps_text:
            return ()
        return self.layer.holds(self.values)


@dataclass(frozen=True)
class Group:
    """A container of any kind, or with `printed` a class that can only be printed."""

    children: tuple[Module, ...]
    kind: str = "Sequential"
    printed: Printed | None = None


@dataclass(frozen=True)
class OwnParameter:
    """A tensor that a class holds itself: its shape in torch, and what fills it."""

    shape: tuple[Term, ...]
    value: InitialValue
    arguments: Mapping[str, ArgumentValue]

    @property
    def numbers(self) -> tuple[int, ...]:
        """Its shape as plain integers."""
        return tuple(term.number for term in self.shape)


@dataclass(frozen=True)
class CallShapes:
    """What a module is called with, and what it gives; `others` are further inputs."""

    before: Shape
    after: Shape
    others: tuple[Shape, ...] = ()


@dataclass(frozen=True, eq=False)
class Module:
    """A module of a class: its name, what it is, and what one call makes of its input.

    `body` is None where `when:` says that the module does not exist. `shapes` are the
    input and output of the first call, None for a module that is never called.
    """

    name: str
    declaration: ModuleDeclaration
    body: Leaf | Use | Group | OwnParameter | None
    cost: Cost = Cost()
    calls: int = 0
    shapes: CallShapes | None = None

    @property
    def type(self) -> str:
        """The printed class name."""
        if isinstance(self.body, Leaf):
            return self.body.layer.name
        if isinstance(self.body, Use):
            return self.body.instance.declaration.name
        if isinstance(self.body, OwnParameter):
            return PARAMETER
        return self.body.kind if self.body else "Sequential"

    def child(self, name: str) -> Module:
        """The module of this name in a container."""
        children = self.body.children if isinstance(self.body, Group) else ()
        return next(child for child in children if child.name == name)

    @property
    def shares_memory(self) -> bool:
        """Whether the output may share the memory of an input."""
        if isinstance(self.body, Leaf):
            return self.body.shares_memory
        if isinstance(self.body, Use):
            return self.body.instance.aliases is not None
        children = self.body.children if isinstance(self.body, Group) else ()
        # What is only printed is never called.
        return all(child.shares_memory for child in children)


@dataclass(frozen=True)
class Output:
    """One of several outputs: its key, the value that it is, and its shape."""

    key: str
    value: str
    shape: Shape


@dataclass(frozen=True)
class Outputs:
    """The several outputs of a network: a dict where they are `keyed`, or a tuple."""

    items: tuple[Output, ...]
    keyed: bool


@dataclass(frozen=True, eq=False)
class Flow:
    """The steps of a `forward:` in the order in which they run.

    `outputs` are what it gives where that is not the one value `out`.
    """

    steps: tuple[FlowStep, ...]
    outputs: Outputs | None = None

    @property
    def result(self) -> Shape:
        """The shape of the result, of several that of the first."""
        if self.outputs is not None:
            return self.outputs.items[0].shape
        return next(step for step in self.steps if step.name == "out").shapes[-1]


@dataclass(frozen=True, eq=False)
class FlowStep:
    """A named value: its pipe, or a patch step with a flow of its own.

    `shapes` has the shape of the value that a pipe starts with, then of the result of
    every step; `modules` for every step the module as that call makes it, None for an
    operation and for what does not exist.
    """

    name: str
    body: Pipe | PatchStep
    shapes: tuple[Shape, ...]
    arguments: tuple[Mapping[str, ArgumentValue], ...] = ()
    grid: tuple[int, ...] = ()
    inner: Flow | None = None
    modules: tuple[Module | None, ...] = ()


def patch_shape(whole: Shape, grid: tuple[int, ...]) -> Shape:
    """The shape of one of the patches that `grid` cuts `whole` into."""
    size = (axis // count for axis, count in zip(whole.size, grid, strict=True))
    return Shape(whole.channels, tuple(size))


@dataclass(frozen=True)
class InitialLine:
    """A line of `init:` in a class: its key with the tensor's name, and its function.

    `key` is None where the class holds no such tensor.
    """

    key: str | None
    value: InitialValue
    arguments: Mapping[str, ArgumentValue]


@dataclass(frozen=True, eq=False)
class Instance:
    """A class with its parameters decided: the network, or one use of a block.

    `flow` and `output` are None where the data flow is not known. `others` are the
    inputs behind the first, by name; `aliases` is the input, by its position, whose
    memory the output may share.
    """

    declaration: ClassDeclaration
    arguments: Mapping[str, Any]
    modules: tuple[Module, ...]
    flow: Flow | None
    input: Shape
    output: Shape | None
    cost: Cost
    aliases: int | None = None
    patches: int = 1
    others: Mapping[str, Shape] = field(default_factory=dict)
    initial: tuple[tuple[InitialLine, ...], ...] = ()

    def module(self, name: str) -> Module:
        """The module called `name`, or at this path through containers."""
        first, *rest = name.split(".")
        module = self._by_name[first]
        for key in rest:
            module = module.child(key)
        return module

    @cached_property
    def _by_name(self) -> dict[str, Module]:
        return {module.name: module for module in self.modules}


@dataclass(frozen=True, eq=False)
class BlockClass:
    """A block with all instances that a network makes of it."""

    declaration: ClassDeclaration
    instances: tuple[Instance, ...]


@dataclass(frozen=True, eq=False)
class Network:
    """A resolved spec. `blocks` come in the order of definition: used before users."""

    root: Instance
    blocks: tuple[BlockClass, ...]
    frozen_epochs: int | None = None

    @property
    def name(self) -> str:
        """The printed class of the network."""
        return self.root.declaration.name
