"""The records that the catalog consists of: a layer or an operation is one entry.

Everyone else asks the entry, and no one compares its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from math import prod
from typing import Literal

from medt_gen.algebra.python import PythonCode
from medt_gen.algebra.terms import (
    ArgumentValue,
    Datum,
    Shape,
    Term,
    axis_names,
    constant,
)
from medt_gen.catalog.arguments import (
    CHANNELS,
    LENGTH,
    OTHER_CHANNELS,
    Argument,
    Values,
    filled,
)
from medt_gen.catalog.errors import ShapeError
from medt_gen.catalog.forms import Form, printed_text


class Role(Enum):
    """What a tensor of a layer is for."""

    PARAMETER = "a parameter that learns"
    FROZEN = "a parameter that does not learn from the start"
    BUFFER = "a buffer"


@dataclass(frozen=True)
class HeldTensor:
    """A tensor that a layer holds, by its key in the layer's state_dict."""

    name: str
    shape: tuple[int, ...]
    role: Role = Role.PARAMETER

    @property
    def elements(self) -> int:
        """How many values it has."""
        return prod(self.shape)


@dataclass(frozen=True)
class Part:
    """A layer inside of a layer: a row below its row."""

    name: str
    layer: LayerType
    values: Values


@dataclass(frozen=True)
class PartCall:
    """A call of a part, by its name: what it gives, and the products it sums up."""

    name: str
    output: Shape
    work: int = 0


@dataclass(frozen=True)
class Whole:
    """What the parts of a layer tell of it: its sizes, and the rank of its input."""

    sizes: Mapping[str, Datum]
    rank: int


@dataclass(frozen=True)
class Multiple:
    """The argument `dividend` has to be a multiple of `factor` times `divisor`."""

    dividend: str
    divisor: str
    factor: int = 1


ShapeRule = Callable[[Values, Shape], Shape]
"""(arguments, input) -> output. Raises ShapeError."""

Holding = Callable[[Values], tuple[HeldTensor, ...]]
Parts = Callable[[Values, int], tuple[Part, ...]]
Reassembly = Callable[[Mapping[str, Part]], "Whole | None"]
Work = Callable[[Values, Shape, Shape], int]
PartCalls = Callable[[Values, Shape, Shape], tuple[PartCall, ...]]
"""(arguments, input, output) -> the calls of its parts, in their order."""


def same_shape(values: Values, shape: Shape) -> Shape:
    """A layer that keeps the shape."""
    return shape


def nothing_held(values: Values) -> tuple[HeldTensor, ...]:
    """A layer without tensors of its own."""
    return ()


def no_parts(values: Values, rank: int) -> tuple[Part, ...]:
    """A layer without layers inside."""
    return ()


def never(values: Values) -> bool:
    """A layer whose fast class computes all of it."""
    return False


def no_work(values: Values, before: Shape, after: Shape) -> int:
    """A layer that multiplies no matrices."""
    return 0


def summed(length: int, results: int) -> int:
    """The products behind `results` sums of so many: one product is no sum.

    torch multiplies value by value, then, and no matrices.
    """
    return results * length if length > 1 else 0


def no_calls(values: Values, before: Shape, after: Shape) -> tuple[PartCall, ...]:
    """A layer without layers inside."""
    return ()


@dataclass(frozen=True)
class PluginOrigin:
    """The plugin that brings a layer, and the installed package that has it."""

    name: str
    package: str
    version: str

    @property
    def words(self) -> str:
        """What messages call it."""
        return f"the plugin `{self.name}` of {self.package} {self.version}"


@dataclass(frozen=True)
class LayerType:
    """A type that a module may have, with all that is known of it.

    says: one sentence for hover and docs: what it computes, and of which shape.
    shape: what it makes of an input.
    holds: its own tensors, in the order of its state_dict.
    prints: its text in a printout.
    parts: the layers inside of it, which are printed as rows below its own.
    whole: tells it from these parts, where it has any.
    tells_own: which tensors it holds beside them follows from that.
    work: how many products it sums up for one image, those of its parts left out.
    part_calls: what a call of it calls its parts with, where it is called at all.
    ranks: the numbers of axes of space that it takes, None for any.
    instead: the layers that do the like to inputs of other ranks.
    statistics: what it normalises by in training: the batch, or each image.
    apart: what makes it where a batch holds patches, each to be normalised alone: a
        class with the argument `patches`, or around a layer of ours a function of that.
    fast: the class that computes the same, faster.
    defined_only: for which arguments there is its definition alone.
    aliases: its output may share the memory of its input.
    weighty: it mixes values, and gets a statement of its own.
    multiples: which arguments have to be multiples of others; its shape rule refuses
        what is none, and an emitted constructor does.
    opens_gates: it has the method `open_gates`.
    volume_flag: the argument that tells its constructor of volumes.
    own: its class is of `medt_gen.layers`, and not torch's.
    module: the Python module that has its class, of a plugin's layer; the class has the
        layer's name. Only built and emitted source imports it.
    plugin: where it comes from, of a plugin's layer; set when the plugin is used.
    inputs: what it is called with, by torch's names.
    family: layers of one family take the like arguments by the like names: what a
        variant replaces by its like keeps them.
    foreign: the library whose class it is: it can be declared and printed, with the
        modules that it holds, and not be called or built.
    like: the layer whose text it prints, of a foreign one.
    keeps_text: what it prints is no arguments, and is kept as it is.
    """

    name: str
    arguments: tuple[Argument, ...] = ()
    shape: ShapeRule = same_shape
    holds: Holding = nothing_held
    prints: Form = ()
    parts: Parts = no_parts
    whole: Reassembly | None = None
    tells_own: bool = True
    work: Work = no_work
    part_calls: PartCalls = no_calls
    ranks: frozenset[int] | None = None
    instead: Mapping[int, str] = field(default_factory=dict)
    statistics: Literal["batch", "image"] | None = None
    apart: str | None = None
    fast: str | None = None
    aliases: bool = False
    weighty: bool = False
    multiples: tuple[Multiple, ...] = ()
    opens_gates: bool = False
    volume_flag: str | None = None
    own: bool = False
    module: str | None = None
    plugin: PluginOrigin | None = None
    inputs: tuple[str, ...] = ("input",)
    defined_only: Callable[[Values], bool] = never
    family: str | None = None
    foreign: str | None = None
    like: str | None = None
    keeps_text: bool = False
    says: str = field(kw_only=True)

    @property
    def names(self) -> tuple[str, ...]:
        """The argument names, in the constructor's order."""
        return tuple(argument.name for argument in self.arguments)

    def argument(self, name: str) -> Argument:
        """The argument called `name`."""
        return next(item for item in self.arguments if item.name == name)

    def filled(self, given: Mapping[str, ArgumentValue]) -> Values:
        """What is given with the defaults of the rest."""
        return filled(self.arguments, given)

    def normalises(self, values: Values) -> bool:
        """Whether it normalises by statistics of the batch, with these arguments."""
        without = "norms" in values and not values.flag("norms")
        return self.statistics == "batch" and not without

    @property
    def constructor(self) -> str:
        """Its class as emitted code calls it."""
        return self.name if self.own or self.module else f"nn.{self.name}"

    @property
    def annotation(self) -> str:
        """The type of an attribute that holds it."""
        return "nn.Module" if self.own or self.module else self.constructor

    def text(self, values: Values) -> str:
        """What torch prints between the parentheses."""
        return printed_text(self.prints, values)

    def tensors(self, values: Values, rank: int) -> tuple[HeldTensor, ...]:
        """All tensors, those of its parts last, in the order of the state_dict."""
        inner = (
            HeldTensor(f"{part.name}.{item.name}", item.shape, item.role)
            for part in self.parts(values, rank)
            for item in part.layer.tensors(part.values, rank)
        )
        return (*self.holds(values), *inner)

    @property
    def own_names(self) -> tuple[str, ...]:
        """The keys of the tensors that are not its parts', whatever their shapes."""
        sizes = {item.name: constant(1) for item in self.arguments if item.inferred}
        return tuple(tensor.name for tensor in self.holds(self.filled(sizes)))

    def modules(self, values: Values, rank: int) -> int:
        """How many modules it consists of, itself included."""
        parts = self.parts(values, rank)
        return 1 + sum(part.layer.modules(part.values, rank) for part in parts)

    def all_work(self, values: Values, before: Shape, after: Shape) -> int:
        """How many products it sums up for one image, its parts included."""
        inner = self.part_calls(values, before, after)
        return self.work(values, before, after) + sum(call.work for call in inner)

    def inferred(
        self, values: Values, shape: Shape, others: tuple[Shape, ...] = ()
    ) -> dict[str, Term]:
        """The arguments that follow from its inputs; raises ShapeError."""
        found: dict[str, Term] = {}
        for argument in self.arguments:
            if argument.default is CHANNELS:
                found[argument.name] = shape.channels
            elif argument.default is LENGTH:
                found[argument.name] = shape.size[named_axis(values, shape)]
            elif argument.default is OTHER_CHANNELS and others:
                found[argument.name] = others[0].channels
        return found


def named_axis(values: Values, shape: Shape) -> int:
    """The position of the axis that the argument `axis` names; raises ShapeError."""
    names = axis_names(len(shape.size))
    axis = values.data("axis")
    if axis not in names:
        raise ShapeError(
            f"the input {shape} has no axis `{axis}`",
            "its axes are " + " and ".join(f"`{name}`" for name in names),
            "axis",
        )
    return names.index(axis)


@dataclass(frozen=True)
class Arity:
    """How many values of a flow an operation takes besides the piped one."""

    least: int
    most: int | None

    @property
    def takes_values(self) -> bool:
        """Whether there are any."""
        return self.most != 0

    @property
    def unbounded(self) -> bool:
        """Whether there may be any number of them."""
        return self.most is None

    def allows(self, count: int) -> bool:
        """Whether so many are right."""
        return self.least <= count and (self.most is None or count <= self.most)


@dataclass(frozen=True)
class Operand:
    """What an operation is written with: the values, and its arguments as text.

    `rank` is the number of axes of space of the piped value, `ranks` are the others'.
    `listed` are the arguments that are lists: their text may be a name.
    """

    value: PythonCode
    others: tuple[str, ...]
    given: Mapping[str, str]
    rank: int
    ranks: tuple[int, ...] = ()
    listed: frozenset[str] = frozenset()


OperationRule = Callable[[Values, Shape, tuple[Shape, ...]], Shape]
"""(arguments, piped value, other values) -> result. Raises ShapeError."""


@dataclass(frozen=True)
class OperationType:
    """An operation of `forward:`, with all that is known of it.

    shape: what it makes of values.
    code: the expression that it becomes.
    values: how many it takes besides the piped one.
    aliases: its result may share the memory of the piped value.
    helper: the function of `medt_gen.layers` that its code may call.
    takes_parameters: its other values may be tensors that the class holds itself.
    """

    name: str
    summary: str
    shape: OperationRule
    code: Callable[[Operand], PythonCode]
    arguments: tuple[Argument, ...] = ()
    values: Arity = Arity(0, 0)
    aliases: bool = False
    helper: str | None = None
    takes_parameters: bool = False

    def argument(self, name: str) -> Argument:
        """The argument called `name`."""
        return next(item for item in self.arguments if item.name == name)

    def is_word(self, name: str) -> bool:
        """Whether the argument is a word, which decides what is written."""
        return self.argument(name).word

    def filled(self, given: Mapping[str, ArgumentValue]) -> Values:
        """What is given with the defaults of the rest."""
        return filled(self.arguments, given)
